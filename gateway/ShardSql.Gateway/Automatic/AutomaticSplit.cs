using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Resharding;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Automatic;

/// <summary>SPLIT SEGMENT AT LOAD by itself: of the segment that is touched most, where it alone bears more than a shard
/// should.</summary>
internal sealed class AutomaticSplit(GatewayServices services, AutomaticOptions options) : IAutomaticWork
{
    public string Name => ClusterSettings.AutoSplit;

    public AutomaticMode ModeOf(ClusterSettings settings) => settings.Split;

    public async Task<AutomaticProposal?> ProposeAsync(GraphSnapshot known, CancellationToken ended)
    {
        SystemState state = await services.Catalog.NewestAsync(ended);
        Dictionary<SegmentId, long> loads = SegmentLoads.Of(state, known.Graph);
        (Segment? hottest, long most) = (null, 0);
        foreach (Segment segment in state.Map.Segments)
        {
            if (loads.GetValueOrDefault(segment.Id) > most)
            {
                (hottest, most) = (segment, loads[segment.Id]);
            }
        }

        if (hottest is null || LoadMiddle.Of(state, known.Graph, hottest).Key is null)
        {
            return null;
        }

        var wish = new SegmentWish
        {
            Kind = SegmentActionKind.Split, Tag = "SPLIT SEGMENT", Segments = [hottest.Id], AtLoad = true,
        };
        PlanDraft draft = await services.Plans.Maker.MakeAsync(wish, new MoveOptions(), ended);
        long total = loads.Values.Sum();
        return new AutomaticProposal(
            draft with { Summary = $"it bears {100 * most / total} % of the load" },
            1_000 * most * state.Map.DataShards.Count / total,
            options.SplitAbovePerMille);
    }
}
