using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Inserts rows whose keys and values the planner computed. Each key is read first: one that is there is 23505 or goes
/// to ON CONFLICT, and the read makes its absence part of the transaction. Rows that overwrite were read before; a delta's
/// key is nobody else's, and what is read in its place is its header (sharding.md §4).
/// </summary>
internal sealed class InsertExecutor : StatementExecutor
{
    private readonly InsertPlan _plan;
    private readonly RowDecoder _decoder;
    private readonly TableConstraints _constraints;
    private readonly RowExpression[] _returning;
    private readonly List<byte[]> _needed = [];
    private readonly SortedDictionary<byte[], byte[]> _found = new(ByteKeyComparer.Instance);
    private readonly ConflictResolver? _conflict;
    private readonly EntryWriter _entries;
    private readonly bool _readsKeys;
    private int _asked;
    private int _next;

    public InsertExecutor(InsertPlan plan, ExecutionContext context)
        : base(new AccessPath(), context)
    {
        _plan = plan;
        _decoder = new RowDecoder(plan.Table);
        _constraints = new TableConstraints(plan.Table, plan.Checks, context.Parameters);
        _entries = new EntryWriter(plan.Table, _constraints, context);
        _readsKeys = !plan.Overwrites || !_entries.IsIdle;
        _returning = RowExpression.All(plan.Returning, context.Parameters);
        _conflict = plan.Conflict is null
            ? null
            : new ConflictResolver(plan.Conflict, plan.Table, context.Parameters);
    }

    public override IReadOnlyList<byte[]> NeededKeys => _entries.IsAsking ? _entries.NeededKeys : _needed;

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
                return _entries.Finish();
            }

            if (_next == _asked && _readsKeys && AskForKeys())
            {
                return FragmentState.NeedKeys;
            }

            Insert(_plan.Rows[_next++]);
        }

        return FragmentState.Yielded;
    }

    public override void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        if (_entries.IsAsking)
        {
            _entries.SupplyKeys(values);
            return;
        }

        Invariant.Check(values.Count == _needed.Count, "Each key that was asked for has an answer.");
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                _found[_needed[i]] = value;
            }
        }

        _needed.Clear();
    }

    protected override void Visit(byte[] key, byte[] value) =>
        throw new InvariantException("An insert has no access path.");

    // What is taken must be there when the transaction votes; that it is there now saves the vote.
    private void ChangeQuota(byte[] key, InsertRow insert)
    {
        if (insert.Quota.IsEmpty)
        {
            return;
        }

        byte[] of = insert.Header.IsEmpty ? key : insert.Header.ToByteArray();
        Int128 amount = BinaryPrimitives.ReadInt128BigEndian(insert.Quota.Span);
        if (amount < 0 && Context.FreeAt is { } freeAt && Context.Overlay.ChangeOf(of) + amount + (freeAt(of) ?? 0) < 0)
        {
            throw new SqlException(SqlStates.NoQuota, "the slot has not so much");
        }

        Context.Overlay.Quotas[key] = new RowQuota(of, amount);
    }

    private bool AskForKeys()
    {
        _found.Clear();
        int end = Math.Min(_asked + AccessCursor.SliceRows, _plan.Rows.Count);
        for (; _asked < end; _asked++)
        {
            byte[] key = ReadKeyOf(_plan.Rows[_asked]);
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

        byte[] key = insert.Key.ToByteArray();
        byte[]? present = _readsKeys ? PresentAt(ReadKeyOf(insert)) : null;
        if (!insert.Header.IsEmpty)
        {
            // Not a count of 0: nothing is committed then, and the gateway may go another way under the same name.
            _ = present ?? throw new SqlException(SqlStates.NotSpilled, "the row takes no deltas in this slot");
            ChangeQuota(key, insert);
            Write(key, null, row, insert.Number);
        }
        else if (present is null)
        {
            ChangeQuota(key, insert);
            Write(key, null, row, insert.Number);
        }
        else if (_plan.Overwrites)
        {
            var old = new SqlValue[row.Length];
            _decoder.Decode(present, old);
            Write(key, old, row, insert.Number);
        }
        else
        {
            Resolve(key, present, row, insert.Number);
        }
    }

    private static byte[] ReadKeyOf(InsertRow insert) =>
        (insert.Header.IsEmpty ? insert.Key : insert.Header).ToByteArray();

    private byte[]? PresentAt(byte[] key) =>
        Context.Overlay.TryGet(key, out byte[]? written) ? written : _found.GetValueOrDefault(key);

    private void Resolve(byte[] key, byte[] stored, SqlValue[] proposed, uint number)
    {
        // As in PostgreSQL: what may not be in the table is an error even where something is in its way.
        _constraints.Verify(proposed);
        if (_conflict is null)
        {
            throw _constraints.Duplicate(proposed);
        }

        var present = new SqlValue[proposed.Length];
        _decoder.Decode(stored, present);
        if (_conflict.Resolve(present, proposed) is { } updated)
        {
            Write(key, present, updated, number);
        }
    }

    private void Write(byte[] key, SqlValue[]? old, SqlValue[] row, uint number)
    {
        _conflict?.Touch(key);
        _constraints.Verify(row);
        byte[] stored = _decoder.Encode(row);
        ConstraintErrors.CheckRowLength(stored.Length, _plan.Table.Name);
        Context.Overlay.Put(key, stored);
        _entries.Write(key, old, row);
        RowsAffected++;
        Return(_returning, row, _plan.Numbered ? number : null);
    }
}
