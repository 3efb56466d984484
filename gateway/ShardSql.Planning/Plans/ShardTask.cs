using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Plans;

/// <summary>The part of a statement that one shard runs.</summary>
public sealed record ShardTask
{
    /// <summary>Where.</summary>
    public required ShardId Shard { get; init; }

    /// <summary>A <c>Fragment</c> of plan.proto, for FragmentRun.</summary>
    public required ReadOnlyMemory<byte> Fragment { get; init; }

    /// <summary>The values of the statement's parameters, a RowCodec row; empty: it uses none.</summary>
    public required ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>The table versions that the plan was made with.</summary>
    public required IReadOnlyList<TableGuard> Tables { get; init; }

    /// <summary>The tables by id.</summary>
    public IReadOnlyCollection<uint> TableIds
    {
        get
        {
            var ids = new SortedSet<uint>();
            foreach (TableGuard guard in Tables)
            {
                ids.Add(guard.TableId);
            }

            return ids;
        }
    }

    /// <summary>The segment epochs that the plan was made with.</summary>
    public required IReadOnlyList<SegmentGuard> Segments { get; init; }

    /// <summary>Whether its rows affected count: of the copies of a reference table only the first does.</summary>
    public bool CountsRows { get; init; } = true;
}
