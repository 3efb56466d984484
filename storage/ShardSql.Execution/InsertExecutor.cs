using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Inserts rows whose keys and values the planner computed. Each key is read first: one that is there is 23505, and
/// the read makes its absence part of the transaction.
/// </summary>
internal sealed class InsertExecutor : StatementExecutor
{
    private readonly InsertPlan _plan;
    private readonly RowDecoder _decoder;
    private readonly TableConstraints _constraints;
    private readonly RowExpression[] _returning;
    private readonly List<byte[]> _needed = [];
    private readonly List<byte[]> _found = [];
    private int _asked;
    private int _next;

    public InsertExecutor(InsertPlan plan, ExecutionContext context)
        : base(new AccessPath(), context)
    {
        _plan = plan;
        _decoder = new RowDecoder(plan.Table);
        _constraints = new TableConstraints(plan.Table, plan.Checks, context.Parameters);
        _returning = RowExpression.All(plan.Returning, context.Parameters);
    }

    public override IReadOnlyList<byte[]> NeededKeys => _needed;

    public override FragmentState Step(int maxRows)
    {
        for (int i = 0; i < maxRows; i++)
        {
            if (Context.Output.IsFull)
            {
                return FragmentState.Yielded;
            }

            if (_next == _plan.Rows.Count)
            {
                return FragmentState.Done;
            }

            if (_next == _asked && AskForKeys())
            {
                return FragmentState.NeedKeys;
            }

            Insert(_plan.Rows[_next++]);
        }

        return FragmentState.Yielded;
    }

    public override void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        Invariant.Check(values.Count == _needed.Count, "Each key that was asked for has an answer.");
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is not null)
            {
                _found.Add(_needed[i]);
            }
        }

        _needed.Clear();
    }

    protected override void Visit(byte[] key, byte[] value) =>
        throw new InvariantException("An insert has no access path.");

    private bool AskForKeys()
    {
        _found.Clear();
        int end = Math.Min(_asked + AccessCursor.SliceRows, _plan.Rows.Count);
        for (; _asked < end; _asked++)
        {
            byte[] key = _plan.Rows[_asked].Key.ToByteArray();
            if (!Context.Overlay.TryGet(key, out _))
            {
                _needed.Add(key);
            }
        }

        return _needed.Count > 0;
    }

    private void Insert(InsertRow insert)
    {
        var reader = new ByteReader(insert.Row.Span);
        SqlValue[] row = RowCodec.Read(ref reader);
        if (!reader.EndedWell || row.Length != _plan.Table.Columns.Count)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed row in a fragment");
        }

        _constraints.Verify(row);
        byte[] key = insert.Key.ToByteArray();
        bool present = Context.Overlay.TryGet(key, out byte[]? written)
            ? written is not null
            : IsFound(key);
        if (present)
        {
            throw _constraints.Duplicate(row);
        }

        Context.Overlay.Put(key, _decoder.Encode(row));
        RowsAffected++;
        Return(_returning, row, _plan.Numbered ? insert.Number : null);
    }

    private bool IsFound(byte[] key)
    {
        foreach (byte[] found in _found)
        {
            if (ByteKeyComparer.Instance.Equals(found, key))
            {
                return true;
            }
        }

        return false;
    }
}
