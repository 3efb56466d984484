using System;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Sql;

namespace ShardSql.Planning.Moves;

/// <summary>What steps do to a map.</summary>
public static class MapSteps
{
    /// <summary>The change of a split or a join; null: there is nothing to do.</summary>
    /// <exception cref="SqlException">The step cannot be done.</exception>
    public static DdlChange? ChangeOf(SystemState state, MapStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step.Kind == MapStepKind.Split ? SegmentChanges.Split(state, step) : SegmentChanges.Join(state, step);
    }

    /// <summary>The segment that a move is about.</summary>
    /// <exception cref="SqlException">Others have split or joined it since the step was planned (55000).</exception>
    public static Segment SegmentOf(SystemState state, MapStep move)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(move);
        Segment? segment = state.Map.Find(move.Range.Start);
        return segment is not null && segment.Range == move.Range
            ? segment
            : throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState,
                segment is null
                    ? "the segment of a step is gone: its table has been dropped"
                    : $"the segment of a step is not what it was when it was planned: its keys are of segment {segment.Id} now")
            {
                Hint = "Plan anew for the map as it is: SHOW SEGMENTS.",
            };
    }

    /// <summary>The state when a step is done.</summary>
    /// <exception cref="SqlException">The step cannot be done.</exception>
    public static SystemState After(SystemState state, MapStep step)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(step);
        if (step.Kind != MapStepKind.Move)
        {
            return ChangeOf(state, step)?.After ?? state;
        }

        Segment segment = SegmentOf(state, step);
        Segment moved = segment with { Shard = step.To, Epoch = segment.Epoch + 1 };
        return segment.Shard == step.To ? state : state with { Map = state.Map.Replace([segment], [moved]) };
    }
}
