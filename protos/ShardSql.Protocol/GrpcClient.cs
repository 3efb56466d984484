using System;
using System.IO;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Channels;
using ShardSql.Protocol.Http;

namespace ShardSql.Protocol;

/// <summary>
/// gRPC over HTTP/2 with prior knowledge, to one server. Calls share connections; one more is opened when a connection
/// has no stream left. A server that cannot be reached is UNAVAILABLE, with address and cause.
/// </summary>
public sealed class GrpcClient : IGrpcTransport
{
    private const int StreamWindowBytes = 1024 * 1024;

    private static readonly PipeOptions s_requestPipe = new(
        pauseWriterThreshold: GrpcLimits.PipePauseBytes,
        resumeWriterThreshold: GrpcLimits.PipePauseBytes / 2,
        minimumSegmentSize: GrpcLimits.PipeSegmentBytes,
        useSynchronizationContext: false);

    private static readonly StreamPipeReaderOptions s_responsePipe = new(
        bufferSize: GrpcLimits.PipeSegmentBytes, minimumReadSize: GrpcLimits.PipeSegmentBytes / 4);

    private readonly GrpcClientOptions _options;
    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _authority;

    /// <summary>A client of the server at HOST:PORT or unix:/PATH.</summary>
    public GrpcClient(string address, GrpcClientOptions? options = null)
        : this(GrpcAddress.Parse(address), options)
    {
    }

    /// <summary>A client of the server at an address that is not in-process.</summary>
    public GrpcClient(GrpcAddress address, GrpcClientOptions? options = null)
    {
        if (address.InProcessName is not null)
        {
            throw new ArgumentException("An in-process server is not reached by HTTP.", nameof(address));
        }

        _options = options ?? GrpcClientOptions.Default;
        Address = address.ToString();
        _authority = new Uri(address.UnixPath is null ? $"http://{address}/" : "http://localhost/");
        _invoker = new HttpMessageInvoker(Handler(address, _options), disposeHandler: true);
    }

    /// <inheritdoc/>
    public string Address { get; }

    /// <inheritdoc/>
    public async Task<IDuplexChannel<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var pipe = new Pipe(s_requestPipe);
        using var content = new PipeContent(pipe.Reader);
        using var request = HttpCall.Request(_authority, method.Path, options, content);
        var call = new HttpCall(Address, options.Deadline);
        try
        {
            await call.OpenAsync(_invoker, request, cancellationToken).ConfigureAwait(false);
            var body = await call.Response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var responses = PipeReader.Create(body, s_responsePipe);
            return new HttpChannel<TRequest, TResponse>(
                call, responses, pipe.Writer, method.ResponseParser, _options.MaxMessageBytes);
        }
        catch
        {
            call.Dispose();
            await pipe.Writer.CompleteAsync().ConfigureAwait(false);
            content.Abandon();
            throw;
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
        using var content = new FrameContent(request, _options.MaxMessageBytes);
        using var message = HttpCall.Request(_authority, method.Path, options, content);
        using var call = new HttpCall(Address, options.Deadline);
        await call.OpenAsync(_invoker, message, cancellationToken).ConfigureAwait(false);
        var body = await call.Response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var receiver = new FrameReceiver<TResponse>(
            PipeReader.Create(body, s_responsePipe), method.ResponseParser, ownsReader: true, _options.MaxMessageBytes);
        try
        {
            using var registration = cancellationToken.UnsafeRegister(
                static call => ((HttpCall)call!).Dispose(), call);
            return await FinishAsync(call, receiver).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw call.StatusOf(e);
        }
        finally
        {
            receiver.Close();
        }
    }

    /// <summary>Closes the connections; open calls end.</summary>
    public ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<TResponse> FinishAsync<TResponse>(HttpCall call, FrameReceiver<TResponse> receiver)
        where TResponse : class, IMessage<TResponse>
    {
        var response = await receiver.ReceiveAsync(call.Ended).ConfigureAwait(false);
        var more = response is null ? null : await receiver.ReceiveAsync(call.Ended).ConfigureAwait(false);
        if (more is null && HttpStatus.OfTrailers(call.Response) is { } status)
        {
            throw status;
        }

        return more is null && response is not null
            ? response
            : throw new GrpcException(GrpcStatusCode.Internal, "the call did not end with exactly one response");
    }

    private static SocketsHttpHandler Handler(GrpcAddress address, GrpcClientOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            ActivityHeadersPropagator = null,
        };
        if (address.UnixPath is not null)
        {
            handler.ConnectCallback = async (_, cancellationToken) => new NetworkStream(
                await address.ConnectAsync(cancellationToken).ConfigureAwait(false), ownsSocket: true);
        }

        return handler;
    }
}
