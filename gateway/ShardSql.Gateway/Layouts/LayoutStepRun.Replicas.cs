using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Catalogs;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <content>Replicas come and go: a node is a member before it votes, and does not vote before it is no member.</content>
internal sealed partial class LayoutStepRun
{
    private Task MarkAsync(CancellationToken ended) => ChangeAsync(
        (state, _) => state.Map.Topology.Draining.Contains(step.Node)
            ? null
            : new LayoutChange(null, state.Map.Topology.Drain(step.Node, drains: true)),
        isEnd: true,
        ended);

    private async Task HandOverAsync(CancellationToken ended)
    {
        // Where nobody can lead for it now, it hands over again before it loses its vote.
        long began = services.Time.GetTimestamp();
        bool isDone = await UntilAsync(
            async asked => await _groups.HandOverAsync(step.Shard, step.Node, asked) is { IsDone: false } not
                && services.Time.GetElapsedTime(began) < GatewayLimits.TransferTime
                ? not
                : new GroupStep(true, ""),
            ended);
        if (isDone)
        {
            await EndAsync(ended);
        }
    }

    private async Task AddReplicaAsync(CancellationToken ended)
    {
        await ChangeAsync(
            (state, layout) =>
            {
                Require(state, layout);
                return LayoutEdits.AddReplica(layout, step.Shard, step.Node) is { } next ? new LayoutChange(next) : null;
            },
            isEnd: false,
            ended);
        if (await UntilAsync(asked => _groups.AddVoterAsync(step.Shard, step.Node, asked), ended))
        {
            await EndAsync(ended);
        }
    }

    private async Task RemoveReplicaAsync(CancellationToken ended)
    {
        ClusterLayout now = services.Layouts.Current;
        if (now.MembersOf(step.Shard).Contains(step.Node)
            && !await UntilAsync(asked => _groups.RemoveVoterAsync(step.Shard, step.Node, asked), ended))
        {
            return;
        }

        await ChangeAsync(
            (_, layout) => LayoutEdits.RemoveReplica(layout, step.Shard, step.Node) is { } next
                ? new LayoutChange(next)
                : null,
            isEnd: true,
            ended);
    }

    private void Require(SystemState state, ClusterLayout layout)
    {
        if (layout.Shards.All(known => known.Shard != step.Shard))
        {
            throw Refused($"shard {step.Shard} does not exist any more", "SHOW SHARDS lists the shards.");
        }

        foreach (Primitives.NodeId node in step.Nodes)
        {
            if (layout.Nodes.All(known => known.Id != node))
            {
                throw Refused($"node {node} does not exist any more", "SHOW NODES lists the nodes; plan again.");
            }

            if (state.Map.Topology.Draining.Contains(node) && !layout.MembersOf(step.Shard).Contains(node))
            {
                throw Refused($"node {node} is being drained", "Plan again with another node.");
            }
        }
    }
}
