using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Gateway.Moves;

/// <summary>What statements on segments name, as the map has it.</summary>
internal static class SegmentNames
{
    /// <summary>The segment of an id; 42704 where there is none.</summary>
    public static Segment Require(SystemState state, SegmentId id) => state.Map.Find(id)
        ?? throw new SqlException(SqlStates.UndefinedObject, $"segment {id} does not exist")
        {
            Hint = "SHOW SEGMENTS lists the segments.",
        };

    /// <summary>A shard that can hold segments; 42704 for any other.</summary>
    public static ShardId Require(SystemState state, ShardId shard) =>
        System.Linq.Enumerable.Contains(state.Map.DataShards, shard)
            ? shard
            : System.Linq.Enumerable.Contains(state.Map.CopyShards, shard)
            ? throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"shard {shard} is not open yet: it gets its copies of reference tables")
            {
                Hint = "SHOW JOBS lists the job that creates it; WAIT JOB waits for it.",
            }
            : throw new SqlException(SqlStates.UndefinedObject, $"shard {shard} does not exist")
            {
                Hint = "SHOW SHARDS lists the shards.",
            };
}
