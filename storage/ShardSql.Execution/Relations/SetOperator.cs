using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using Kind = ShardSql.Sql.Tree.SetOperator;

namespace ShardSql.Execution.Relations;

/// <summary>UNION, EXCEPT and INTERSECT, with or without ALL.</summary>
internal sealed class SetOperator : Operator
{
    private const int EntryOverheadBytes = 72;

    private readonly SetOperationNode _node;
    private readonly RelationContext _context;
    private readonly Operator _left;
    private readonly Operator _right;
    private readonly ByteWriter _key = new();
    private readonly Dictionary<byte[], long> _counts = new(ByteKeyComparer.Instance);
    private long _charged;
    private DistinctFilter _seen;
    private bool _leftEnded;
    private bool _isCounted;

    public SetOperator(SetOperationNode node, RelationContext context)
    {
        _node = node;
        _context = context;
        _left = Of(node.Left, context);
        _right = Of(node.Right, context);
        _seen = new DistinctFilter(context.Account);
    }

    public override void Start()
    {
        _left.Start();
        _right.Start();
    }

    public override PullState Pull(out SqlValue[] row)
    {
        if (_node.Operator != Kind.Union && !_isCounted)
        {
            row = [];
            if (!CountRight())
            {
                return PullState.Wait;
            }
        }

        while (true)
        {
            PullState state = Next(out row);
            if (state != PullState.Row || (Passes(row) && (_node.All || _seen.IsNew(row))))
            {
                return state;
            }

            if (!_context.TrySpend())
            {
                return PullState.Wait;
            }
        }
    }

    public override void Rewind()
    {
        _left.Rewind();
        _right.Rewind();
        _counts.Clear();
        _context.Account.Release(_charged);
        _charged = 0;
        _seen.Clear();
        _seen = new DistinctFilter(_context.Account);
        _leftEnded = false;
        _isCounted = false;
    }

    private PullState Next(out SqlValue[] row)
    {
        if (!_leftEnded)
        {
            PullState state = _left.Pull(out row);
            if (state != PullState.End || _node.Operator != Kind.Union)
            {
                return state;
            }

            _leftEnded = true;
        }

        return _right.Pull(out row);
    }

    private bool CountRight()
    {
        PullState state;
        while ((state = _right.Pull(out SqlValue[] row)) == PullState.Row)
        {
            byte[] key = RowKeys.KeyOf(_key, row);
            if (_counts.TryGetValue(key, out long count))
            {
                _counts[key] = count + 1;
                continue;
            }

            _context.Account.Reserve(key.Length + EntryOverheadBytes);
            _charged += key.Length + EntryOverheadBytes;
            _counts.Add(key, 1);
        }

        _isCounted = state == PullState.End;
        return _isCounted;
    }

    private bool Passes(SqlValue[] row)
    {
        if (_node.Operator == Kind.Union)
        {
            return true;
        }

        byte[] key = RowKeys.KeyOf(_key, row);
        bool isThere = _counts.TryGetValue(key, out long count) && count > 0;
        if (isThere && _node.All)
        {
            _counts[key] = count - 1;
        }

        return isThere == (_node.Operator == Kind.Intersect);
    }
}
