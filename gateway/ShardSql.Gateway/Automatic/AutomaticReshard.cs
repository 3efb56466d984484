using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Resharding;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Automatic;

/// <summary>RESHARD ALL BY GRAPH by itself (sharding.md §5). Its gain is counted in transactions that need not be cross-shard
/// any more, its cost in how many of them a step is worth.</summary>
internal sealed class AutomaticReshard(GatewayServices services, AutomaticOptions options) : IAutomaticWork
{
    private const long Million = 1_000_000;

    public string Name => ClusterSettings.AutoReshard;

    public AutomaticMode ModeOf(ClusterSettings settings) => settings.Reshard;

    public async Task<AutomaticProposal?> ProposeAsync(GraphSnapshot known, CancellationToken ended)
    {
        var wish = new SegmentWish { Kind = SegmentActionKind.Reshard, Tag = "RESHARD", Goal = ReshardGoal.Graph };
        PlanDraft draft = await services.Plans.Maker.MakeAsync(
            wish, new MoveOptions { MinGainPerMille = options.MinGainPerMille }, ended);
        long savedPerMillion = draft.Expected!.CrossBeforePerMillion - draft.Expected.CrossAfterPerMillion;
        double saved = known.Totals.PerSecond * options.PaysWithin.TotalSeconds * savedPerMillion / Million;
        return draft.Steps.Count == 0
            ? null
            : new AutomaticProposal(draft, (long)saved, draft.Steps.Count * (long)options.StepCost);
    }
}
