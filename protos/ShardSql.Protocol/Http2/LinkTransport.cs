using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Channels;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Http;

namespace ShardSql.Protocol.Http2;

/// <summary>
/// gRPC to one server over links (<see cref="Http2Link"/>). Calls share a link; one more is opened when it has no stream
/// left. A server that is not one of ours, as behind a proxy that ends connections, is reached by HttpClient.
/// </summary>
internal sealed class LinkTransport : IGrpcTransport
{
    private const int StreamWindowBytes = 1024 * 1024;

    private static readonly Http2Settings s_settings = new(StreamWindowBytes, StreamsMax: 0);

    private readonly GrpcAddress _server;
    private readonly GrpcClientOptions _options;
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly Lock _gate = new();
    private readonly List<Http2Link> _links = [];
    private GrpcClient? _plain;
    private bool _isDisposed;

    public LinkTransport(GrpcAddress server, GrpcClientOptions options)
    {
        _server = server;
        _options = options;
        Address = server.ToString();
    }

    /// <inheritdoc/>
    public string Address { get; }

    /// <inheritdoc/>
    public async Task<IDuplexChannel<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var headers = RequestHeaders(method.Path, options);
        while (true)
        {
            var link = Idle() ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);
            if (link is null)
            {
                return await _plain!.DuplexAsync(method, options, cancellationToken).ConfigureAwait(false);
            }

            if (link.TryOpen(headers, options.ReadsInline) is not { } stream)
            {
                continue;
            }

            var channel = new LinkChannel<TRequest, TResponse>(
                link, stream, Address, method.ResponseParser, _options.MaxMessageBytes, options.Deadline);
            await channel.OpenAsync(cancellationToken).ConfigureAwait(false);
            return channel;
        }
    }

    /// <inheritdoc/>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        TRequest request,
        GrpcCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var channel = await DuplexAsync(method, options, cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            return await UnaryCall.RunAsync(channel, request, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the links; open calls end.</summary>
    public ValueTask DisposeAsync()
    {
        Http2Link[] links;
        lock (_gate)
        {
            _isDisposed = true;
            links = [.. _links];
        }

        foreach (var link in links)
        {
            link.Dispose();
        }

        return _plain?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static byte[] RequestHeaders(string path, GrpcCallOptions options)
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            new(":method", "POST"),
            new(":scheme", "http"),
            new(":path", path),
            new("content-type", GrpcHeaders.ContentType),
            new("te", "trailers"),
        };
        if (options.Deadline is { } deadline)
        {
            headers.Add(new(GrpcHeaders.Timeout, GrpcTimeout.Encode(deadline)));
        }

        foreach (var (name, value) in options.Metadata ?? new Dictionary<string, string>())
        {
            if (!GrpcHeaders.IsMetadata(name, value))
            {
                throw new ArgumentException($"'{name}' cannot be metadata of a call.", nameof(options));
            }

            headers.Add(new(name, value));
        }

        return HeaderBlock.Write(headers);
    }

    private Http2Link? Idle()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _links.Find(link => link.HasRoom);
        }
    }

    // Null: the server is not one of ours.
    private async Task<Http2Link?> ConnectAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_plain is not null)
            {
                return null;
            }

            if (Idle() is { } open)
            {
                return open;
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_options.ConnectTimeout);
            return await ConnectOneAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GrpcException(
                GrpcStatusCode.Unavailable,
                e is OperationCanceledException
                    ? $"{Address}: no connection within {_options.ConnectTimeout.TotalSeconds:0.#} s"
                    : $"{Address}: {e.Message}",
                e);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<Http2Link?> ConnectOneAsync(CancellationToken cancellationToken)
    {
        var link = new Http2Link(await _server.ConnectAsync(cancellationToken).ConfigureAwait(false), true, s_settings);
        link.KeepAlive(_options.KeepAlivePingDelay, _options.KeepAlivePingTimeout, onlyWithStreams: true);
        link.Start();
        try
        {
            if (await link.Opened.WaitAsync(cancellationToken).ConfigureAwait(false) is null)
            {
                _plain = new GrpcClient(_server, _options);
                return null;
            }
        }
        catch (Exception e)
        {
            link.Break(e);
            throw;
        }

        lock (_gate)
        {
            if (!_isDisposed)
            {
                _links.Add(link);
            }
        }

        if (_isDisposed)
        {
            link.Dispose();
        }

        _ = ForgetAsync(link);
        return link;
    }

    private async Task ForgetAsync(Http2Link link)
    {
        await link.Ended.ConfigureAwait(false);
        lock (_gate)
        {
            _links.Remove(link);
        }
    }
}
