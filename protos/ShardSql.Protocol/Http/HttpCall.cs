using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Framing;

namespace ShardSql.Protocol.Http;

/// <summary>
/// One request over HTTP/2 from its headers to its end. Ending it early resets the stream; <see cref="Ended"/> says so
/// to whoever works with its body.
/// </summary>
internal sealed class HttpCall : IDisposable
{
    // CancellationTokenSource takes no longer delay than about 49 days.
    private static readonly TimeSpan s_deadlineMax = TimeSpan.FromDays(45);

    private readonly string _address;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource? _deadline;
    private HttpResponseMessage? _response;

    public HttpCall(string address, TimeSpan? deadline)
    {
        _address = address;
        if (deadline is { } limit && limit <= s_deadlineMax)
        {
            _deadline = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero);
            _deadline.Token.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
        }
    }

    /// <summary>Cancelled when the call has ended early.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The response, once <see cref="OpenAsync"/> has ended.</summary>
    public HttpResponseMessage Response =>
        _response ?? throw new InvalidOperationException("The call has no response yet.");

    /// <summary>Sends the request and waits for the response's headers.</summary>
    public async Task OpenAsync(
        HttpMessageInvoker invoker, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The token given is for opening only: the body goes on after this has ended.
        using (cancellationToken.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended))
        {
            try
            {
                _response = await invoker.SendAsync(request, _ended.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (
                e is HttpRequestException or System.IO.IOException or SocketException or OperationCanceledException)
            {
                // SocketsHttpHandler lets a bare SocketException out when a connection is reset right after it was made.
                cancellationToken.ThrowIfCancellationRequested();
                throw StatusOf(e);
            }
        }

        if (HttpStatus.OfHeaders(_response) is { } status)
        {
            throw status;
        }
    }

    /// <summary>The status of a failure of this call.</summary>
    public GrpcException StatusOf(Exception failure)
    {
        if (_deadline is { IsCancellationRequested: true })
        {
            return new GrpcException(GrpcStatusCode.DeadlineExceeded, "the deadline of the call has passed", failure);
        }

        return _ended.IsCancellationRequested
            ? new GrpcException(GrpcStatusCode.Cancelled, "the call was ended by its caller", failure)
            : HttpStatus.OfFailure(_address, failure);
    }

    /// <summary>Ends the call: a stream that the server has not ended is reset.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        _deadline?.Dispose();
        _response?.Dispose();
    }

    /// <summary>The request of a call.</summary>
    public static HttpRequestMessage Request(Uri authority, string path, GrpcCallOptions options, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(authority, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("content-type", GrpcHeaders.ContentType);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        if (options.Deadline is { } deadline)
        {
            request.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Encode(deadline));
        }

        foreach (var (name, value) in options.Metadata ?? new Dictionary<string, string>())
        {
            if (GrpcHeaders.IsReserved(name) || !request.Headers.TryAddWithoutValidation(name, value))
            {
                throw new ArgumentException($"'{name}' cannot be metadata of a call.", nameof(options));
            }
        }

        return request;
    }
}
