using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Gathers rows into groups, and gives a row for each, in the order of the groups' keys.</summary>
internal sealed class GroupTable
{
    private const int GroupOverheadBytes = 160;
    private const int StateBytes = 64;

    private readonly AggregateSet _aggregates;
    private readonly MemoryAccount _account;
    private readonly Dictionary<byte[], Group> _byKey = new(ByteKeyComparer.Instance);
    private readonly List<Group> _groups = [];
    private long _charged;
    private int _next;

    public GroupTable(Aggregation plan, SqlValue[] parameters, MemoryAccount account)
    {
        _aggregates = new AggregateSet(plan, parameters);
        _account = account;
    }

    /// <summary>Adds a row to its group.</summary>
    public void Add(SqlValue[] row)
    {
        Group group = GroupOf(_aggregates.GroupOf(row));
        Charge(_aggregates.Add(group.States, row));
    }

    /// <summary>Adds a row of partials to its group.</summary>
    public void Merge(SqlValue[] partials)
    {
        Group group = GroupOf(partials[..Math.Min(partials.Length, _aggregates.Groups)]);
        Charge(_aggregates.Merge(group.States, partials));
    }

    /// <summary>No more rows come.</summary>
    public void Finish()
    {
        if (_groups.Count == 0 && _aggregates.Groups == 0)
        {
            // Without GROUP BY there is one group, even of no rows.
            Create([], []);
        }

        _groups.Sort(static (a, b) => ByteKeyComparer.Instance.Compare(a.Key, b.Key));
    }

    /// <summary>The row of the next group.</summary>
    public bool TryTake(out SqlValue[] row)
    {
        if (_next == _groups.Count)
        {
            row = [];
            return false;
        }

        Group group = _groups[_next++];
        row = _aggregates.RowOf(group.Values, group.States, _aggregates.IsPartial);
        return true;
    }

    /// <summary>Forgets all groups and gives their memory back.</summary>
    public void Clear()
    {
        _byKey.Clear();
        _groups.Clear();
        _account.Release(_charged);
        _charged = 0;
    }

    private void Charge(long grown)
    {
        _charged += grown;
        if (grown > 0)
        {
            _account.Reserve(grown);
        }
        else if (grown < 0)
        {
            _account.Release(-grown);
        }
    }

    private Group GroupOf(SqlValue[] values)
    {
        if (_aggregates.Groups == 0)
        {
            return _groups.Count > 0 ? _groups[0] : Create([], []);
        }

        byte[] key = _aggregates.KeyOf(values);
        return _byKey.TryGetValue(key, out Group? group) ? group : Create(key, values);
    }

    private Group Create(byte[] key, SqlValue[] values)
    {
        var group = new Group(key, values, _aggregates.CreateStates());
        long bytes = GroupOverheadBytes + key.Length + ((long)StateBytes * group.States.Length);
        foreach (SqlValue value in values)
        {
            bytes += value.EstimateBytes();
        }

        foreach (IAggregateState state in group.States)
        {
            bytes += state.ExtraBytes;
        }

        _account.Reserve(bytes);
        _charged += bytes;
        _byKey.Add(key, group);
        _groups.Add(group);
        return group;
    }

    private sealed record Group(byte[] Key, SqlValue[] Values, IAggregateState[] States);
}
