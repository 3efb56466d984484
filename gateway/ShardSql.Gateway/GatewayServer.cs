using System;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Hosting;
using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Starting;
using ShardSql.Gateway.Submissions;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway;

/// <summary>
/// A gateway: sessions, planning, the coordination of commits. It keeps nothing that must survive; any number of them
/// may serve a cluster. Started once, stopped once.
/// </summary>
public sealed class GatewayServer : IGatewayEndpoint, IAsyncDisposable
{
    private readonly GatewayServices _services;
    private readonly TransactionSubmitter _submitter;
    private readonly CancellationTokenSource _stopping = new();
    private Task _housekeeping = Task.CompletedTask;
    private int _sessions;
    private int _disposed;
    private volatile bool _started;

    /// <summary>A gateway of the shards that the client reaches; it serves from <see cref="StartAsync"/> on. Without a host of
    /// the layout it refuses statements that change the layout.</summary>
    public GatewayServer(
        IShardClient client,
        INodeDirectory nodes,
        GatewayOptions options,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        ILayoutHost? layouts = null)
    {
        ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("ShardSql.Gateway");
        _services = new GatewayServices(client, nodes, layouts, options, time ?? TimeProvider.System, logger);
        _submitter = new TransactionSubmitter(_services);
    }

    /// <summary>Sessions open now.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Which cluster this is, once the gateway has started.</summary>
    public Guid ClusterId => _services.Identity.ClusterId;

    /// <summary>The source number that stamps are drawn under.</summary>
    public ulong StampSource => _services.Stamps.Source;

    internal GatewayServices Services => _services;

    /// <summary>
    /// Finds or makes the system rows, takes a stamp source, loads catalog and map. Waits for the system shard's leader
    /// until the token is cancelled.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = WarmUp.Begin();
        GatewayOptions options = _services.Options;
        var ifNew = new ClusterIdentity(options.ClusterId, options.Database, options.DataShards);
        for (int round = 0; ; round++)
        {
            try
            {
                _services.Identity = await Bootstrap.IdentifyAsync(_services.Store, ifNew, cancellationToken);
                if (!_services.Stamps.HasNumber)
                {
                    _services.Stamps.TakeNumber(await Bootstrap.NextNumberAsync(
                        _services.Store, SystemTableIds.GatewaySources, cancellationToken));
                }

                await _services.Catalog.StartAsync(_services.Identity, cancellationToken);
                break;
            }
            catch (ShardUnavailableException failure)
            {
                Log.CatalogUnreachable(_services.Logger, failure.Message);
                await Commit.Backoff.BeforeRecoveryAsync(round, _services.Time, cancellationToken);
            }
        }

        await WarmUp.ServeFirstAsync(_services, cancellationToken);
        _started = true;
        _housekeeping = new Housekeeping(_services, _submitter).RunAsync(_stopping.Token);
        Log.Started(_services.Logger, _services.Stamps.Source, _services.Options.Database);
    }

    /// <inheritdoc />
    public async Task SessionAsync(
        IDuplexChannel<ServerFrame, ClientFrame> channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(channel);
        RequireStarted();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        int sessions = Interlocked.Increment(ref _sessions);
        try
        {
            if (sessions > _services.Options.MaxSessions)
            {
                await RefuseAsync(channel, sessions, ends.Token);
                return;
            }

            using var session = new Session(_services, channel);
            await session.RunAsync(ends.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _sessions);
        }
    }

    /// <inheritdoc />
    public async Task<SubmitTransactionReply> SubmitTransactionAsync(
        SubmitTransactionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireStarted();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        return await _submitter.SubmitAsync(request, ends.Token);
    }

    /// <summary>Ends all sessions and waits for commits that are on their way.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _housekeeping;
        using var limit = new CancellationTokenSource(GatewayLimits.StopTimeout, _services.Time);
        await _services.Background.WhenIdleAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _services.Dispose();
        _submitter.Dispose();
        _stopping.Dispose();
    }

    // The process listens before its gateway has started. One that does not know the catalog yet would answer for shards
    // that it has never heard of: that a transaction of theirs did not commit, for one.
    private void RequireStarted()
    {
        if (!_started)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "the gateway is starting");
        }
    }

    private async Task RefuseAsync(
        IDuplexChannel<ServerFrame, ClientFrame> channel, int sessions, CancellationToken cancellationToken)
    {
        var refusal = new SqlException(
            SqlStates.TooManyConnections,
            $"too many sessions: limit {_services.Options.MaxSessions}, actual {sessions}");
        await channel.SendAsync(new ServerFrame { Error = ErrorFrames.From(refusal, out _) }, cancellationToken);
    }
}
