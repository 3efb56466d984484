using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>Thinks out what a statement on replicas and shards asks for; what cannot be done is refused here, before anything
/// changes, with what can (sql.md §2, R8).</summary>
internal sealed class LayoutMaker(GatewayServices services)
{
    /// <summary>The steps for the layout as it is now.</summary>
    public async Task<PlanDraft> MakeAsync(LayoutWish wish, CancellationToken ended)
    {
        if (wish.Kind == LayoutActionKind.DropShard)
        {
            await RequireMadeAsync(wish.Shard, ended);
        }

        for (long began = services.Time.GetTimestamp(); ;)
        {
            SystemState state = await services.Catalog.NewestAsync(ended);
            ClusterLayout layout = services.Layouts.Current;
            try
            {
                return new PlanDraft(wish.Tag, wish.Target, state, [])
                {
                    LayoutSteps = wish.Kind switch
                    {
                        LayoutActionKind.DrainNode => Drain(state, layout, wish.Node, services.Nodes),
                        LayoutActionKind.AddReplica => Add(state, layout, wish.Shard, wish.Node),
                        LayoutActionKind.RemoveReplica => Remove(layout, wish.Shard, wish.Node),
                        LayoutActionKind.CreateShard => Create(state, layout, wish.Shard, wish.Nodes),
                        _ => Drop(state, layout, wish.Shard),
                    },
                };
            }
            catch (SqlException refused) when (refused.SqlState == SqlStates.ObjectNotInPrerequisiteState
                && wish.Kind == LayoutActionKind.DrainNode
                && services.Time.GetElapsedTime(began) < GatewayLimits.NodeLookTime)
            {
                // Whether a node that was added just now answers is known in a moment.
                await Task.Delay(GatewayLimits.GroupPollInterval, services.Time, ended);
            }
        }
    }

    /// <summary>55006 while segments lie on a shard, 55000 where it is the last one.</summary>
    public static void RequireEmpty(SystemState state, ShardId shard)
    {
        if (state.Map.DataShards is [{ } only] && only == shard)
        {
            throw Refused($"shard {shard} is the last one that holds rows", "CREATE SHARD makes another one first.");
        }

        int segments = state.Map.Segments.Count(segment => segment.Shard == shard);
        if (segments > 0)
        {
            throw new SqlException(
                SqlStates.ObjectInUse, $"shard {shard} holds {segments} segment{(segments == 1 ? "" : "s")}")
            {
                Hint = $"MOVE SEGMENTS FROM t WHERE shard = '{shard}' TO SHARD d moves those of a table; "
                    + $"SHOW SEGMENTS WHERE shard = '{shard}' lists them.",
            };
        }
    }

    internal static IReadOnlyList<LayoutStep> Drain(
        SystemState state, ClusterLayout layout, NodeId node, INodeDirectory directory)
    {
        RequireNode(layout, node);
        var steps = new List<LayoutStep> { new(LayoutStepKind.Mark, default, [node]) };
        ShardPlacement[] held = [.. layout.ShardsOf(node)];
        steps.AddRange(
            held.Where(placement => placement.Members.Count > 1
                    && directory.Shards.Any(entry => entry.Id == placement.Shard && entry.Leader == node))
                .Select(placement => new LayoutStep(LayoutStepKind.HandOver, placement.Shard, [node])));
        var up = directory.Nodes.Where(static known => known.IsReachable).Select(static known => known.Id).ToHashSet();
        var replicas = layout.Nodes.ToDictionary(static known => known.Id, known => layout.ShardsOf(known.Id).Count);
        foreach (ShardPlacement placement in held)
        {
            NodeId[] others =
            [
                .. layout.Nodes.Select(static known => known.Id)
                    .Where(other => other != node && up.Contains(other) && !placement.Members.Contains(other)
                        && !state.Map.Topology.Draining.Contains(other))
                    .OrderBy(other => replicas[other]).ThenBy(static other => other),
            ];
            if (others.Length == 0)
            {
                throw Refused(
                    $"no other node could take the replica of shard {placement.Shard} on {node}",
                    "Each that answers and does not drain has one. ADD NODE n AT 'host:port' adds a node"
                    + (placement.Members.Count > 1
                        ? $"; ALTER SHARD {placement.Shard} REMOVE REPLICA ON {node} makes do with fewer." : "."));
            }

            replicas[others[0]]++;
            LayoutStep[] both =
            [
                new(LayoutStepKind.AddReplica, placement.Shard, [others[0]]),
                new(LayoutStepKind.RemoveReplica, placement.Shard, [node]),
            ];
            steps.AddRange(placement.Members.Count < LayoutNames.ReplicasMax ? both : both.Reverse());
        }

        return steps;
    }

    internal static IReadOnlyList<LayoutStep> Add(SystemState state, ClusterLayout layout, ShardId shard, NodeId node)
    {
        IReadOnlyList<NodeId> members = RequireShard(layout, shard).Members;
        RequireTaking(state, layout, node);
        if (members.Count >= LayoutNames.ReplicasMax && !members.Contains(node))
        {
            throw TooMany();
        }

        return [new LayoutStep(LayoutStepKind.AddReplica, shard, [node])];
    }

    internal static IReadOnlyList<LayoutStep> Remove(ClusterLayout layout, ShardId shard, NodeId node)
    {
        IReadOnlyList<NodeId> members = RequireShard(layout, shard).Members;
        RequireNode(layout, node);
        if (members is [{ } only] && only == node)
        {
            throw Refused(
                $"{node} holds the only replica of shard {shard}",
                $"ALTER SHARD {shard} ADD REPLICA ON another node first"
                + (shard == ShardId.System ? "." : $", or DROP SHARD {shard}."));
        }

        return [new LayoutStep(LayoutStepKind.RemoveReplica, shard, [node])];
    }

    internal static IReadOnlyList<LayoutStep> Create(
        SystemState state, ClusterLayout layout, ShardId shard, IReadOnlyList<NodeId> nodes)
    {
        LayoutNames.RequireNew(layout, shard);
        if (nodes.Count > LayoutNames.ReplicasMax)
        {
            throw TooMany();
        }

        foreach (NodeId node in nodes)
        {
            RequireTaking(state, layout, node);
            if (nodes.Count(other => other == node) > 1)
            {
                throw new SqlException(SqlStates.InvalidParameterValue, $"node {node} is named twice")
                {
                    Hint = "A node holds at most one replica of a shard.",
                };
            }
        }

        return
        [
            new LayoutStep(LayoutStepKind.CreateShard, shard, [.. nodes.Order()]),
            new LayoutStep(LayoutStepKind.FillShard, shard, []),
            new LayoutStep(LayoutStepKind.OpenShard, shard, []),
        ];
    }

    internal static IReadOnlyList<LayoutStep> Drop(SystemState state, ClusterLayout layout, ShardId shard)
    {
        _ = RequireShard(layout, shard);
        if (shard == ShardId.System)
        {
            throw Refused("the system shard cannot be dropped", "It holds the catalog, the shard map and the jobs.");
        }

        RequireEmpty(state, shard);
        return [new LayoutStep(LayoutStepKind.CloseShard, shard, []), new LayoutStep(LayoutStepKind.DropShard, shard, [])];
    }

    /// <summary>55006 while a job makes the shard: it would be filled again.</summary>
    private async Task RequireMadeAsync(ShardId shard, CancellationToken ended)
    {
        foreach (JobRecord job in await services.JobRows.ListAsync(ended))
        {
            if (!job.HasEnded && job.Kind == LayoutTags.CreateShard
                && job.Target.StartsWith($"shard {shard} on ", StringComparison.Ordinal))
            {
                throw new SqlException(SqlStates.ObjectInUse, $"job {job.Id} creates shard {shard}")
                {
                    Hint = $"CANCEL JOB {job.Id} ends that.",
                };
            }
        }
    }

    private static ShardPlacement RequireShard(ClusterLayout layout, ShardId shard) =>
        layout.Shards.FirstOrDefault(known => known.Shard == shard) ?? throw LayoutNames.NoShard(shard);

    private static void RequireNode(ClusterLayout layout, NodeId node)
    {
        if (layout.Nodes.All(known => known.Id != node))
        {
            throw LayoutNames.NoNode(node);
        }
    }

    private static void RequireTaking(SystemState state, ClusterLayout layout, NodeId node)
    {
        RequireNode(layout, node);
        if (state.Map.Topology.Draining.Contains(node))
        {
            throw new SqlException(SqlStates.ObjectInUse, $"nothing is placed on node {node}: it is drained")
            {
                Hint = $"CANCEL JOB ends what drains it; ADD NODE {node} AT its address takes it back.",
            };
        }
    }

    private static SqlException TooMany() => new(
        SqlStates.ProgramLimitExceeded, $"a shard has at most {LayoutNames.ReplicasMax} replicas")
    {
        Hint = "ALTER SHARD s REMOVE REPLICA ON n removes one.",
    };

    private static SqlException Refused(string message, string hint) =>
        new(SqlStates.ObjectNotInPrerequisiteState, message) { Hint = hint };
}
