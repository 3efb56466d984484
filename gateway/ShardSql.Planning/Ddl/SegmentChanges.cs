using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>Changes of the shard map alone: segments are split and joined where they are (sharding.md §2).</summary>
public static class SegmentChanges
{
    /// <summary>Segments of a map at most: every gateway holds it whole.</summary>
    public const int SegmentsMax = 100_000;

    /// <summary>What a statement on segments is called.</summary>
    public static string TagOf(SegmentAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return action.Kind switch
        {
            SegmentActionKind.Move => "MOVE SEGMENT",
            SegmentActionKind.Split => "SPLIT SEGMENT",
            _ => "MERGE SEGMENTS",
        };
    }

    /// <summary>The routing key at which the right part of a segment begins.</summary>
    /// <param name="state">Catalog and map.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="values">Leading values of the shard key; all of them where rows are placed by hash.</param>
    /// <exception cref="SqlException">The values are no key of the segment's tables (22023, 22P02 and others).</exception>
    public static byte[] KeyOf(SystemState state, Segment segment, IReadOnlyList<SqlValue> values)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(values);
        TableDescriptor table = TableOf(state, segment);
        bool isWhole = values.Count == table.ShardKey.Count;
        if (values.Count > table.ShardKey.Count || (table.Placement == PlacementKind.Hash && !isWhole))
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                $"the shard key of table \"{table.Name}\" has {table.ShardKey.Count} columns, not {values.Count}");
        }

        var key = new SqlValue[values.Count];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = SqlCast.To(values[i], table.Columns[table.ShardKey[i]].Type, isExplicit: false);
        }

        var builder = new KeyBuilder(table);
        return builder.RoutingKey(builder.Suffix(key));
    }

    /// <summary>The middle of a segment of a table that is placed by hash.</summary>
    /// <exception cref="SqlException">The segment has no middle that can be told without its rows (22023).</exception>
    public static byte[] MiddleOf(SystemState state, Segment segment)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(segment);
        TableDescriptor table = TableOf(state, segment);
        int from = HashBuckets.BucketOf(segment.Range.Start) ?? 0;
        int to = segment.Range.End is { } end && end.AsSpan().StartsWith(RowKeyLayout.GroupPrefix(segment.GroupId))
            ? HashBuckets.BucketOf(end) ?? HashBuckets.Count
            : HashBuckets.Count;
        if (table.Placement != PlacementKind.Hash || to - from < 2)
        {
            throw new SqlException(SqlStates.InvalidParameterValue, $"segment {segment.Id} has no middle that is known")
            {
                Hint = "Say where the right part begins: SPLIT SEGMENT … AT (values of the shard key).",
            };
        }

        return HashBuckets.StartOf(segment.GroupId, (from + to) / 2);
    }

    /// <summary>The change that splits a segment: its left part keeps the number.</summary>
    /// <exception cref="SqlException">The key lies outside, or there are too many segments.</exception>
    public static DdlChange Split(SystemState state, Segment segment, byte[] at)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(segment);
        if (!segment.Range.Contains(at) || ByteKeyComparer.Instance.Equals(at, segment.Range.Start))
        {
            throw new SqlException(SqlStates.InvalidParameterValue, $"the key does not lie inside of segment {segment.Id}")
            {
                Hint = "SHOW SEGMENTS says from where to where each one reaches.",
            };
        }

        if (state.Map.Segments.Count >= SegmentsMax)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded, $"the number of segments has reached the limit of {SegmentsMax}");
        }

        CatalogHeader header = state.Catalog.Header;
        var right = new Segment(
            new SegmentId(header.NextSegmentId), segment.GroupId, segment.Range with { Start = at }, segment.Shard, 1);
        Segment left = segment with { Range = segment.Range with { End = at }, Epoch = segment.Epoch + 1 };
        return Change(state, [segment], [left, right], header with { NextSegmentId = header.NextSegmentId + 1 });
    }

    /// <summary>The change that joins neighbours on one shard; the first one keeps its number.</summary>
    /// <exception cref="SqlException">They are no neighbours, or lie on several shards (22023).</exception>
    public static DdlChange Merge(SystemState state, IReadOnlyList<Segment> segments)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(segments);
        Segment[] parts = [.. segments.OrderBy(static segment => segment.Range.Start, ByteKeyComparer.Instance)];
        for (int i = 1; i < parts.Length; i++)
        {
            if (parts[i].Shard != parts[0].Shard)
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue,
                    $"segments {parts[0].Id} and {parts[i].Id} lie on shards {parts[0].Shard} and {parts[i].Shard}")
                {
                    Hint = "Move them to one shard first: MOVE SEGMENT … TO SHARD ….",
                };
            }

            if (parts[i].GroupId != parts[0].GroupId || parts[i - 1].Range.End is not { } end
                || !ByteKeyComparer.Instance.Equals(end, parts[i].Range.Start))
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue, $"segments {parts[i - 1].Id} and {parts[i].Id} are no neighbours");
            }
        }

        Segment whole = parts[0] with
        {
            Range = parts[0].Range with { End = parts[^1].Range.End }, Epoch = parts[0].Epoch + 1,
        };
        return Change(state, parts, [whole], state.Catalog.Header);
    }

    private static DdlChange Change(
        SystemState state, Segment[] before, Segment[] after, CatalogHeader header)
    {
        header = header with { MapVersion = header.MapVersion + 1 };
        var writes = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance)
        {
            [SystemKeys.Header] = header.Encode(),
        };
        Segment[] gone = [.. before.Where(segment => after.All(kept => kept.Id != segment.Id))];
        foreach (Segment segment in gone)
        {
            writes[SystemKeys.Segment(segment.Id)] = null;
        }

        foreach (Segment segment in after)
        {
            writes[SystemKeys.Segment(segment.Id)] = segment.Encode();
        }

        var catalog = new Catalog(header, state.Catalog.All, state.Catalog.Sequences);
        return new DdlChange
        {
            AddedSegments = after,
            RemovedSegments = gone,
            Shards = [before[0].Shard],
            ExpectedHeader = state.Catalog.Header,
            SystemWrites = [.. writes.Select(static write => (write.Key, write.Value))],
            After = new SystemState(catalog, state.Map.Replace(before, after)),
        };
    }

    private static TableDescriptor TableOf(SystemState state, Segment segment)
    {
        foreach (TableDescriptor table in state.Catalog.OfGroup(segment.GroupId))
        {
            return table;
        }

        throw new SqlException(SqlStates.UndefinedObject, $"segment {segment.Id} holds no table any more");
    }
}
