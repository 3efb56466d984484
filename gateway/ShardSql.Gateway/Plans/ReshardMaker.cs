using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Observing;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Resharding;
using ShardSql.Sql;

namespace ShardSql.Gateway.Plans;

/// <summary>Thinks out RESHARD for a map as it is (sharding.md §5), from what this gateway has seen of transactions, or from
/// what segments hold.</summary>
internal sealed class ReshardMaker(GatewayServices services, SystemState state)
{
    /// <summary>The steps, and what they are expected to bring.</summary>
    public async Task<PlanDraft> MakeAsync(SegmentWish wish, MoveOptions options, CancellationToken ended)
    {
        Predicate<uint> isMeant = MeantBy(wish);
        var bounds = new ReshardOptions
        {
            MovesMax = Math.Min(options.MaxMoves, GatewayLimits.MaxReshardMoves),
            MinGainPerMille = options.MinGainPerMille,
            BalancePerMille = options.BalancePerMille,
        };
        ReshardPlan plan = wish.Goal switch
        {
            ReshardGoal.Graph => GraphResharder.Plan(state, Known(services).Graph, isMeant, bounds),
            ReshardGoal.Load => SegmentBalancer.Plan(state, SegmentLoads.Of(state, Known(services).Graph), isMeant, bounds),
            _ => SegmentBalancer.Plan(state, await SizesAsync(isMeant, ended), isMeant, bounds),
        };
        string tables = wish.Tables.Count == 0 ? "all tables" : string.Join(", ", wish.Tables.Select(static t => t.Name));
        return new PlanDraft(
            wish.Tag,
            $"{tables} by {wish.Goal.ToString().ToLowerInvariant()}",
            state,
            MapPlanner.MoveRanges(state.Map, plan.Moves, coalesces: wish.Goal == ReshardGoal.Graph),
            Summary(plan, wish.Goal),
            plan);
    }

    private Predicate<uint> MeantBy(SegmentWish wish)
    {
        var groups = new SortedSet<uint>();
        foreach (Sql.Tree.TableName name in wish.Tables)
        {
            groups.Add(SegmentChanges.RequirePlaced(state.Catalog, name).GroupId);
        }

        return group => wish.Tables.Count == 0 || groups.Contains(group);
    }

    /// <summary>What this gateway knows of its transactions; 55000 where it keeps nothing.</summary>
    public static GraphSnapshot Known(GatewayServices services) => services.Graph.Snapshot() ?? throw new SqlException(
        SqlStates.ObjectNotInPrerequisiteState, "this gateway does not keep what transactions touch")
    {
        Hint = "RESHARD … BY SIZE needs nothing of it.",
    };

    private async Task<Dictionary<SegmentId, long>> SizesAsync(Predicate<uint> isMeant, CancellationToken ended)
    {
        var sizes = new Dictionary<SegmentId, long>();
        foreach (Segment segment in state.Map.Segments.Where(segment => isMeant(segment.GroupId)))
        {
            Surveyed found = await new SegmentSurvey(services.Client, state).MeasureAsync(
                segment, segment.Range, GatewayLimits.MaxSurveyedBytesOfStep, ended);
            sizes.Add(segment.Id, found.Bytes);
        }

        return sizes;
    }

    private static string Summary(ReshardPlan plan, ReshardGoal goal)
    {
        FormattableString skew = $"{(goal == ReshardGoal.Size ? "size" : "load")} skew {Ratio(plan.SkewBeforePerMille)} -> {Ratio(plan.SkewAfterPerMille)}";
        FormattableString none =
            $"nothing to gain: the best plan saves {plan.FoundGainPerMille / 10.0:0.#} %; {Text(skew)}";
        return plan.Moves.Count == 0 ? Text(none)
            : goal != ReshardGoal.Graph ? Text($"moves {plan.Moves.Count} segments | {Text(skew)}")
            : Text($"moves {plan.Moves.Count} rows | cross-shard {Percent(plan.CrossBeforePerMillion)} -> {Percent(plan.CrossAfterPerMillion)} | {Text(skew)}");
    }

    private static string Ratio(int perMille) => Text($"{perMille / 1_000.0:0.00}");

    private static string Percent(int perMillion) => Text($"{perMillion / 10_000.0:0.#} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
