using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Options;
using ShardSql.Data.Telemetry;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Data.Sessions;

/// <summary>
/// Opens sessions: tries the hosts in the order of the <see cref="HostSelector"/> until one greets, within one timeout
/// for all of them. What a gateway says about the client itself (wrong password, unknown database) ends the search,
/// as every other gateway would say the same.
/// </summary>
internal sealed class SessionConnector : IAsyncDisposable
{
    private readonly SessionGreeting _greeting;
    private readonly HostSelector _hosts;
    private readonly TransportCache _transports;
    private readonly TimeProvider _time;

    public SessionConnector(ConnectionSettings settings, TransportCache transports, TimeProvider time)
    {
        Settings = settings;
        _greeting = new SessionGreeting(settings, new StampWatermark());
        _hosts = new HostSelector(settings, time);
        _transports = transports;
        _time = time;
    }

    /// <summary>What sessions are opened with.</summary>
    public ConnectionSettings Settings { get; }

    /// <summary>A session with the first host that greets.</summary>
    public async Task<Session> OpenAsync(CancellationToken cancellationToken)
    {
        RefuseEncryption();
        using var timeout = new CancellationTokenSource(Settings.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var tried = new List<string>();
        Exception? last = null;
        long began = _time.GetTimestamp();
        foreach (HostAddress host in _hosts.Order())
        {
            try
            {
                Session session = await OpenAsync(host, linked.Token).ConfigureAwait(false);
                _hosts.Succeeded(host);
                DataMetrics.RecordCreateTime(_time.GetElapsedTime(began), Settings);
                return session;
            }
            catch (Exception error) when (IsHostFailure(error) && !cancellationToken.IsCancellationRequested)
            {
                _hosts.Failed(host);
                tried.Add($"{host}: {(timeout.IsCancellationRequested ? "no answer in time" : error.Message)}");
                last = error;
            }

            if (timeout.IsCancellationRequested)
            {
                break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw Unreachable(tried, timeout.IsCancellationRequested, last);
    }

    /// <summary>Closes the shared transports.</summary>
    public ValueTask DisposeAsync() => _transports.DisposeAsync();

    private async Task<Session> OpenAsync(HostAddress host, CancellationToken cancellationToken)
    {
        IGrpcTransport transport = _transports.Get(host);
        IDuplexChannel<ClientFrame, ServerFrame> channel = await transport
            .DuplexAsync(GrpcMethods.GatewaySession, GrpcCallOptions.Default, cancellationToken)
            .ConfigureAwait(false);
        return await Session.OpenAsync(channel, host, _greeting, _time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
    }

    private static bool IsHostFailure(Exception error) =>
        error is GrpcException or SessionLostException or OperationCanceledException
        || (error is ShardSqlException { SqlState: var state } && IsOfTheHost(state));

    /// <summary>Whether a refused greeting is about this gateway now, and not about the client.</summary>
    private static bool IsOfTheHost(string sqlState) => sqlState
        is SqlStates.CannotConnect
        or SqlStates.CannotConnectNow
        or SqlStates.AdminShutdown
        or SqlStates.TooManyConnections;

    private void RefuseEncryption()
    {
        if (Settings.SslMode != ShardSqlSslMode.Disable)
        {
            throw new ShardSqlException(new ErrorDetails(
                SqlStates.CannotConnect,
                $"Ssl Mode={Settings.SslMode} is not supported yet: gateways serve no TLS",
                ShardSqlOutcome.Failed,
                IsTransient: false)
            {
                Hint = "Set Ssl Mode=Disable and keep the network between application and gateway private.",
            });
        }
    }

    private ShardSqlException Unreachable(List<string> tried, bool timedOut, Exception? last)
    {
        string after = timedOut
            ? FormattableString.Invariant($" within {Settings.Timeout.TotalSeconds:0.###} s")
            : "";
        return new ShardSqlException(
            SqlStates.CannotConnect,
            $"no gateway could be reached{after}: {string.Join("; ", tried)}",
            ShardSqlOutcome.RolledBack,
            last);
    }
}
