using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ShardSql.Protocol;
using ShardSql.Protocol.Http2;

namespace ShardSql.Storage.Grpc;

/// <summary>
/// gRPC over HTTP/2 with prior knowledge on one TCP port or unix socket: links (<see cref="LinkServer"/>) for clients that
/// are ours, bare Kestrel for all others, no hosting, no middleware. Started once, stopped once.
/// </summary>
public sealed class GrpcKestrelServer : IAsyncDisposable
{
    private readonly GrpcServices _services;
    private readonly GrpcServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private KestrelServer? _kestrel;
    private LinkServer? _links;
    private string? _endpoint;
    private int _stopped;

    /// <summary>A server of these services; it listens from <see cref="StartAsync"/> on.</summary>
    public GrpcKestrelServer(GrpcServices services, GrpcServerOptions options, ILoggerFactory? loggers = null)
    {
        _services = services;
        _options = options;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger("ShardSql.Grpc");
    }

    /// <summary>The address with the port that was bound.</summary>
    public string Endpoint => _endpoint ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Binds and listens. An address in use is <see cref="IOException"/>.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var address = GrpcAddress.Parse(_options.Listen.Replace("*:", "0.0.0.0:", StringComparison.Ordinal));
        var kestrelOptions = KestrelOptions();
        await ListenAsync(kestrelOptions, address, cancellationToken).ConfigureAwait(false);
        var log = new CallLog(_logger);
        _links = new LinkServer(_services, LinkLimits(), log, _stopping.Token);
        _kestrel = new KestrelServer(
            Options.Create(kestrelOptions), new LinkListenerFactory(_links, _loggers), _loggers);
        var application = new GrpcApplication(_services, _options.MaxMessageBytes, log, _stopping.Token);
        await _kestrel.StartAsync(application, cancellationToken).ConfigureAwait(false);
        _endpoint = Bound(_kestrel, address);
        Log.Listening(_logger, _endpoint);
    }

    /// <summary>
    /// Takes no more connections and cancels the tokens of running calls, which may still send; those that have not
    /// ended after <see cref="GrpcServerLimits.StopTimeout"/>, or when the token given is cancelled, are cut.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0 || _kestrel is null)
        {
            return;
        }

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        cut.CancelAfter(GrpcServerLimits.StopTimeout);
        var stop = Task.WhenAll(_kestrel.StopAsync(cut.Token), _links!.StopAsync(cut.Token));
        await _stopping.CancelAsync().ConfigureAwait(false);
        await stop.ConfigureAwait(false);
        if (cut.IsCancellationRequested)
        {
            Log.StopCut(_logger);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _kestrel?.Dispose();
        _stopping.Dispose();
    }

    private LinkServerLimits LinkLimits() => new(
        _options.MaxConnections,
        GrpcServerLimits.MaxStreamsPerConnection,
        GrpcServerLimits.StreamWindowBytes,
        _options.MaxMessageBytes,
        GrpcServerLimits.KeepAlivePingDelay,
        GrpcServerLimits.KeepAlivePingTimeout,
        GrpcServerLimits.LingerTimeout);

    private KestrelServerOptions KestrelOptions()
    {
        var options = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        var limits = options.Limits;
        limits.MaxConcurrentConnections = _options.MaxConnections;

        // Sessions carry any number of bytes, are quiet for hours, and are read as slowly as their application does.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;

        limits.MaxRequestHeadersTotalSize = GrpcServerLimits.MaxHeadersBytes;
        limits.Http2.MaxStreamsPerConnection = GrpcServerLimits.MaxStreamsPerConnection;
        limits.Http2.InitialStreamWindowSize = GrpcServerLimits.StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = GrpcServerLimits.ConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = GrpcServerLimits.KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = GrpcServerLimits.KeepAlivePingTimeout;
        return options;
    }

    private static async Task ListenAsync(
        KestrelServerOptions options, GrpcAddress address, CancellationToken cancellationToken)
    {
        static void UseHttp2(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http2;
            LingeringClose.Use(listen);
        }

        if (address.InProcessName is not null)
        {
            throw new FormatException($"A server cannot listen on '{address}'; register it with InProcessEndpoints.");
        }

        if (address.UnixPath is { } path)
        {
            RemoveStaleSocket(path);
            options.ListenUnixSocket(Path.GetFullPath(path), UseHttp2);
            return;
        }

        if (!IPAddress.TryParse(address.Host, out var ip))
        {
            var found = await Dns.GetHostAddressesAsync(address.Host, cancellationToken).ConfigureAwait(false);
            ip = found.OrderBy(candidate => candidate.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
        }

        options.Listen(ip, address.Port, UseHttp2);
    }

    // A killed process leaves its socket's file behind; one that still answers is in use and binding will say so.
    private static void RemoveStaleSocket(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }

    private static string Bound(KestrelServer kestrel, GrpcAddress address)
    {
        if (address.UnixPath is not null)
        {
            return address.ToString();
        }

        var bound = kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var port = BindingAddress.Parse(bound).Port;
        var host = address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
    }
}
