using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Framing;

namespace ShardSql.Protocol.Channels;

/// <summary>
/// Many senders, one pipe: each message is serialised into a buffer under the gate, and one of the senders hands the
/// pipe whatever has gathered, while the next messages gather in a second buffer. On a pool thread that others wait for
/// a work item behind them does it, and takes along what they send. Nothing is ever in the
/// pipe that is not flushed with it: Kestrel's writer of frames spins on a pool thread as long as a stream has bytes
/// that are written and not flushed. The pipe is completed only while no flush runs.
/// </summary>
internal sealed class FrameSender<T> : IThreadPoolWorkItem
    where T : class, IMessage<T>
{
    // A buffer that has grown beyond this is not kept.
    private const int KeptBufferBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly PipeWriter _writer;
    private readonly bool _ownsWriter;
    private readonly int _maxMessageBytes;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;
    private GrpcException? _failure;
    private ArrayBufferWriter<byte> _gathered = new();
    private ArrayBufferWriter<byte> _leaving = new();
    private long _unsentBytes;
    private bool _flushing;
    private bool _completed;

    public FrameSender(PipeWriter writer, bool ownsWriter, int maxMessageBytes)
    {
        _writer = writer;
        _ownsWriter = ownsWriter;
        _maxMessageBytes = maxMessageBytes;
    }

    /// <summary>Ends when everything before <see cref="Complete"/> has been taken, or the sender has failed.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Sends a message; one that gathers leaves with the next that does not, or when many bytes wait.</summary>
    public ValueTask SendAsync(T message, bool gathers, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        var messageBytes = message.CalculateSize();
        if (messageBytes > _maxMessageBytes)
        {
            return ValueTask.FromException(MessageFraming.TooLarge(messageBytes, _maxMessageBytes));
        }

        Task? room = null;
        bool flushes;
        lock (_gate)
        {
            if (Refusal(messageBytes) is { } refusal)
            {
                return ValueTask.FromException(refusal);
            }

            MessageFraming.Write(_gathered, message, messageBytes);
            _unsentBytes += MessageFraming.HeaderBytes + messageBytes;
            flushes = (!gathers || _unsentBytes >= GrpcLimits.GatherBytes) && BeginFlush();
            if (_unsentBytes >= GrpcLimits.SendPauseBytes)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
        }

        if (flushes)
        {
            StartFlush();
        }

        return room is null ? ValueTask.CompletedTask : new ValueTask(room.WaitAsync(cancellationToken));
    }

    /// <summary>Lets leave what was gathered.</summary>
    public void Flush()
    {
        bool flushes;
        lock (_gate)
        {
            flushes = _unsentBytes > 0 && BeginFlush();
        }

        if (flushes)
        {
            StartFlush();
        }
    }

    /// <summary>No more messages; what is written still goes out.</summary>
    public void Complete()
    {
        bool flushes;
        lock (_gate)
        {
            flushes = !_completed && BeginFlush();
            _completed = true;
        }

        if (flushes)
        {
            StartFlush();
        }
    }

    /// <summary>Ends sending at once; waiting senders hear the reason. The first reason stays.</summary>
    public void Fail(GrpcException reason)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = reason;
            _room?.TrySetException(reason);
            if (!_flushing)
            {
                Finish();
            }
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAllAsync();

    private Exception? Refusal(int messageBytes)
    {
        if (_failure is not null)
        {
            return new GrpcException(_failure.StatusCode, _failure.Message, _failure);
        }

        if (_completed)
        {
            return new InvalidOperationException("The sending side of this channel has been completed.");
        }

        return _unsentBytes + messageBytes > GrpcLimits.MaxUnsentBytes && _unsentBytes > 0
            ? new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"{_unsentBytes} bytes already wait in this channel to be sent")
            : null;
    }

    private bool BeginFlush()
    {
        var begins = !_flushing;
        _flushing = true;
        return begins;
    }

    private void StartFlush()
    {
        if (Thread.CurrentThread.IsThreadPoolThread && ThreadPool.PendingWorkItemCount > 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            _ = FlushAllAsync();
        }
    }

    // Everything that can go wrong ends in _failure, so the task is never looked at.
    private async Task FlushAllAsync()
    {
        try
        {
            while (TryTakeGathered())
            {
                var result = await _writer.WriteAsync(_leaving.WrittenMemory, CancellationToken.None)
                    .ConfigureAwait(false);
                EndFlush(result.IsCompleted);
            }
        }
        catch (Exception e)
        {
            FailFlush(e);
        }
    }

    private bool TryTakeGathered()
    {
        lock (_gate)
        {
            if (_unsentBytes > 0 && _failure is null)
            {
                (_gathered, _leaving) = (_leaving, _gathered);
                return true;
            }

            _flushing = false;
            if (_completed || _failure is not null)
            {
                Finish();
            }

            return false;
        }
    }

    private void EndFlush(bool readerGone)
    {
        lock (_gate)
        {
            _unsentBytes -= _leaving.WrittenCount;
            if (_leaving.Capacity > KeptBufferBytes)
            {
                _leaving = new ArrayBufferWriter<byte>();
            }
            else
            {
                _leaving.ResetWrittenCount();
            }

            if (readerGone)
            {
                _failure ??= new GrpcException(GrpcStatusCode.Unavailable, "the other side has ended the stream");
                _room?.TrySetException(_failure);
            }
            else if (_unsentBytes < GrpcLimits.SendPauseBytes)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }

    private void FailFlush(Exception cause)
    {
        lock (_gate)
        {
            _failure ??= new GrpcException(GrpcStatusCode.Unavailable, $"the stream is broken: {cause.Message}", cause);
            _room?.TrySetException(_failure);
            _flushing = false;
            Finish();
        }
    }

    private void Finish()
    {
        if (_finished.TrySetResult() && _ownsWriter)
        {
            // A stream that is cut short must not look like one that has ended.
            _writer.Complete(_failure);
        }
    }
}
