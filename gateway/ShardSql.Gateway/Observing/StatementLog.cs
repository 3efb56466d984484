using System;
using System.Collections.Generic;
using System.Threading;

using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>The statements that this gateway runs again and again, by the hash of their tree. When it is full, the one
/// that has not run for longest makes room.</summary>
internal sealed class StatementLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, StatementUse> _uses = [];

    /// <summary>The counters of a statement.</summary>
    public StatementUse UseOf(UInt128 hash, Statement statement)
    {
        lock (_gate)
        {
            if (_uses.TryGetValue(hash, out StatementUse? known))
            {
                return known;
            }

            if (_uses.Count == GatewayLimits.MaxStatementsKept)
            {
                RemoveOldest();
            }

            var use = new StatementUse(StatementDigest.Of(hash, statement));
            _uses.Add(hash, use);
            return use;
        }
    }

    /// <summary>Rows of <c>shard.statements</c>.</summary>
    public IReadOnlyList<SqlValue[]> Rows()
    {
        var rows = new List<SqlValue[]>();
        foreach (StatementUse use in All())
        {
            long calls = use.Calls;
            if (calls == 0)
            {
                continue;
            }

            rows.Add(
            [
                SqlValue.FromText(use.Digest),
                SqlValue.FromInt64(calls),
                SqlValue.FromDouble(100.0 * use.Single / calls),
                SqlValue.FromDouble((double)use.Shards / calls),
                SqlValue.FromInt64(use.Retries),
                SqlValue.FromDouble(use.TimeWithin(0.5)),
                SqlValue.FromDouble(use.TimeWithin(0.99)),
                SqlValue.FromText(use.LastPlan),
            ]);
        }

        return rows;
    }

    private List<StatementUse> All()
    {
        lock (_gate)
        {
            return [.. _uses.Values];
        }
    }

    private void RemoveOldest()
    {
        UInt128 oldest = default;
        long least = long.MaxValue;
        foreach ((UInt128 hash, StatementUse use) in _uses)
        {
            if (use.LastUse < least)
            {
                (oldest, least) = (hash, use.LastUse);
            }
        }

        _uses.Remove(oldest);
    }
}
