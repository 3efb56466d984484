using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>What CANCEL JOB takes back of a change of the layout: the mark of a node that drains, and a replica that learns and
/// has no vote yet. Steps that are done stay.</summary>
internal sealed class LayoutUndo(GatewayServices services, JobRecord taken)
{
    /// <summary>Takes back what it can; a shard without a leader keeps its learner, which has no say.</summary>
    public async Task RunAsync(StepRecord current, CancellationToken ended)
    {
        await services.Catalog.CatchUpAsync(services.Catalog.Current, ended);
        if (current is { State: StepState.Running, Layout: { Kind: LayoutStepKind.AddReplica } adding }
            && await LearnsAsync(adding, ended))
        {
            await ChangeAsync(
                (_, layout) => LayoutEdits.RemoveReplica(layout, adding.Shard, adding.Node) is { } next
                    ? new LayoutChange(next)
                    : null,
                ended);
        }

        if (await MarkedAsync(ended) is { } node)
        {
            await ChangeAsync(
                (state, _) => state.Map.Topology.Draining.Contains(node)
                    ? new LayoutChange(null, state.Map.Topology.Drain(node, drains: false))
                    : null,
                ended);
        }
    }

    private async Task<bool> LearnsAsync(LayoutStep adding, CancellationToken ended)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.GroupAskTime, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        try
        {
            return !(await new GroupSteps(services.Client, services.Nodes).LookAsync(adding.Shard, either.Token))
                .Voters.Contains(adding.Node);
        }
        catch (ShardUnavailableException)
        {
            // Nobody can say whether it votes.
            return false;
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<NodeId?> MarkedAsync(CancellationToken ended) => await services.Store.ChangeAsync(
        async transaction =>
        {
            StepRecord? first = await services.JobRows.Steps.FindAsync(transaction, taken.Id, 1, ended);
            return (first?.Layout is { Kind: LayoutStepKind.Mark } mark ? mark.Node : (NodeId?)null, HasWrites: false);
        },
        ended);

    private Task<bool> ChangeAsync(Func<SystemState, ClusterLayout, LayoutChange?> edit, CancellationToken ended) =>
        services.LayoutRows.ChangeAsync(
            edit,
            async transaction =>
            {
                _ = await services.JobRows.RequireAsync(transaction, taken, ended);
                return true;
            },
            ended);
}
