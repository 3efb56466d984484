using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol;

/// <summary>
/// One call as a transport hands it to a service: its two pipes, its metadata and how it may end early. The transport
/// owns the pipes and turns what the method throws into a status by <see cref="StatusOf"/>.
/// </summary>
public sealed class GrpcServerCall : IDisposable
{
    // CancellationTokenSource takes no longer delay than about 49 days; such a call has no deadline in practice.
    private static readonly TimeSpan s_deadlineMax = TimeSpan.FromDays(45);

    // Neither holds a timer or a registration elsewhere, so neither is disposed: a late abort finds them as they were.
    private readonly CancellationTokenSource _aborted = new();
    private readonly CancellationTokenSource _token = new();
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenRegistration _stop;
    private CancellationTokenSource? _deadline;
    private GrpcException? _abortReason;

    /// <summary>A call over two pipes; <paramref name="stopping"/> is cancelled when the server stops.</summary>
    public GrpcServerCall(PipeReader input, PipeWriter output, CancellationToken stopping)
    {
        Input = input;
        Output = output;
        _stopping = stopping;
        _stop = stopping.UnsafeRegister(static call => ((GrpcServerCall)call!).Cancel(), this);
    }

    /// <summary>Frames from the client.</summary>
    public PipeReader Input { get; }

    /// <summary>Frames to the client.</summary>
    public PipeWriter Output { get; }

    /// <summary>What the client sent along.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Largest message sent or taken.</summary>
    public int MaxMessageBytes { get; init; } = GrpcLimits.MaxMessageBytes;

    /// <summary>Cancelled when the call is aborted or the server stops.</summary>
    public CancellationToken Token => _token.Token;

    /// <summary>Why the call was aborted, if it was.</summary>
    public GrpcException? AbortReason => Volatile.Read(ref _abortReason);

    /// <summary>Cancelled when the call is aborted: nothing more can be sent or received.</summary>
    internal CancellationToken Aborted => _aborted.Token;

    /// <summary>Aborts the call with DEADLINE_EXCEEDED after this time; null: never.</summary>
    public void StartDeadline(TimeSpan? timeout)
    {
        if (timeout is not { } limit || limit > s_deadlineMax)
        {
            return;
        }

        _deadline = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero);
        _deadline.Token.UnsafeRegister(
            static call => ((GrpcServerCall)call!).Abort(
                new GrpcException(GrpcStatusCode.DeadlineExceeded, "the deadline of the call has passed")),
            this);
    }

    /// <summary>
    /// Ends the call early; the first reason stays. The endpoint hears of it on the pool, never on this stack.
    /// </summary>
    public void Abort(GrpcException reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, reason, null) is null)
        {
            // The endpoint that finds its stream ended also finds its token cancelled.
            Cancel();
            _ = _aborted.CancelAsync();
        }
    }

    /// <summary>
    /// The status that an exception of the method stands for; the text of an unexpected one never leaves the server.
    /// </summary>
    public GrpcException StatusOf(Exception failure) => failure switch
    {
        _ when AbortReason is { } reason => reason,
        GrpcException status => status,
        OperationCanceledException when _stopping.IsCancellationRequested =>
            new GrpcException(GrpcStatusCode.Unavailable, "the server is stopping"),
        OperationCanceledException => new GrpcException(GrpcStatusCode.Cancelled, "the call was cancelled"),
        _ => new GrpcException(GrpcStatusCode.Internal, "internal error", failure),
    };

    /// <summary>Runs the call's method; the status with which it ended, null is OK.</summary>
    public async Task<GrpcException?> RunAsync(GrpcServiceMethod method, ICallLog log)
    {
        try
        {
            await method.InvokeAsync(this).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            var status = StatusOf(e);
            if (status.StatusCode == GrpcStatusCode.Internal && e is not GrpcException)
            {
                log.Failed(method.Path, e);
            }

            return status;
        }
    }

    /// <summary>Ends the deadline; the token stays what it is.</summary>
    public void Dispose()
    {
        _deadline?.Dispose();
        _stop.Dispose();
    }

    private void Cancel() => _ = _token.CancelAsync();
}
