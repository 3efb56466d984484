using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>What SHOW gives: nodes, shards with their leaders' counters, segments and tables as this gateway sees them.
/// </summary>
internal sealed class ClusterViews(GatewayServices services)
{
    private static readonly TimeSpan s_statusTime = TimeSpan.FromSeconds(2);

    /// <summary>The leaders now; "?" where a shard does not say in time.</summary>
    public async Task<Func<ShardId, string>> LeadersAsync(CancellationToken cancellationToken)
    {
        var leaders = new Dictionary<ShardId, string>();
        foreach (ShardStatus status in await StatusesAsync(cancellationToken))
        {
            leaders[status.Shard] = NameOf(status.Leader);
        }

        return shard => leaders.GetValueOrDefault(shard, "?");
    }

    /// <summary>The rows of a virtual table.</summary>
    public Task<IReadOnlyList<SqlValue[]>> RowsAsync(StatementPlan plan, CancellationToken cancellationToken) =>
        RowsAsync(plan.Show!, plan.ShowFilter, cancellationToken);

    /// <summary>The rows of a virtual table; of segments those of one table, where it is named.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> RowsAsync(
        VirtualTable made, string? filter, CancellationToken cancellationToken)
    {
        SystemState state = services.Catalog.Current;
        string table = made.Name;
        if (table == VirtualTables.Tables.Name)
        {
            return VirtualRows.Tables(state);
        }

        if (table == VirtualTables.Indexes.Name)
        {
            return VirtualRows.Indexes(state, filter);
        }

        if (table == VirtualTables.Jobs.Name)
        {
            return await services.JobStatements.RowsAsync(filter, cancellationToken);
        }

        IReadOnlyList<ShardStatus> statuses = await StatusesAsync(cancellationToken);
        if (table == VirtualTables.Segments.Name)
        {
            return VirtualRows.Segments(state, LeaderOf(statuses), filter);
        }

        return table == VirtualTables.Shards.Name ? Shards(state, statuses)
            : table == VirtualTables.Nodes.Name ? Nodes(statuses)
            : [Cluster(state, statuses)];
    }

    private static Func<ShardId, string> LeaderOf(IReadOnlyList<ShardStatus> statuses) => shard =>
    {
        foreach (ShardStatus status in statuses)
        {
            if (status.Shard == shard)
            {
                return NameOf(status.Leader);
            }
        }

        return "?";
    };

    private static string NameOf(NodeId node) => node.Value == 0 ? "?" : node.ToString();

    private static SqlValue Text(string text) => SqlValue.FromText(text);

    private static SqlValue Number(int number) => SqlValue.FromInt32(number);

    private SqlValue[] Cluster(SystemState state, IReadOnlyList<ShardStatus> statuses)
    {
        int up = 0;
        foreach (NodeEntry node in services.Nodes.Nodes)
        {
            up += node.IsReachable ? 1 : 0;
        }

        int led = 0;
        foreach (ShardStatus status in statuses)
        {
            led += status.Leader.Value != 0 ? 1 : 0;
        }

        return
        [
            SqlValue.FromUuid(services.Identity.ClusterId),
            Text(services.Options.Database),
            Text(GatewayServices.ServerVersion),
            Number(services.Nodes.Nodes.Count),
            Number(up),
            Number(statuses.Count),
            Number(led),
            Number(state.Catalog.Tables.Count),
            Number(state.Map.Segments.Count),
            SqlValue.FromInt64((long)state.Catalog.Version),
            SqlValue.FromInt64((long)state.Map.Version),
        ];
    }

    private List<SqlValue[]> Nodes(IReadOnlyList<ShardStatus> statuses)
    {
        var rows = new List<SqlValue[]>();
        foreach (NodeEntry node in services.Nodes.Nodes)
        {
            int leaders = 0;
            int replicas = 0;
            foreach (ShardStatus status in statuses)
            {
                leaders += status.Leader == node.Id ? 1 : 0;
                replicas += Contains(status.Replicas, node.Id) ? 1 : 0;
            }

            rows.Add(
            [
                Text(node.Id.ToString()),
                Text(node.Address),
                Text(node.Role),
                Text(node.IsReachable ? "up" : "unreachable"),
                Number(leaders),
                Number(replicas),
                Text(node.Store),
                SqlValue.FromInt64(node.LastSeenMs),
            ]);
        }

        return rows;
    }

    private static bool Contains(IReadOnlyList<NodeId> nodes, NodeId node)
    {
        foreach (NodeId one in nodes)
        {
            if (one == node)
            {
                return true;
            }
        }

        return false;
    }

    private static List<SqlValue[]> Shards(SystemState state, IReadOnlyList<ShardStatus> statuses)
    {
        var rows = new List<SqlValue[]>();
        foreach (ShardStatus status in statuses)
        {
            int segments = 0;
            foreach (Segment segment in state.Map.Segments)
            {
                segments += segment.Shard == status.Shard ? 1 : 0;
            }

            // The columns from "local_queue" on are counters of the same names.
            var row = new List<SqlValue>
            {
                Text(status.Shard.ToString()),
                Text(NameOf(status.Leader)),
                Text(string.Join(", ", status.Replicas)),
                Text(status.Leader.Value == 0 ? "no leader" : "serving"),
                SqlValue.FromInt64((long)status.Applied.Value),
                Number(segments),
            };
            IReadOnlyList<VirtualColumn> columns = VirtualTables.Shards.Columns;
            for (int i = row.Count; i < columns.Count; i++)
            {
                long counter = CounterOf(status, columns[i].Name);
                row.Add(columns[i].Type == SqlType.Int32 ? Number((int)counter) : SqlValue.FromInt64(counter));
            }

            rows.Add([.. row]);
        }

        return rows;
    }

    private static long CounterOf(ShardStatus status, string name)
    {
        foreach (KeyValuePair<string, long> counter in status.Counters)
        {
            if (counter.Key == name)
            {
                return counter.Value;
            }
        }

        return 0;
    }

    private async Task<IReadOnlyList<ShardStatus>> StatusesAsync(CancellationToken cancellationToken)
    {
        var asking = new List<Task<ShardStatus>> { StatusAsync(ShardId.System, cancellationToken) };
        foreach (ShardId shard in services.Catalog.Current.Map.DataShards)
        {
            asking.Add(StatusAsync(shard, cancellationToken));
        }

        return await Task.WhenAll(asking);
    }

    private async Task<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_statusTime, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await services.Client.StatusAsync(shard, either.Token);
        }
        catch (ShardUnavailableException)
        {
            return new ShardStatus { Shard = shard };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ShardStatus { Shard = shard };
        }
    }
}
