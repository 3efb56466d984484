using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>ADD NODE and REMOVE NODE: done at once, and done again without harm.</summary>
internal sealed class NodeStatements(GatewayServices services)
{
    private const string NobodyLeads = "nobody leads it";

    /// <summary>Adds a node, or takes one back that was drained.</summary>
    /// <returns>A notice where there was nothing to do.</returns>
    public async Task<string?> AddAsync(NodeId node, string address, CancellationToken ended)
    {
        await services.Catalog.CatchUpAsync(services.Catalog.Current, ended);
        JobRecord? draining = (await services.JobRows.ListAsync(ended)).Find(
            job => !job.HasEnded && job.Kind == LayoutTags.DrainNode && job.Target == $"node {node}");
        bool isMade = await services.LayoutRows.ChangeAsync(
            (state, layout) =>
            {
                if (LayoutNames.Refusal(layout, node, address) is { } refusal)
                {
                    throw refusal;
                }

                ClusterLayout? next = LayoutEdits.AddNode(layout, node, address);
                bool isMarked = state.Map.Topology.Draining.Contains(node);
                if (isMarked && draining is not null)
                {
                    throw new SqlException(SqlStates.ObjectInUse, $"node {node} is being drained")
                    {
                        Hint = $"CANCEL JOB {draining.Id} ends that.",
                    };
                }

                return next is null && !isMarked
                    ? null
                    : new LayoutChange(next, isMarked ? state.Map.Topology.Drain(node, drains: false) : null);
            },
            static _ => Task.FromResult(true),
            ended);
        await services.Layouts.SpreadAsync(ended);
        return isMade ? null : $"node {node} is there already";
    }

    /// <summary>Removes a node that holds no replica; with force one that is gone for ever, and its replicas.</summary>
    /// <returns>A notice where there was nothing to do.</returns>
    public async Task<string?> RemoveAsync(NodeId node, bool force, CancellationToken ended)
    {
        try
        {
            await services.Catalog.CatchUpAsync(services.Catalog.Current, ended);
        }
        catch (ShardUnavailableException nobody) when (force)
        {
            throw NoMajority(node, ShardId.System, nobody.Message);
        }

        ClusterLayout before = services.Layouts.Current;
        if (before.FormerNodes.Contains(node))
        {
            return $"node {node} has been removed already";
        }

        if (before.Nodes.All(known => known.Id != node))
        {
            throw LayoutNames.NoNode(node);
        }

        if (force && before.ShardsOf(node).Count > 0)
        {
            await VoteOutAsync(before, node, ended);
        }

        await services.LayoutRows.ChangeAsync(
            (state, layout) =>
            {
                Require(layout, node, force);
                return LayoutEdits.RemoveNode(layout, node) is { } next
                    ? new LayoutChange(next, state.Map.Topology.Drain(node, drains: false))
                    : null;
            },
            static _ => Task.FromResult(true),
            ended);
        await services.Layouts.SpreadAsync(ended);
        return null;
    }

    private static void Require(ClusterLayout layout, NodeId node, bool force)
    {
        IReadOnlyList<ShardPlacement> held = layout.ShardsOf(node);
        if (layout.Nodes is [{ } last] && last.Id == node)
        {
            throw new SqlException(SqlStates.ObjectInUse, $"node {node} is the last one");
        }

        if (held.Count > 0 && !force)
        {
            throw new SqlException(
                SqlStates.ObjectInUse,
                $"node {node} holds replicas of {string.Join(", ", held.Select(static placement => placement.Shard))}")
            {
                Hint = $"DRAIN NODE {node} gives them to other nodes. "
                    + $"REMOVE NODE {node} FORCE is for a node that is gone for ever.",
            };
        }

        if (held.FirstOrDefault(static placement => placement.Members.Count == 1) is { } only)
        {
            throw OnlyReplica(node, only.Shard);
        }
    }

    /// <summary>Its votes are taken before its replicas: of each shard a majority must be there without it. All are looked at
    /// before the first is asked, so that one that is refused leaves the others as they are.</summary>
    private async Task VoteOutAsync(ClusterLayout layout, NodeId node, CancellationToken ended)
    {
        if (await AnswersAsync(node, ended))
        {
            throw new SqlException(SqlStates.ObjectInUse, $"node {node} answers")
            {
                Hint = $"FORCE is for a node that is gone for ever. DRAIN NODE {node} gives its replicas to other nodes; stop it first "
                    + "where they are not wanted.",
            };
        }

        Require(layout, node, force: true);
        var groups = new GroupSteps(services.Client, services.Nodes);
        long began = services.Time.GetTimestamp();
        foreach (bool isLook in (bool[])[true, false])
        {
            foreach (ShardPlacement placement in layout.ShardsOf(node))
            {
                await UntilAsync(
                    placement.Shard,
                    asked => isLook
                        ? LookAsync(groups, placement.Shard, node, asked)
                        : groups.RemoveVoterAsync(placement.Shard, node, asked),
                    node,
                    began,
                    ended);
            }
        }
    }

    /// <summary>Asks until it holds, as long as the statement may take.</summary>
    private async Task UntilAsync(
        ShardId shard, Func<CancellationToken, Task<GroupStep>> ask, NodeId node, long began, CancellationToken ended)
    {
        while (await AskAsync(shard, ask, node, began, ended) is { IsDone: false } not)
        {
            if (services.Time.GetElapsedTime(began) > GatewayLimits.ForceTime)
            {
                throw NoMajority(node, shard, not.Why);
            }

            await Task.Delay(GatewayLimits.GroupPollInterval, services.Time, ended);
        }
    }

    /// <summary>Whether a majority of a shard's votes answers without a node's.</summary>
    private async Task<GroupStep> LookAsync(
        GroupSteps groups, ShardId shard, NodeId node, CancellationToken cancellationToken)
    {
        (NodeId leader, IReadOnlyList<NodeId> voters) = await groups.LookAsync(shard, cancellationToken);
        if (voters.All(voter => voter == node))
        {
            throw OnlyReplica(node, shard);
        }

        int others = services.Nodes.Nodes.Count(known => known.IsReachable && known.Id != node && voters.Contains(known.Id));
        return leader == default
            ? new GroupStep(false, NobodyLeads)
            : new GroupStep(2 * others > voters.Count, $"{others} of {voters.Count} answer");
    }

    /// <summary>Whether a node answers, or was heard of just now.</summary>
    private async Task<bool> AnswersAsync(NodeId node, CancellationToken ended)
    {
        while (services.Nodes.Nodes.FirstOrDefault(known => known.Id == node) is { } seen)
        {
            if (seen.IsReachable || seen.LastSeenMs > GatewayLimits.NodeLookTime.TotalMilliseconds)
            {
                return seen.IsReachable;
            }

            await Task.Delay(GatewayLimits.GroupPollInterval, services.Time, ended);
        }

        return false;
    }

    private async Task<GroupStep> AskAsync(
        ShardId shard, Func<CancellationToken, Task<GroupStep>> ask, NodeId node, long began, CancellationToken ended)
    {
        TimeSpan left = GatewayLimits.ForceTime - services.Time.GetElapsedTime(began);
        using var limit = new CancellationTokenSource(
            left > GatewayLimits.GroupAskTime ? left : GatewayLimits.GroupAskTime, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        try
        {
            return await ask(either.Token);
        }
        catch (SqlException only) when (only.SqlState == SqlStates.ObjectNotInPrerequisiteState)
        {
            throw OnlyReplica(node, shard);
        }
        catch (ShardUnavailableException)
        {
            return new GroupStep(false, NobodyLeads);
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return new GroupStep(false, NobodyLeads);
        }
    }

    private static SqlException OnlyReplica(NodeId node, ShardId shard) => new(
        SqlStates.ObjectInUse, $"node {node} has the only vote in shard {shard}: with it its rows would be lost")
    {
        Hint = "Start the node again from its folder.",
    };

    private static SqlException NoMajority(NodeId node, ShardId shard, string why) => new(
        SqlStates.ObjectNotInPrerequisiteState,
        $"the vote of node {node} in shard {shard} cannot be taken without a majority of its replicas: {why}")
    {
        Hint = $"Start node {node} again from its folder, or the other nodes of the shard: SHOW REPLICAS lists them, SHOW NODES "
            + "says who answers.",
    };
}
