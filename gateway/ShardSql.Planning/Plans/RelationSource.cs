using System;
using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>Where a relational plan gets rows from: fragments at shards, or the gateway's own tables.</summary>
public sealed class RelationSource
{
    private readonly Func<IReadOnlyList<SqlValue[]>, IReadOnlyList<ShardTask>>? _lookUp;

    /// <summary>A users' table.</summary>
    /// <param name="tasks">What gives all rows that the conditions leave.</param>
    /// <param name="lookUp">What gives only those of some keys; null: it cannot be asked for keys.</param>
    public RelationSource(
        Func<IReadOnlyList<ShardTask>> tasks, Func<IReadOnlyList<SqlValue[]>, IReadOnlyList<ShardTask>>? lookUp)
    {
        All = new Lazy<IReadOnlyList<ShardTask>>(tasks, System.Threading.LazyThreadSafetyMode.None);
        _lookUp = lookUp;
    }

    /// <summary>One of the gateway's tables.</summary>
    public RelationSource(VirtualTable table)
        : this(static () => [], null) => Virtual = table;

    /// <summary>The gateway's table, whose rows it supplies.</summary>
    public VirtualTable? Virtual { get; }

    /// <summary>What is read where no keys are asked for.</summary>
    public Lazy<IReadOnlyList<ShardTask>> All { get; }

    /// <summary>Where rows are found by an index whose entries are elsewhere: what gives the entries; none: they are not.
    /// </summary>
    public Func<IReadOnlyList<ShardTask>> Entries { get; init; } = static () => [];

    /// <summary>What gives the rows of some entries.</summary>
    public Func<IReadOnlyList<SqlValue[]>, IReadOnlyList<ShardTask>> Found { get; init; } = static _ => [];

    /// <summary>The fragments that give the rows.
    public IReadOnlyList<ShardTask> Tasks(IReadOnlyList<SqlValue[]>? keys) =>
        keys is null ? All.Value : _lookUp!(keys);
}
