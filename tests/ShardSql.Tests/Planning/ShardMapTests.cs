using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;
using Xunit;

namespace ShardSql.Tests.Planning;

public sealed class ShardMapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Divide_buckets_coverTheGroupWithoutGapsEvenly(int parts)
    {
        IReadOnlyList<KeyRange> ranges = HashBuckets.Divide(5, parts);

        Assert.Equal(parts, ranges.Count);
        Assert.Equal(KeyRange.Prefix(RowKeyLayout.GroupPrefix(5)), new KeyRange(ranges[0].Start, ranges[^1].End));
        int[] starts = [.. ranges.Select(r => HashBuckets.BucketOf(r.Start) ?? 0), HashBuckets.Count];
        for (int i = 1; i < ranges.Count; i++)
        {
            Assert.Equal(ranges[i - 1].End, ranges[i].Start);
        }

        Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.InRange(
            pair.Second - pair.First, HashBuckets.Count / parts, (HashBuckets.Count / parts) + 1));
    }

    [Fact]
    public void Find_everyKey_isInTheSegmentThatHoldsIt()
    {
        var map = new ShardMap(1, [new ShardId(1)], Segments());

        Assert.Equal(1u, map.Find([0, 0, 0, 1])!.Id.Value);
        Assert.Equal(1u, map.Find([0, 0, 0, 1, 4, 255])!.Id.Value);
        Assert.Equal(2u, map.Find([0, 0, 0, 1, 5])!.Id.Value);
        Assert.Equal(3u, map.Find([0, 0, 0, 3, 9])!.Id.Value);
        Assert.Null(map.Find([0, 0, 0, 2, 1]));
        Assert.Null(map.Find([0, 0, 0, 0]));
    }

    [Fact]
    public void Overlapping_range_givesItsSegmentsInOrder()
    {
        var map = new ShardMap(1, [new ShardId(1)], Segments());

        Assert.Equal([1u, 2u], [.. map.Overlapping(new([0, 0, 0, 1, 4], [0, 0, 0, 1, 6])).Select(s => s.Id.Value)]);
        Assert.Equal([2u], [.. map.Overlapping(new([0, 0, 0, 1, 5], [0, 0, 0, 1, 6])).Select(s => s.Id.Value)]);
        Assert.Equal([3u], [.. map.OfGroup(3).Select(s => s.Id.Value)]);
        Assert.Equal(3, map.Overlapping(KeyRange.All).Count);
        Assert.Empty(map.OfGroup(2));
    }

    [Fact]
    public void With_segmentsOfADroppedGroup_areGoneAndTheVersionRises()
    {
        ShardMap map = new ShardMap(8, [new ShardId(1)], Segments()).With([], removedGroup: 1);

        Assert.Equal(9u, map.Version);
        Assert.Equal([3u], [.. map.Segments.Select(s => s.Id.Value)]);
    }

    [Fact]
    public void Constructor_overlappingSegments_isAnInvariant() => Assert.Throws<InvariantException>(() =>
        new ShardMap(1, [], [.. Segments(), new Segment(new(9), 1, new([0, 0, 0, 1, 2], [0, 0, 0, 1, 3]), default, 1)]));

    [Fact]
    public void Segment_codec_roundTrips()
    {
        foreach (Segment segment in Segments())
        {
            Assert.Equal(segment, Segment.Decode(segment.Encode()));
        }

        Assert.Throws<InvariantException>(() => Segment.Decode(Segments()[0].Encode()[..^1]));
    }

    [Fact]
    public void RowsOf_segmentBounds_becomeRowKeysOfTheTable()
    {
        KeyRange all = RowKeyLayout.RowsOf(1024, 7, KeyRange.Prefix([0, 0, 0, 7]));
        KeyRange upper = RowKeyLayout.RowsOf(1024, 7, new([0, 0, 0, 7, 8, 9], [0, 0, 0, 8]));

        Assert.Equal(KeyRange.Prefix([0, 0, 4, 0, 0, 0]), all);
        Assert.Equal(new KeyRange([0, 0, 4, 0, 0, 0, 8, 9], all.End), upper);
    }

    [Theory]
    [InlineData("SHARD BY HASH (a)")]
    [InlineData("SHARD BY HASH (b) INTO 5 SEGMENTS")]
    [InlineData("SHARD BY RANGE (a) SPLIT AT VALUES (-5), (0), (7)")]
    [InlineData("SHARD BY RANGE (b, a) SPLIT AT VALUES ('f'), ('f', 3), ('x')")]
    [InlineData("SINGLE")]
    public void Rows_ofAnyPlacement_lieWhereTheMapSaysTheirRoutingKeyLies(string placement)
    {
        var database = new MemoryDatabase(3);
        database.Run($"CREATE TABLE t (a int, b text, PRIMARY KEY (a, b)) {placement}");
        var prng = new Prng(11);
        for (int i = 0; i < 200; i++)
        {
            SqlValue a = SqlValue.FromInt32(prng.Next(-10, 1000) - (i % 3));
            SqlValue b = SqlValue.FromText(new string((char)('a' + prng.Next(26)), prng.Next(3)) + i);
            database.Run("INSERT INTO t VALUES (@a, @b)", ("a", a), ("b", b));
            TableDescriptor table = database.State.Catalog.Require("t");
            var keys = new KeyBuilder(table);
            byte[] suffix = keys.SuffixOf([a, b]);
            Segment segment = database.State.Map.Find(keys.RoutingKey(suffix))!;

            Assert.True(database.Rows(segment.Shard.Value).ContainsKey(keys.RowKey(suffix)));
            Assert.True(keys.Rows(KeyRange.All, segment).Contains(keys.RowKey(suffix)));
            Assert.Equal(
                ["1"],
                database.Text("SELECT count(*) FROM t WHERE a = @a AND b = @b", ("a", a), ("b", b)));
        }
    }

    [Fact]
    public void Plan_mapWithoutTheTable_isAStaleMap()
    {
        var database = new MemoryDatabase(2);
        database.Run("CREATE TABLE t (a int PRIMARY KEY)");
        SystemState stale = database.State with { Map = new ShardMap(1, database.State.Map.DataShards, []) };

        foreach (string sql in new[] { "SELECT * FROM t WHERE a = 1", "SELECT * FROM t", "INSERT INTO t VALUES (1)" })
        {
            SqlException error = Assert.Throws<SqlException>(() => Sql(database, stale, sql));
            Assert.Equal(SqlStates.StaleShardMap, error.SqlState);
        }
    }

    [Fact]
    public void SystemState_rowsOfDdl_loadToTheSameState()
    {
        var database = new MemoryDatabase(3);
        var rows = new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);
        string[] statements =
        [
            "CREATE TABLE a (id int PRIMARY KEY, x decimal(9,2) DEFAULT 1.5, CHECK (x > 0))",
            "CREATE TABLE b (id int, n int, PRIMARY KEY (id, n)) COLOCATED WITH a ON (id)",
            "CREATE TABLE c (k text) REFERENCE",
            "CREATE TABLE d (k text PRIMARY KEY) SHARD BY RANGE (k) SPLIT AT VALUES ('m')",
            "DROP TABLE d",
        ];
        foreach (string sql in statements)
        {
            database.Run(sql);
            foreach ((byte[] key, byte[]? value) in database.LastPlan.Ddl!.SystemWrites)
            {
                if (value is null)
                {
                    Assert.True(rows.Remove(key));
                }
                else
                {
                    rows[key] = value;
                }
            }
        }

        Assert.All(rows.Keys, key => Assert.True(SystemKeys.All.Contains(key)));
        SystemState loaded = SystemState.Load(rows, database.State.Map.DataShards);

        Assert.Equal(database.State.Catalog.Header, loaded.Catalog.Header);
        Assert.Equal(database.State.Map.Version, loaded.Map.Version);
        Assert.Equal(database.State.Map.Segments, loaded.Map.Segments);
        Assert.Equal(
            database.State.Catalog.Tables.Select(t => Convert.ToHexString(TableDescriptorCodec.Encode(t))),
            loaded.Catalog.Tables.Select(t => Convert.ToHexString(TableDescriptorCodec.Encode(t))));
    }

    private static void Sql(MemoryDatabase database, SystemState state, string sql) => Planner.Plan(
        SqlParser.Parse(sql).Statements[0], database.Context() with { State = state });

    private static Segment[] Segments() =>
    [
        new(new SegmentId(2), 1, new KeyRange([0, 0, 0, 1, 5], [0, 0, 0, 2]), new ShardId(2), 4),
        new(new SegmentId(1), 1, new KeyRange([0, 0, 0, 1], [0, 0, 0, 1, 5]), new ShardId(1), 1),
        new(new SegmentId(3), 3, new KeyRange([0, 0, 0, 3], null), new ShardId(1), 1),
    ];
}
