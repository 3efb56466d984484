using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Tells what can be taken from the quotas of keys, and which of the keys have rows.</summary>
internal sealed class QuotaExecutor : StatementExecutor
{
    private readonly QuotaPlan _plan;
    private readonly byte[][] _keys;
    private readonly Dictionary<byte[], bool> _found = new(ByteKeyComparer.Instance);
    private List<byte[]> _needed = [];
    private int _next;

    public QuotaExecutor(QuotaPlan plan, ExecutionContext context)
        : base(new AccessPath(), context)
    {
        _plan = plan;
        _keys = [.. plan.Keys.Select(static key => key.ToByteArray())];
    }

    public override IReadOnlyList<byte[]> NeededKeys => _needed;

    public override FragmentState Step(int maxRows)
    {
        int end = Math.Min(_next + AccessCursor.SliceRows, _keys.Length);
        if (_next == _keys.Length)
        {
            return FragmentState.Done;
        }

        _needed =
        [
            .. _keys[_next..end]
                .Where(key => !_found.ContainsKey(key) && !Context.Overlay.TryGet(key, out _))
                .Distinct(ByteKeyComparer.Instance),
        ];
        if (_needed.Count > 0)
        {
            return FragmentState.NeedKeys;
        }

        for (; _next < end; _next++)
        {
            byte[] key = _keys[_next];
            bool isThere = Context.Overlay.TryGet(key, out byte[]? own) ? own is not null : _found[key];
            SqlValue free = Context.FreeAt?.Invoke(key) is { } amount
                ? SqlValue.FromDecimal(new Decimal38(amount + Context.Overlay.ChangeOf(key), 0))
                : SqlValue.NullOf(SqlKind.Decimal);
            Context.Output.Add([SqlValue.FromInt64(_plan.Numbers[_next]), SqlValue.FromBoolean(isThere), free]);
        }

        return FragmentState.Yielded;
    }

    public override void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            _found[_needed[i]] = values[i] is not null;
        }
    }

    protected override void Visit(byte[] key, byte[] value) =>
        throw new InvariantException("Quotas have no access path.");
}
