using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Statements;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Resharding;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Plans;

/// <summary>Thinks out what a statement on segments asks for; what cannot be done is refused here, before anything
/// changes.</summary>
internal sealed class PlanMaker(GatewayServices services)
{
    /// <summary>The steps for a map as it is now.</summary>
    public async Task<PlanDraft> MakeAsync(SegmentWish wish, MoveOptions options, CancellationToken ended)
    {
        SystemState state = await services.Catalog.NewestAsync(ended);
        if (wish.Kind == SegmentActionKind.Reshard)
        {
            return await new ReshardMaker(services, state).MakeAsync(wish, options, ended);
        }

        (string target, IReadOnlyList<MapStep> steps) = wish.Kind switch
        {
            SegmentActionKind.Move => MoveSegment(state, wish),
            SegmentActionKind.MoveSegments => MoveSegments(state, wish, options),
            SegmentActionKind.MoveRows => MoveRows(state, wish),
            SegmentActionKind.Split => await SplitSegmentAsync(state, wish, ended),
            SegmentActionKind.SplitTable => await SplitTableAsync(state, wish, ended),
            SegmentActionKind.SetPlacement => await ArrangeAsync(wish, ended),
            _ => Merge(state, wish),
        };
        RequireFew(steps, options, wish);
        return new PlanDraft(wish.Tag, target, state, steps);
    }

    private static void RequireFew(IReadOnlyList<MapStep> steps, MoveOptions options, SegmentWish wish)
    {
        int moves = steps.Count(static step => step.Kind == MapStepKind.Move);
        if (moves > options.MaxMoves)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded, $"{wish.Tag} takes {moves} moves, and max_moves is {options.MaxMoves}")
            {
                Hint = "Raise max_moves, or name fewer.",
            };
        }

        if (steps.Count > GatewayLimits.MaxSteps)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded,
                $"{wish.Tag} takes {steps.Count} steps, and a job has at most {GatewayLimits.MaxSteps}")
            {
                Hint = "Do it in several statements.",
            };
        }
    }

    private static (string Target, IReadOnlyList<MapStep> Steps) MoveSegment(SystemState state, SegmentWish wish)
    {
        Segment moved = SegmentNames.Require(state, wish.Segments[0]);
        ShardId to = SegmentNames.Require(state, wish.Shard!.Value);
        return ($"segment {moved.Id} from shard {moved.Shard} to shard {to}", MapPlanner.MoveSegments([moved], to));
    }

    private static (string Target, IReadOnlyList<MapStep> Steps) MoveSegments(
        SystemState state, SegmentWish wish, MoveOptions options)
    {
        TableDescriptor table = SegmentChanges.RequirePlaced(state.Catalog, wish.Table!);
        ShardId to = SegmentNames.Require(state, wish.Shard!.Value);
        int name = VirtualTables.Segments.OrdinalOf("segment");
        int group = VirtualTables.Segments.OrdinalOf("colocation_group");
        var meant = new List<Segment>();
        foreach (SqlValue[] row in VirtualRows.Segments(state, static _ => "?"))
        {
            if (row[group].AsInt32() == (int)table.GroupId && wish.Filter(row)
                && SegmentId.TryParse(row[name].AsText()) is { } id && state.Map.Find(id) is { } segment
                && segment.Shard != to)
            {
                meant.Add(segment);
            }
        }

        int taken = Math.Min(meant.Count, options.MaxMoves);
        return (
            $"{taken} of {meant.Count} segments of {table.Name} to shard {to}",
            MapPlanner.MoveSegments(meant.Take(taken), to));
    }

    private static (string Target, IReadOnlyList<MapStep> Steps) MoveRows(SystemState state, SegmentWish wish)
    {
        TableDescriptor table = SegmentChanges.RequirePlaced(state.Catalog, wish.Table!);
        ShardId to = SegmentNames.Require(state, wish.Shard!.Value);
        var keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        foreach (SqlValue[] row in wish.Rows)
        {
            if (row.Length != table.ShardKey.Count)
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue,
                    $"the shard key of table \"{table.Name}\" has {table.ShardKey.Count} columns, not {row.Length}");
            }

            keys.Add(SegmentChanges.KeyOf(table, row));
        }

        return (
            $"{keys.Count} rows of {table.Name} to shard {to}",
            MapPlanner.MoveRanges(
                state.Map, [.. keys.Select(key => new RangeMove(table.GroupId, KeyRange.Prefix(key), to))], coalesces: true));
    }

    private async Task<(string Target, IReadOnlyList<MapStep> Steps)> SplitSegmentAsync(
        SystemState state, SegmentWish wish, CancellationToken ended)
    {
        Segment segment = SegmentNames.Require(state, wish.Segments[0]);
        byte[] at = wish.At.Count > 0 ? SegmentChanges.KeyOf(state, segment, wish.At)
            : wish.AtLoad ? LoadMiddleOf(state, segment)
            : SegmentChanges.MiddleOf(state, segment) ?? (await QuantilesAsync(state, [segment], 2, ended)).FirstOrDefault() ?? throw TooFewRows();
        SegmentChanges.RequireInside(segment, at);
        return ($"segment {segment.Id}", MapPlanner.Split(state.Map, segment.GroupId, [at]));
    }

    private byte[] LoadMiddleOf(SystemState state, Segment segment)
    {
        LoadMiddle middle = LoadMiddle.Of(state, ReshardMaker.Known(services).Graph, segment);
        if (middle.Key is { } key)
        {
            return key;
        }

        string hint = "SHOW HOT KEYS lists what it has seen. SPLIT SEGMENT … AT MIDPOINT divides the rows instead.";
        (string why, hint) = middle switch
        {
            { Touches: < LoadMiddle.TouchesMin } => (
                $"of late this gateway has seen its rows touched {middle.Touches} times, of {LoadMiddle.TouchesMin} that it takes",
                hint),
            { Keys: 1 } => (
                "it is that of one key", "MOVE ROWS OF t KEYS ((…)) TO SHARD d gives it a shard to itself."),
            _ => ($"{middle.KnownPerMille / 10} % of it are of rows that this gateway knows one by one", hint),
        };
        throw new SqlException(
            SqlStates.ObjectNotInPrerequisiteState, $"nobody can tell where the load of segment {segment.Id} has its middle: {why}")
        {
            Hint = hint,
        };
    }

    private async Task<(string Target, IReadOnlyList<MapStep> Steps)> SplitTableAsync(
        SystemState state, SegmentWish wish, CancellationToken ended)
    {
        TableDescriptor table = SegmentChanges.RequirePlaced(state.Catalog, wish.Table!);
        IEnumerable<byte[]> keys = wish.Parts is not { } parts
            ? wish.Rows.Select(row => SegmentChanges.KeyOf(table, row))
            : parts < 1 || parts > HashBuckets.Count
                ? throw new SqlException(
                    SqlStates.InvalidParameterValue, $"a table is split into 1 to {HashBuckets.Count} segments, not {parts}")
            : table.Placement == PlacementKind.Hash
                ? HashBuckets.Divide(table.GroupId, parts).Skip(1).Select(static range => range.Start)
            : await QuantilesAsync(state, state.Map.OfGroup(table.GroupId), parts, ended);
        return ($"table {table.Name}", MapPlanner.Split(state.Map, table.GroupId, keys));
    }

    private async Task<(string Target, IReadOnlyList<MapStep> Steps)> ArrangeAsync(SegmentWish wish, CancellationToken ended)
    {
        StatementPlan plan = await services.Planner.PlanAsync(wish.Statement!, [], PlanHints.None, ended);
        string name = wish.Statement!.Segment.Table.Name;
        return plan.MapSteps is { } steps
            ? ($"table {name}: {(steps.Count == 0 ? "placed like this already" : "segments arranged")}", steps)
            : throw new SqlException(
                SqlStates.ObjectInUse, $"another statement changes the placement of table \"{name}\"") { Hint = "Try again." };
    }

    private static (string Target, IReadOnlyList<MapStep> Steps) Merge(SystemState state, SegmentWish wish)
    {
        Segment[] parts = SegmentChanges.RequireNeighbours([.. wish.Segments.Select(id => SegmentNames.Require(state, id))]);
        return (string.Join(", ", parts.Select(static part => part.Id)), MapPlanner.Join(parts));
    }

    /// <summary>The keys that divide the rows of segments evenly; 22023 where they are too few.</summary>
    private async Task<List<byte[]>> QuantilesAsync(
        SystemState state, IReadOnlyList<Segment> segments, int parts, CancellationToken ended)
    {
        // One survey of all of them: every key stands for the same number of rows.
        var survey = new SegmentSurvey(services.Client, state);
        IReadOnlyList<byte[]> keys = [];
        foreach (Segment segment in segments)
        {
            Surveyed found = await survey.MeasureAsync(
                segment, segment.Range, GatewayLimits.MaxSurveyedBytesForMiddle, ended);
            if (!found.IsWhole)
            {
                throw new SqlException(
                    SqlStates.ProgramLimitExceeded, $"segment {segment.Id} is too large to look for its middle")
                {
                    Hint = "Say where its parts begin: SPLIT SEGMENT … AT (values), SPLIT TABLE … AT VALUES (…), ….",
                };
            }

            keys = found.Keys;
        }

        if (keys.Count < parts)
        {
            throw TooFewRows();
        }

        var cuts = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        for (int i = 1; i < parts; i++)
        {
            cuts.Add(keys[(int)((long)i * keys.Count / parts)]);
        }

        // Where one begins already nothing is to be done.
        cuts.ExceptWith(segments.Select(static segment => segment.Range.Start));
        return [.. cuts];
    }

    private static SqlException TooFewRows() =>
        new(SqlStates.InvalidParameterValue, "there are too few rows to tell where the middle is")
        {
            Hint = "Say where the right part begins: SPLIT SEGMENT … AT (values of the shard key).",
        };
}
