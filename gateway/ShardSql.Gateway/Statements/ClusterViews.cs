using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// Nodes, shards, replicas and segments as this gateway sees them: from its catalog, its map and who it knows to lead.
/// Nobody is asked; what only leaders know is NULL (sql.md §2, R6).
/// </summary>
internal sealed partial class ClusterViews(GatewayServices services)
{
    /// <summary>The leaders, for EXPLAIN: those that are not known yet are asked for; "?" where a shard does not say in
    /// time.</summary>
    public async Task<Func<ShardId, string>> LeadersAsync(CancellationToken cancellationToken)
    {
        var leaders = new Dictionary<ShardId, string>();
        var asking = new List<Task<ShardStatus>>();
        foreach (ShardStatus known in Known())
        {
            leaders[known.Shard] = NameOf(known.Leader);
            if (known.Leader == default)
            {
                asking.Add(StatusAsync(known, cancellationToken));
            }
        }

        foreach (ShardStatus status in await Task.WhenAll(asking))
        {
            leaders[status.Shard] = NameOf(status.Leader);
        }

        return shard => leaders.GetValueOrDefault(shard, "?");
    }

    /// <summary>Rows of <c>shard.cluster</c>.</summary>
    public IReadOnlyList<SqlValue[]> Cluster() => [Cluster(services.Catalog.Current, Known())];

    /// <summary>Rows of <c>shard.nodes</c>.</summary>
    public IReadOnlyList<SqlValue[]> Nodes() => Nodes(Known());

    /// <summary>Rows of <c>shard.shards</c>.</summary>
    public IReadOnlyList<SqlValue[]> Shards() => Shards(services.Catalog.Current, Known());

    /// <summary>Rows of <c>shard.replicas</c>.</summary>
    public IReadOnlyList<SqlValue[]> Replicas() => Replicas(Known());

    /// <summary>Rows of <c>shard.segments</c>.</summary>
    public IReadOnlyList<SqlValue[]> Segments(SystemState state) => VirtualRows.Segments(state, LeaderOf(Known()));

    /// <summary>The shards of map and layout with what is known of them here: no counters, no slot.</summary>
    private List<ShardStatus> Known()
    {
        var entries = new Dictionary<ShardId, ShardEntry>();
        foreach (ShardEntry entry in services.Nodes.Shards)
        {
            entries[entry.Id] = entry;
        }

        var known = new List<ShardStatus>();
        SortedSet<ShardId> shards = [ShardId.System, .. services.Catalog.Current.Map.CopyShards, .. entries.Keys];
        foreach (ShardId shard in shards)
        {
            ShardEntry? entry = entries.GetValueOrDefault(shard);
            known.Add(new ShardStatus
            {
                Shard = shard,
                Leader = entry?.Leader ?? default,
                Replicas = entry?.Replicas ?? [],
            });
        }

        return known;
    }

    private static Func<ShardId, string> LeaderOf(IReadOnlyList<ShardStatus> statuses)
    {
        var leaders = new Dictionary<ShardId, string>();
        foreach (ShardStatus status in statuses)
        {
            leaders[status.Shard] = NameOf(status.Leader);
        }

        return shard => leaders.GetValueOrDefault(shard, "?");
    }

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
        Topology topology = services.Catalog.Current.Map.Topology;
        foreach (NodeEntry node in services.Nodes.Nodes)
        {
            int leaders = 0;
            int replicas = 0;
            foreach (ShardStatus status in statuses)
            {
                leaders += status.Leader == node.Id ? 1 : 0;
                replicas += MembersOf(status).Contains(node.Id) ? 1 : 0;
            }

            rows.Add(
            [
                Text(node.Id.ToString()),
                Text(node.Address),
                Text(node.Role),
                Text(!node.IsReachable ? "unreachable"
                    : !topology.Draining.Contains(node.Id) ? "up"
                    : replicas > 0 ? "draining" : "drained"),
                Number(leaders),
                Number(replicas),
                Text(node.Store),
                SqlValue.FromInt64(node.LastSeenMs),
            ]);
        }

        return rows;
    }

    private List<SqlValue[]> Replicas(IReadOnlyList<ShardStatus> statuses)
    {
        var reachable = new HashSet<NodeId>();
        foreach (NodeEntry node in services.Nodes.Nodes)
        {
            if (node.IsReachable)
            {
                reachable.Add(node.Id);
            }
        }

        var rows = new List<SqlValue[]>();
        foreach (ShardStatus status in statuses)
        {
            foreach (NodeId node in MembersOf(status))
            {
                rows.Add(
                [
                    Text(status.Shard.ToString()),
                    Text(node.ToString()),
                    Text(node == status.Leader ? "leader" : status.Replicas.Contains(node) ? "follower" : "learner"),
                    Text(reachable.Contains(node) ? "up" : "unreachable"),
                ]);
            }
        }

        return rows;
    }

    /// <summary>The nodes that hold a shard, as the layout has them, with those that its leader says vote.</summary>
    private SortedSet<NodeId> MembersOf(ShardStatus status) =>
        [.. status.Replicas, .. services.Nodes.Shards.FirstOrDefault(entry => entry.Id == status.Shard)?.Replicas ?? []];

    private static List<SqlValue[]> Shards(SystemState state, IReadOnlyList<ShardStatus> statuses)
    {
        var segments = new Dictionary<ShardId, int>();
        foreach (Segment segment in state.Map.Segments)
        {
            segments[segment.Shard] = segments.GetValueOrDefault(segment.Shard) + 1;
        }

        var rows = new List<SqlValue[]>();
        foreach (ShardStatus status in statuses)
        {
            // The columns from "local_queue" on are counters.
            var row = new List<SqlValue>
            {
                Text(status.Shard.ToString()),
                Text(NameOf(status.Leader)),
                Text(string.Join(", ", status.Replicas)),
                Text(status.Leader.Value == 0 ? "no leader"
                    : state.Map.Topology.Filling.Contains(status.Shard) ? "filling"
                    : status.Shard == ShardId.System || state.Map.DataShards.Contains(status.Shard) ? "serving"
                    : "closed"),
                AppliedSlot(status),
                Number(segments.GetValueOrDefault(status.Shard)),
            };
            IReadOnlyList<VirtualColumn> columns = VirtualTables.Shards.Columns;
            for (int i = row.Count; i < columns.Count; i++)
            {
                row.Add(CounterOf(status, columns[i]));
            }

            rows.Add([.. row]);
        }

        return rows;
    }

    /// <summary>NULL where no leader has said it.</summary>
    private static SqlValue AppliedSlot(ShardStatus status) => HasAnswered(status)
        ? SqlValue.FromInt64((long)status.Applied.Value)
        : SqlValue.NullOf(SqlKind.Int64);

    /// <summary>NULL where the leader says nothing of it.</summary>
    private static SqlValue CounterOf(ShardStatus status, VirtualColumn column)
    {
        string name = column.Name switch
        {
            "bloom_checks" => "filter_checks",
            "bloom_overlaps" => "filter_hits",
            "late_aborts" => "refused_late",
            "window_aborts" => "refused_window",
            _ => column.Name,
        };
        foreach (KeyValuePair<string, long> counter in status.Counters)
        {
            if (counter.Key == name)
            {
                return column.Type == SqlType.Int32 ? Number((int)counter.Value) : SqlValue.FromInt64(counter.Value);
            }
        }

        return SqlValue.NullOf(column.Type.Kind);
    }
}
