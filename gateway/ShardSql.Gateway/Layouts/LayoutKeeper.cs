using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>
/// The cluster's layout as this gateway knows it. Its truth is a row of the system shard, read with the catalog; a newer one is
/// brought to this process and to the nodes before anything is planned with it, so that a gateway which dies after it has
/// changed the layout leaves nothing undone.
/// </summary>
internal sealed class LayoutKeeper(ILayoutHost? host, BackgroundWork background, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile ClusterLayout? _newest;

    /// <summary>The newest layout; 0A000 where this gateway's cluster has none.</summary>
    public ClusterLayout Current => _newest is { } read && read.Version > Host.Layout.Version ? read : Host.Layout;

    private ILayoutHost Host => host ?? throw new SqlException(
        SqlStates.FeatureNotSupported, "the nodes of this cluster are not managed by statements")
    {
        Hint = "SHOW NODES lists them.",
    };

    /// <summary>Takes the layout of the system shard: this process has it when this returns. The nodes hear of it meanwhile; those
    /// that are away, when they are back.</summary>
    public Task TakeAsync(ClusterLayout layout, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _newest = layout.Version > (_newest?.Version ?? 0) ? layout : _newest;
        }

        return FollowAsync(cancellationToken);
    }

    /// <summary>Takes the newest layout where this process has not taken it yet.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        if (host is null || _newest is not { } newest || host.Layout.Version >= newest.Version)
        {
            return;
        }

        Task<IReadOnlyList<NodeId>> adopting = host.AdoptAsync(newest, CancellationToken.None);
        background.Follow(adopting);
        long began = time.GetTimestamp();
        while (!adopting.IsCompleted && host.Layout.Version < newest.Version && time.GetElapsedTime(began) < GatewayLimits.AdoptTime)
        {
            await Task.Delay(GatewayLimits.AdoptPollInterval, time, cancellationToken);
        }
    }

    /// <summary>Brings the newest layout to all nodes that can be reached.</summary>
    public Task<IReadOnlyList<NodeId>> SpreadAsync(CancellationToken cancellationToken) =>
        Host.AdoptAsync(Current, cancellationToken);
}
