using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Window functions of one partitioning and order: gathers all rows, sorts them, and goes through one partition
/// at a time.</summary>
internal sealed class WindowOperator : Operator
{
    private const int EntryOverheadBytes = 64;

    private readonly Operator _input;
    private readonly RowKeys _partition;
    private readonly RowKeys _order;
    private readonly WindowFunction[] _functions;
    private readonly RowComparer _comparer;
    private readonly ByteWriter _scratch = new();
    private readonly RowBuffer _kept;
    private readonly List<WindowRow> _rows = [];
    private bool _isSorted;
    private int _end;
    private int _next;

    public WindowOperator(WindowNode node, RelationContext context)
    {
        _input = Of(node.Input, context);
        _partition = new RowKeys(node.Partition, context.Parameters);
        var order = new List<ByteString>();
        var keys = new List<SortKey>();
        foreach (WindowOrder item in node.Order)
        {
            keys.Add(new SortKey
            {
                Column = (uint)order.Count,
                Descending = item.Descending,
                NullsFirst = item.NullsFirst,
            });
            order.Add(item.Value);
        }

        _order = new RowKeys(order, context.Parameters);
        _comparer = new RowComparer(keys);
        _kept = new RowBuffer(context.Account);
        _functions = new WindowFunction[node.Calls.Count];
        for (int i = 0; i < _functions.Length; i++)
        {
            _functions[i] = new WindowFunction(node.Calls[i], _comparer, context.Parameters);
        }
    }

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        row = [];
        if (!_isSorted && !Gather())
        {
            return PullState.Wait;
        }

        if (_next == _rows.Count)
        {
            return PullState.End;
        }

        if (_next == _end)
        {
            BeginPartition();
        }

        WindowRow current = _rows[_next++];
        row = new SqlValue[current.Row.Length + _functions.Length];
        current.Row.CopyTo(row, 0);
        for (int i = 0; i < _functions.Length; i++)
        {
            row[current.Row.Length + i] = _functions[i].Take();
        }

        return PullState.Row;
    }

    public override void Rewind()
    {
        _input.Rewind();
        _kept.Clear();
        _rows.Clear();
        _isSorted = false;
        _end = 0;
        _next = 0;
    }

    private bool Gather()
    {
        PullState state;
        while ((state = _input.Pull(out SqlValue[] row)) == PullState.Row)
        {
            byte[] partition = RowKeys.KeyOf(_scratch, _partition.ValuesOf(row));
            SqlValue[] order = _order.ValuesOf(row);
            _kept.Charge(EntryOverheadBytes + partition.Length + RowBuffer.CostOf(row) + RowBuffer.CostOf(order));
            _rows.Add(new WindowRow(row, partition, order, _rows.Count));
        }

        if (state == PullState.Wait)
        {
            return false;
        }

        _rows.Sort((left, right) =>
        {
            int difference = ByteKeyComparer.Instance.Compare(left.Partition, right.Partition);
            difference = difference != 0 ? difference : _comparer.CompareKeys(left.Order, right.Order);
            return difference != 0 ? difference : left.Number.CompareTo(right.Number);
        });
        _isSorted = true;
        return true;
    }

    private void BeginPartition()
    {
        int start = _end;
        while (_end < _rows.Count
            && ByteKeyComparer.Instance.Equals(_rows[_end].Partition, _rows[start].Partition))
        {
            _end++;
        }

        List<WindowRow> partition = _rows.GetRange(start, _end - start);
        foreach (WindowFunction function in _functions)
        {
            function.Begin(partition);
        }
    }
}

/// <summary>A row with what it is sorted by.</summary>
internal sealed record WindowRow(SqlValue[] Row, byte[] Partition, SqlValue[] Order, int Number);
