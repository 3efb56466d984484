using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;
using Xunit;

namespace ShardSql.Tests.Planning;

/// <summary>Steps from one map to another: what they do, and that their opposites take it back.</summary>
public sealed class MapPlannerTests
{
    private const int Keys = 40;

    [Theory]
    [InlineData("(id int PRIMARY KEY) SHARD BY RANGE (id) SPLIT AT VALUES (10), (20)")]
    [InlineData("(id int PRIMARY KEY) SHARD BY HASH (id) INTO 5 SEGMENTS")]
    [InlineData("(id int PRIMARY KEY) SHARD BY HASH (id) INTO 1 SEGMENTS")]
    public void MoveRanges_of_rows_gives_each_its_owner_and_the_opposite_steps_take_all_back(string definition)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var database = new MemoryDatabase(shards: 3);
            database.Run("CREATE TABLE t " + definition);
            TableDescriptor table = database.State.Catalog.Require("t", 0);
            SystemState state = database.State;
            for (int round = 0; round < 3; round++)
            {
                Dictionary<int, ShardId> owners = OwnersOf(state, table);
                List<RangeMove> moves = [];
                foreach (int id in Enumerable.Range(0, Keys).Where(_ => random.Next(3) == 0))
                {
                    owners[id] = new ShardId((uint)random.Next(1, 4));
                    moves.Add(new RangeMove(table.GroupId, KeyRange.Prefix(KeyOf(table, id)), owners[id]));
                }

                IReadOnlyList<MapStep> steps = MapPlanner.MoveRanges(state.Map, moves, coalesces: random.Next(2) == 0);
                SystemState after = Apply(state, steps);
                Assert.Equal(owners, OwnersOf(after, table));
                SystemState back = Apply(after, steps.Reverse().Select(Reread).Select(static step => step.Opposite()));
                Assert.Equal(Shape(state), Shape(back));
                state = after;
            }
        }
    }

    [Fact]
    public void MoveRanges_of_a_row_there_and_back_leaves_no_segment_of_its_own()
    {
        var database = new MemoryDatabase(shards: 3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY) SHARD BY RANGE (id) SPLIT AT VALUES (10), (20)");
        TableDescriptor table = database.State.Catalog.Require("t", 0);
        KeyRange row = KeyRange.Prefix(KeyOf(table, 5));
        ShardId home = database.State.Map.Find(row.Start)!.Shard;
        ShardId away = new(home.Value == 1 ? 2u : 1u);
        SystemState there = Apply(
            database.State, MapPlanner.MoveRanges(database.State.Map, [new RangeMove(table.GroupId, row, away)], coalesces: true));
        Assert.Equal(5, there.Map.Segments.Count);
        SystemState back = Apply(
            there, MapPlanner.MoveRanges(there.Map, [new RangeMove(table.GroupId, row, home)], coalesces: true));
        Assert.Equal(Shape(database.State), Shape(back));
        Assert.Empty(MapPlanner.MoveRanges(back.Map, [new RangeMove(table.GroupId, row, home)], coalesces: true));
    }

    [Fact]
    public void After_a_step_that_is_done_there_is_nothing_to_do()
    {
        var database = new MemoryDatabase(shards: 3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY) SHARD BY RANGE (id)");
        TableDescriptor table = database.State.Catalog.Require("t", 0);
        MapStep split = MapPlanner.Split(database.State.Map, table.GroupId, [KeyOf(table, 7), KeyOf(table, 3), KeyOf(table, 7)]).Single();
        SystemState after = MapSteps.After(database.State, split);
        Assert.Equal(3, after.Map.Segments.Count);
        Assert.Null(MapSteps.ChangeOf(after, split));
        Assert.Empty(MapPlanner.Split(after.Map, table.GroupId, [KeyOf(table, 3)]));
        SystemState joined = MapSteps.After(after, split.Opposite());
        Assert.Null(MapSteps.ChangeOf(joined, split.Opposite()));
        Assert.Equal(Shape(database.State), Shape(joined));
    }

    [Fact]
    public void Join_of_segments_of_several_shards_is_refused_unless_it_is_optional()
    {
        var database = new MemoryDatabase(shards: 3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY) SHARD BY RANGE (id) SPLIT AT VALUES (10), (20)");
        Segment[] segments = [.. database.State.Map.Segments];
        Assert.NotEqual(segments[0].Shard, segments[1].Shard);
        MapStep join = MapPlanner.Join(segments).Single();
        Assert.Equal(SqlStates.InvalidParameterValue, Assert.Throws<SqlException>(() => MapSteps.ChangeOf(database.State, join)).SqlState);
        Assert.Null(MapSteps.ChangeOf(database.State, join with { IsOptional = true }));
    }

    [Fact]
    public void After_refuses_a_move_whose_segment_others_have_split()
    {
        var database = new MemoryDatabase(shards: 3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY) SHARD BY RANGE (id)");
        TableDescriptor table = database.State.Catalog.Require("t", 0);
        Segment whole = database.State.Map.Segments.Single();
        MapStep move = MapPlanner.MoveSegments([whole], new ShardId(whole.Shard.Value == 1 ? 2u : 1u)).Single();
        SystemState split = Apply(database.State, MapPlanner.Split(database.State.Map, table.GroupId, [KeyOf(table, 3)]));
        Assert.Equal(
            SqlStates.ObjectNotInPrerequisiteState, Assert.Throws<SqlException>(() => MapSteps.After(split, move)).SqlState);
    }

    [Fact]
    public void BoundText_of_the_end_of_a_row_names_the_row()
    {
        var database = new MemoryDatabase(shards: 3);
        database.Run("CREATE TABLE t (id text PRIMARY KEY) SHARD BY HASH (id)");
        TableDescriptor table = database.State.Catalog.Require("t", 0);
        KeyRange row = KeyRange.Prefix(SegmentChanges.KeyOf(table, [SqlValue.FromText("ab")]));
        int? bucket = HashBuckets.BucketOf(row.Start);
        Assert.Equal($"bucket {bucket} (ab)", VirtualRows.BoundText(table, row.Start));
        Assert.Equal($"bucket {bucket} after (ab)", VirtualRows.BoundText(table, row.End));
    }

    private static SystemState Apply(SystemState state, IEnumerable<MapStep> steps) =>
        steps.Aggregate(state, static (now, step) => MapSteps.After(now, step));

    private static MapStep Reread(MapStep step)
    {
        var writer = new ByteWriter();
        step.Write(writer);
        var reader = new ByteReader(writer.WrittenSpan);
        var read = MapStep.Read(ref reader);
        Assert.True(reader.EndedWell);
        return read;
    }

    private static Dictionary<int, ShardId> OwnersOf(SystemState state, TableDescriptor table) =>
        Enumerable.Range(0, Keys).ToDictionary(static id => id, id => state.Map.Find(KeyOf(table, id))!.Shard);

    private static byte[] KeyOf(TableDescriptor table, int id) => SegmentChanges.KeyOf(table, [SqlValue.FromInt32(id)]);

    private static IEnumerable<string> Shape(SystemState state) => state.Map.Segments.Select(
        static segment => $"{Convert.ToHexString(segment.Range.Start)} {segment.Shard}");
}
