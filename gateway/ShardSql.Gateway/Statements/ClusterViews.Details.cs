using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <content>SHOW ... WITH DETAILS: what only nodes know, each asked for no longer than others are.</content>
internal sealed partial class ClusterViews
{
    /// <summary>Rows of <c>shard.nodes_details</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> NodeDetailsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ShardStatus> statuses = await StatusesAsync(cancellationToken);
        List<SqlValue[]> rows = Nodes(statuses);
        for (int i = 0; i < rows.Count; i++)
        {
            NodeEntry node = services.Nodes.Nodes[i];
            string led = string.Join(", ", statuses.Where(s => s.Leader == node.Id).Select(s => s.Shard));
            rows[i] = [.. rows[i], Text(led), SqlValue.FromBoolean(!node.IsReachable)];
        }

        return rows;
    }

    /// <summary>Rows of <c>shard.shards_details</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> ShardDetailsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ShardStatus> statuses = await StatusesAsync(cancellationToken);
        List<SqlValue[]> rows = Shards(services.Catalog.Current, statuses);
        IEnumerable<VirtualColumn> more = VirtualTables.ShardDetails.Columns.Skip(VirtualTables.Shards.Columns.Count).SkipLast(1);
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i] = [.. rows[i], .. more.Select(c => CounterOf(statuses[i], c)), IsSilent(statuses[i])];
        }

        return rows;
    }

    /// <summary>Rows of <c>shard.replicas_details</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> ReplicaDetailsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ShardStatus> statuses = await StatusesAsync(cancellationToken);
        List<SqlValue[]> rows = Replicas(statuses);
        NodeId[] nodes = [.. statuses.SelectMany(s => s.Replicas)];
        for (int i = 0; i < rows.Count; i++)
        {
            NodeEntry? node = services.Nodes.Nodes.FirstOrDefault(n => n.Id == nodes[i]);
            rows[i] =
            [
                .. rows[i],
                node is null ? SqlValue.NullOf(SqlKind.Text) : Text(node.Address),
                node is null ? SqlValue.NullOf(SqlKind.Text) : Text(node.Store),
                node is null ? SqlValue.NullOf(SqlKind.Int64) : SqlValue.FromInt64(node.LastSeenMs),
                SqlValue.FromBoolean(node is not { IsReachable: true }),
            ];
        }

        return rows;
    }

    /// <summary>Rows of <c>shard.segments_details</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> SegmentDetailsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ShardStatus> statuses = await StatusesAsync(cancellationToken);
        int shard = VirtualTables.Segments.OrdinalOf("shard");
        return [.. VirtualRows.Segments(services.Catalog.Current, LeaderOf(statuses)).Select(row =>
        {
            ShardStatus status = statuses.FirstOrDefault(s => s.Shard.ToString() == row[shard].AsText()) ?? new ShardStatus();
            return (SqlValue[])
            [
                .. row,
                Text(string.Join(", ", status.Replicas)),
                SqlValue.FromInt64((long)status.Applied.Value),
                IsSilent(status),
            ];
        })];
    }

    /// <summary>Whether a shard did not answer in time.</summary>
    private static SqlValue IsSilent(ShardStatus status) => SqlValue.FromBoolean(status.Replicas.Count == 0);
}
