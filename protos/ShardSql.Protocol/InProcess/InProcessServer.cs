using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol;

/// <summary>One registered name: starts each call on the pool and gives its end a status.</summary>
internal sealed class InProcessServer : IDisposable
{
    private readonly string _name;
    private readonly GrpcServices _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private int _calls;

    public InProcessServer(string name, GrpcServices services)
    {
        _name = name;
        _services = services;
        _stopped = _stop.Token;
    }

    /// <summary>Starts a call; <see cref="InProcessCall.Status"/> is set before its output ends.</summary>
    public void Start(string path, InProcessCall call, TimeSpan? deadline)
    {
        if (!_services.TryGet(path, out var method))
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, $"'{_name}' has no method {path}");
        }

        if (Interlocked.Increment(ref _calls) > GrpcLimits.MaxInProcessCalls)
        {
            Interlocked.Decrement(ref _calls);
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"'{_name}' has {GrpcLimits.MaxInProcessCalls} calls open already");
        }

        call.Server.StartDeadline(deadline);
        _ = Task.Run(() => RunAsync(method, call));
    }

    /// <summary>Ends all calls.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(GrpcServiceMethod method, InProcessCall call)
    {
        try
        {
            using var registration = _stopped.UnsafeRegister(
                static state => ((GrpcServerCall)state!).Abort(
                    new GrpcException(GrpcStatusCode.Unavailable, "the in-process server has stopped")),
                call.Server);
            await method.InvokeAsync(call.Server).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The status carries an unexpected exception as its cause: within the process nothing needs to hide it.
            call.Status = call.Server.StatusOf(e);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
            call.Server.Output.Complete();
            call.Server.Input.Complete();
            call.Server.Dispose();
        }
    }
}

/// <summary>
/// Two bounded pipes between a client and a server of one process; continuations always go to the pool.
/// </summary>
internal sealed class InProcessCall
{
    private static readonly PipeOptions s_options = new(
        readerScheduler: PipeScheduler.ThreadPool,
        writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: GrpcLimits.PipePauseBytes,
        resumeWriterThreshold: GrpcLimits.PipePauseBytes / 2,
        minimumSegmentSize: GrpcLimits.PipeSegmentBytes,
        useSynchronizationContext: false);

    private readonly Pipe _requests = new(s_options);
    private readonly Pipe _responses = new(s_options);
    private GrpcException? _status;

    public InProcessCall(GrpcCallOptions options, int maxMessageBytes)
    {
        Server = new GrpcServerCall(_requests.Reader, _responses.Writer, CancellationToken.None)
        {
            Metadata = options.Metadata ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty,
            MaxMessageBytes = maxMessageBytes,
        };
    }

    public GrpcServerCall Server { get; }

    public PipeWriter Requests => _requests.Writer;

    public PipeReader Responses => _responses.Reader;

    /// <summary>How the call ended; null is OK.</summary>
    public GrpcException? Status
    {
        get => Volatile.Read(ref _status);
        set => Volatile.Write(ref _status, value);
    }
}
