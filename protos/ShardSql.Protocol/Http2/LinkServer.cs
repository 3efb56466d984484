using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Http;

namespace ShardSql.Protocol.Http2;

/// <summary>The bounds of a server's links.</summary>
/// <param name="LinksMax">Open links; one more is closed at once.</param>
/// <param name="StreamsMax">Open calls of a link; a client opens another link beyond it.</param>
/// <param name="StreamWindowBytes">Bytes that a client may send on one stream before it is read.</param>
/// <param name="MessageBytesMax">Largest message sent or taken.</param>
/// <param name="PingDelay">A link silent for so long is pinged.</param>
/// <param name="PingTimeout">A ping unanswered for so long breaks the link.</param>
/// <param name="LingerTimeout">Time that a client has to close its end of a link that has ended.</param>
public sealed record LinkServerLimits(
    int LinksMax,
    int StreamsMax,
    int StreamWindowBytes,
    int MessageBytesMax,
    TimeSpan PingDelay,
    TimeSpan PingTimeout,
    TimeSpan LingerTimeout);

/// <summary>Serves the rpcs of a table over links: HTTP/2 connections whose other end is one of ours.</summary>
public sealed class LinkServer(GrpcServices services, LinkServerLimits limits, ICallLog log, CancellationToken stopping)
{
    private static readonly byte[] s_responseHeaders = HeaderBlock.Write(
    [
        new(":status", "200"),
        new("content-type", GrpcHeaders.ContentType),
        new(GrpcHeaders.AcceptEncoding, GrpcHeaders.Identity),
    ]);

    private readonly Lock _gate = new();
    private readonly HashSet<Http2Link> _links = [];
    private bool _isStopped;

    /// <summary>Bytes by which <see cref="BeginsLink"/> tells a link from another client.</summary>
    public static int MarkBytes => Http2Settings.MarkBytes;

    /// <summary>
    /// Whether a connection's first bytes begin a link: false as soon as they do not, null while they are too few.
    /// </summary>
    public static bool? BeginsLink(ReadOnlySpan<byte> first) => Http2Settings.BeginsLink(first);

    /// <summary>Serves a connection that begins a link; ends with it. The socket is disposed of.</summary>
    public async Task ServeAsync(Socket socket)
    {
        var settings = new Http2Settings(limits.StreamWindowBytes, limits.StreamsMax);
        var link = new Http2Link(socket, isClient: false, settings)
        {
            OnRequest = (link, stream, headers) => ThreadPool.UnsafeQueueUserWorkItem(
                static call => _ = call.Server.ServeAsync(call.Link, call.Stream, call.Headers),
                (Server: this, Link: link, Stream: stream, Headers: headers),
                preferLocal: false),
            ReadsInline = headers => headers.TryGetValue(":path", out var path)
                && services.TryGet(path, out var method) && method.ReadsInline,
        };
        lock (_gate)
        {
            if (_isStopped || _links.Count >= limits.LinksMax)
            {
                socket.Dispose();
                return;
            }

            _links.Add(link);
        }

        link.KeepAlive(limits.PingDelay, limits.PingTimeout, onlyWithStreams: false);
        link.Start();
        await link.Ended.ConfigureAwait(false);
        lock (_gate)
        {
            _links.Remove(link);
        }
    }

    /// <summary>
    /// Takes no more calls, and ends with those that run; when the token is cancelled they are cut.
    /// </summary>
    public async Task StopAsync(CancellationToken cut)
    {
        Http2Link[] links;
        lock (_gate)
        {
            _isStopped = true;
            links = [.. _links];
        }

        foreach (var link in links)
        {
            link.GoAway();
        }

        using var now = cut.UnsafeRegister(
            static links => Array.ForEach((Http2Link[])links!, link => link.Break(Cut())), links);
        await Task.WhenAll(Array.ConvertAll(links, EndAsync)).ConfigureAwait(false);
    }

    private static OperationCanceledException Cut() => new("the server has stopped");

    // The client closes its end when it has read everything; one that does not is not waited for.
    private async Task EndAsync(Http2Link link)
    {
        await Task.WhenAny(link.Ended, link.Shut).ConfigureAwait(false);
        await Task.WhenAny(link.Ended, Task.Delay(limits.LingerTimeout, CancellationToken.None)).ConfigureAwait(false);
        link.Break(Cut());
        await link.Ended.ConfigureAwait(false);
    }

    private async Task ServeAsync(Http2Link link, Http2Stream stream, Dictionary<string, string> headers)
    {
        headers.TryGetValue(":path", out var path);
        link.SendHeaders(stream, s_responseHeaders, isEnd: false);
        var status = await RunAsync(link, stream, path ?? "", headers).ConfigureAwait(false);
        var trailers = new List<KeyValuePair<string, string>>
        {
            new(GrpcHeaders.Status, ((int)(status?.StatusCode ?? GrpcStatusCode.Ok)).ToString(CultureInfo.InvariantCulture)),
        };
        if (status is not null)
        {
            log.Ended(path ?? "", status);
            trailers.Add(new(GrpcHeaders.Message, GrpcMessageEncoding.Encode(status.Message)));
        }

        link.SendHeaders(stream, HeaderBlock.Write(trailers), isEnd: true);
    }

    private async Task<GrpcException?> RunAsync(
        Http2Link link, Http2Stream stream, string path, Dictionary<string, string> headers)
    {
        try
        {
            var method = services.Find(path, headers.GetValueOrDefault(GrpcHeaders.Encoding));
            var timeout = GrpcTimeout.Read(headers.GetValueOrDefault(GrpcHeaders.Timeout));
            using var call = new GrpcServerCall(stream.Input, stream.Output, stopping)
            {
                Metadata = GrpcHeaders.MetadataOf(headers),
                MaxMessageBytes = limits.MessageBytesMax,
            };
            stream.OnLost(() => call.Abort(new GrpcException(GrpcStatusCode.Cancelled, "the client has gone away")));
            call.StartDeadline(timeout);
            return await call.RunAsync(method, log).ConfigureAwait(false);
        }
        catch (GrpcException e)
        {
            return e;
        }
    }
}
