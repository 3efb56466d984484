using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
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
            SegmentActionKind.MoveSegments => "MOVE SEGMENTS",
            SegmentActionKind.MoveRows => "MOVE ROWS",
            SegmentActionKind.Split => "SPLIT SEGMENT",
            SegmentActionKind.SplitTable => "SPLIT TABLE",
            SegmentActionKind.Reshard => "RESHARD",
            SegmentActionKind.SetPlacement => "ALTER TABLE",
            _ => "MERGE SEGMENTS",
        };
    }

    /// <summary>The table of a name whose rows lie in segments by a shard key.</summary>
    /// <exception cref="SqlException">There is none (42P01), or it has no shard key (42809).</exception>
    public static TableDescriptor RequirePlaced(Catalog catalog, TableName name)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(name);
        SchemaNames.RequireUserSchema(name);
        TableDescriptor table = catalog.Require(name.Name, (int)name.Position);
        return table.ShardKey.Count > 0
            ? table
            : throw new SqlException(
                SqlStates.WrongObjectType, $"\"{table.Name}\" has no shard key", (int)name.Position)
            {
                Hint = "SHOW TABLES lists the tables and how they are placed.",
                Table = table.Name,
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
        return KeyOf(TableOf(state, segment), values);
    }

    /// <summary>The routing key of values of a table's shard key.</summary>
    /// <param name="table">The table.</param>
    /// <param name="values">Leading values of the shard key; all of them where rows are placed by hash.</param>
    /// <exception cref="SqlException">The values are no key of the table (22023, 22P02 and others).</exception>
    public static byte[] KeyOf(TableDescriptor table, IReadOnlyList<SqlValue> values)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(values);
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

    /// <summary>The middle of a segment of a table that is placed by hash; null: it cannot be told without its rows.
    /// </summary>
    public static byte[]? MiddleOf(SystemState state, Segment segment)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(segment);
        TableDescriptor table = TableOf(state, segment);
        int from = HashBuckets.BucketOf(segment.Range.Start) ?? 0;
        int to = segment.Range.End is { } end && end.AsSpan().StartsWith(RowKeyLayout.GroupPrefix(segment.GroupId))
            ? HashBuckets.BucketOf(end) ?? HashBuckets.Count
            : HashBuckets.Count;
        return table.Placement != PlacementKind.Hash || to - from < 2
            ? null
            : HashBuckets.StartOf(segment.GroupId, (from + to) / 2);
    }

    /// <summary>Requires that a segment can be split at a key.</summary>
    /// <exception cref="SqlException">The key lies outside (22023).</exception>
    public static void RequireInside(Segment segment, byte[] at)
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (!segment.Range.Contains(at) || ByteKeyComparer.Instance.Equals(at, segment.Range.Start))
        {
            throw new SqlException(SqlStates.InvalidParameterValue, $"the key does not lie inside of segment {segment.Id}")
            {
                Hint = "SHOW SEGMENTS says from where to where each one reaches.",
            };
        }
    }

    /// <summary>Segments in the order of their keys, which must be neighbours on one shard.</summary>
    /// <exception cref="SqlException">They are no neighbours, or lie on several shards (22023).</exception>
    public static Segment[] RequireNeighbours(IReadOnlyList<Segment> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        Segment[] parts = [.. segments.OrderBy(static segment => segment.Range.Start, ByteKeyComparer.Instance)];
        for (int i = 1; i < parts.Length; i++)
        {
            RequireOneShard(parts[i - 1], parts[i]);
            if (parts[i].GroupId != parts[0].GroupId || parts[i - 1].Range.End is not { } end
                || !ByteKeyComparer.Instance.Equals(end, parts[i].Range.Start))
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue, $"segments {parts[i - 1].Id} and {parts[i].Id} are no neighbours");
            }
        }

        return parts;
    }

    /// <summary>The change after which segments begin at the keys of a step, left parts with the numbers of the whole;
    /// null: they do already.</summary>
    /// <exception cref="SqlException">A key lies in no segment, or there are too many segments.</exception>
    public static DdlChange? Split(SystemState state, MapStep step)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(step);
        var cuts = new SortedDictionary<byte[], (Segment Whole, List<byte[]> Keys)>(ByteKeyComparer.Instance);
        foreach (byte[] key in step.Keys)
        {
            Segment whole = state.Map.Find(key) ?? throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, "a key of the step lies in no segment any more")
            {
                Hint = "Its table has been dropped. CANCEL JOB ends a job that cannot go on.",
            };
            if (ByteKeyComparer.Instance.Equals(key, whole.Range.Start))
            {
                continue;
            }

            if (!cuts.TryGetValue(whole.Range.Start, out (Segment Whole, List<byte[]> Keys) cut))
            {
                cut = (whole, []);
                cuts.Add(whole.Range.Start, cut);
            }

            cut.Keys.Add(key);
        }

        return cuts.Count == 0 ? null : Split(state, cuts.Values);
    }

    private static DdlChange Split(SystemState state, IEnumerable<(Segment Whole, List<byte[]> Keys)> cuts)
    {
        CatalogHeader header = state.Catalog.Header;
        uint next = header.NextSegmentId;
        var before = new List<Segment>();
        var after = new List<Segment>();
        foreach ((Segment whole, List<byte[]> keys) in cuts)
        {
            keys.Sort(ByteKeyComparer.Instance);
            before.Add(whole);
            after.Add(whole with { Range = whole.Range with { End = keys[0] }, Epoch = whole.Epoch + 1 });
            for (int i = 0; i < keys.Count; i++)
            {
                var range = new KeyRange(keys[i], i + 1 < keys.Count ? keys[i + 1] : whole.Range.End);
                after.Add(new Segment(new SegmentId(next++), whole.GroupId, range, whole.Shard, 1));
            }
        }

        return state.Map.Segments.Count + after.Count - before.Count <= SegmentsMax
            ? Change(state, before, after, header with { NextSegmentId = next })
            : throw new SqlException(
                SqlStates.ProgramLimitExceeded, $"the number of segments has reached the limit of {SegmentsMax}");
    }

    /// <summary>The change after which segments do not begin at the keys of a step any more, the first of those that are
    /// joined keeping its number; null: they do not already.</summary>
    /// <exception cref="SqlException">Neighbours lie on several shards, and the step is not optional (22023).</exception>
    public static DdlChange? Join(SystemState state, MapStep step)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(step);
        var keys = new SortedSet<byte[]>(step.Keys, ByteKeyComparer.Instance);
        var before = new List<Segment>();
        var after = new List<Segment>();
        var run = new List<Segment>();
        foreach (Segment segment in state.Map.OfGroup(step.GroupId))
        {
            if (run.Count > 0 && keys.Contains(segment.Range.Start) && IsJoined(run[^1], segment, step))
            {
                run.Add(segment);
                continue;
            }

            Join(run, before, after);
            run = [segment];
        }

        Join(run, before, after);
        return before.Count == 0 ? null : Change(state, before, after, state.Catalog.Header);
    }

    private static bool IsJoined(Segment left, Segment right, MapStep step)
    {
        if (left.Shard == right.Shard || step.IsOptional)
        {
            return left.Shard == right.Shard;
        }

        RequireOneShard(left, right);
        return true;
    }

    private static void RequireOneShard(Segment left, Segment right)
    {
        if (left.Shard != right.Shard)
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                $"segments {left.Id} and {right.Id} lie on shards {left.Shard} and {right.Shard}")
            {
                Hint = "Move them to one shard first: MOVE SEGMENT … TO SHARD ….",
            };
        }
    }

    private static void Join(List<Segment> run, List<Segment> before, List<Segment> after)
    {
        if (run.Count > 1)
        {
            before.AddRange(run);
            after.Add(run[0] with
            {
                Range = run[0].Range with { End = run[^1].Range.End }, Epoch = run[0].Epoch + 1,
            });
        }
    }

    private static DdlChange Change(
        SystemState state, List<Segment> before, List<Segment> after, CatalogHeader header)
    {
        header = header with { MapVersion = header.MapVersion + 1 };
        var writes = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance)
        {
            [SystemKeys.Header] = header.Encode(),
        };
        var kept = new SortedSet<SegmentId>(after.Select(static segment => segment.Id));
        Segment[] gone = [.. before.Where(segment => !kept.Contains(segment.Id))];
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
            Shards = [.. new SortedSet<ShardId>(before.Select(static segment => segment.Shard))],
            Before = state,
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
