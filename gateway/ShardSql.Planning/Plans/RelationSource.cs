using System;
using System.Collections.Generic;
using System.Threading;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>Where a relational plan gets rows from: fragments at shards, or the gateway's own tables.</summary>
public sealed class RelationSource
{
    private readonly Lazy<SourceRead> _all;
    private readonly Func<IReadOnlyList<SqlValue[]>, SourceRead>? _lookUp;

    /// <summary>A users' table.</summary>
    /// <param name="all">What gives all rows that the conditions leave.</param>
    /// <param name="lookUp">What gives only those of some keys; null: it cannot be asked for keys.</param>
    public RelationSource(Func<SourceRead> all, Func<IReadOnlyList<SqlValue[]>, SourceRead>? lookUp)
    {
        _all = new Lazy<SourceRead>(all, LazyThreadSafetyMode.None);
        _lookUp = lookUp;
    }

    /// <summary>One of the gateway's tables.</summary>
    public RelationSource(VirtualTable table)
        : this(static () => new SourceRead([]), null) => Virtual = table;

    /// <summary>The gateway's table, whose rows it supplies.</summary>
    public VirtualTable? Virtual { get; }

    /// <summary>What gives the rows: of these keys, or all.</summary>
    public SourceRead Read(IReadOnlyList<SqlValue[]>? keys) => keys is null ? _all.Value : _lookUp!(keys);
}
