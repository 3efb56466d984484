using System;
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
    /// <summary>How long a leader is waited for.</summary>
    private static readonly TimeSpan s_statusTime = TimeSpan.FromSeconds(2);

    /// <summary>Rows of <c>shard.cluster_details</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> ClusterDetailsAsync(CancellationToken cancellationToken)
    {
        ShardStatus[] statuses = await StatusesAsync(cancellationToken);
        string silent = string.Join(", ", statuses.Where(s => !HasAnswered(s)).Select(s => s.Shard));
        SqlValue[] row = Cluster(services.Catalog.Current, statuses);
        row[VirtualTables.Cluster.OrdinalOf("shards_with_leader")] = Number(statuses.Count(HasAnswered));
        return [[.. row, Text(silent), SqlValue.FromBoolean(silent.Length > 0)]];
    }

    /// <summary>Rows of <c>shard.nodes_details</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> NodeDetailsAsync(CancellationToken cancellationToken)
    {
        ShardStatus[] statuses = await StatusesAsync(cancellationToken);
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
        ShardStatus[] statuses = await StatusesAsync(cancellationToken);
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
        ShardStatus[] statuses = await StatusesAsync(cancellationToken);
        List<SqlValue[]> rows = Replicas(statuses);
        NodeId[] nodes = [.. statuses.SelectMany(MembersOf)];
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
        ShardStatus[] statuses = await StatusesAsync(cancellationToken);
        Dictionary<string, ShardStatus> byName = statuses.ToDictionary(s => s.Shard.ToString());
        int shard = VirtualTables.Segments.OrdinalOf("shard");
        return [.. VirtualRows.Segments(services.Catalog.Current, LeaderOf(statuses)).Select(row =>
        {
            ShardStatus status = byName.GetValueOrDefault(row[shard].AsText()) ?? new ShardStatus();
            return (SqlValue[])
            [
                .. row,
                Text(string.Join(", ", status.Replicas)),
                AppliedSlot(status),
                IsSilent(status),
            ];
        })];
    }

    /// <summary>Whether a shard did not answer in time.</summary>
    private static SqlValue IsSilent(ShardStatus status) => SqlValue.FromBoolean(!HasAnswered(status));

    private static bool HasAnswered(ShardStatus status) => status.Counters.Count > 0;

    private Task<ShardStatus[]> StatusesAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Known().Select(known => StatusAsync(known, cancellationToken)));

    /// <summary>What a leader says of its shard; what is known here, without a leader, where none does in time.</summary>
    private async Task<ShardStatus> StatusAsync(ShardStatus known, CancellationToken cancellationToken) =>
        await InTimeAsync(ended => services.Client.StatusAsync(known.Shard, ended), cancellationToken)
        ?? known with { Leader = default };

    /// <summary>A leader's answer; null where it does not come in time.</summary>
    private async Task<T?> InTimeAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = new CancellationTokenSource(s_statusTime, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ask(either.Token);
        }
        catch (ShardUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
