using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Framing;

namespace ShardSql.Protocol.Channels;

/// <summary>
/// One receiver, one pipe: a read's buffer is held and messages are cut off it until no whole one is left, so a burst
/// costs one read. A read that <see cref="TryReceive"/> began and that has not ended is finished by the next receive.
/// </summary>
internal sealed class FrameReceiver<T>
    where T : class, IMessage<T>
{
    private readonly Lock _gate = new();
    private readonly PipeReader _reader;
    private readonly MessageParser<T> _parser;
    private readonly int _maxMessageBytes;
    private readonly bool _ownsReader;
    private ReadOnlySequence<byte> _held;
    private bool _holding;
    private bool _ended;
    private ValueTask<ReadResult> _read;
    private bool _reading;
    private bool _busy;
    private bool _closed;
    private bool _readerCompleted;

    public FrameReceiver(PipeReader reader, MessageParser<T> parser, bool ownsReader, int maxMessageBytes)
    {
        _reader = reader;
        _parser = parser;
        _ownsReader = ownsReader;
        _maxMessageBytes = maxMessageBytes;
    }

    /// <summary>The next message, or null at the end. Failures of the pipe pass through as they are.</summary>
    public ValueTask<T?> ReceiveAsync(CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            if (TryTake(out var message))
            {
                Exit();
                return ValueTask.FromResult<T?>(message);
            }
        }
        catch
        {
            Exit();
            throw;
        }

        return ReadOnAsync(cancellationToken);
    }

    /// <summary>A message that has already arrived.</summary>
    public bool TryReceive([NotNullWhen(true)] out T? message)
    {
        Enter();
        try
        {
            while (!TryTake(out message))
            {
                if (_ended)
                {
                    return false;
                }

                BeginRead();
                if (!_read.IsCompleted)
                {
                    return false;
                }

                Hold(EndRead());
            }

            return true;
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Wakes a receive that waits; it and all later ones end as cancelled reads.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Wake();
            CompleteIfIdle();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T?> ReadOnAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var registration = cancellationToken.UnsafeRegister(
                static receiver => ((FrameReceiver<T>)receiver!).Wake(), this);
            while (true)
            {
                if (_ended)
                {
                    return null;
                }

                cancellationToken.ThrowIfCancellationRequested();
                BeginRead();
                var read = _read;
                _read = default;
                _reading = false;
                Hold(await read.ConfigureAwait(false));
                if (TryTake(out var message))
                {
                    return message;
                }
            }
        }
        finally
        {
            Exit();
        }
    }

    private void Wake()
    {
        try
        {
            _reader.CancelPendingRead();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Kestrel's reader throws here once its stream is broken; the read that is to be woken throws the same.
        }
    }

    private bool TryTake([NotNullWhen(true)] out T? message)
    {
        if (_holding && MessageFraming.TryRead(ref _held, _maxMessageBytes, out var payload))
        {
            message = MessageFraming.Parse(_parser, payload);
            if (_held.IsEmpty || (!_ended && !MessageFraming.HoldsMessage(_held, _maxMessageBytes)))
            {
                // Given back at once: the other side may be waiting for the room before it does what we wait for next.
                Release();
            }

            return true;
        }

        if (_holding && _ended && _held.Length > 0)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "the stream ended inside a message");
        }

        message = null;
        return false;
    }

    private void BeginRead()
    {
        if (_reading)
        {
            return;
        }

        Release();
#pragma warning disable CA2012 // Kept until it ends; exactly one receive awaits it or takes its result.
        _read = _reader.ReadAsync(CancellationToken.None);
#pragma warning restore CA2012
        _reading = true;
    }

    private ReadResult EndRead()
    {
        var read = _read;
        _read = default;
        _reading = false;
        return read.GetAwaiter().GetResult();
    }

    // A read that was cancelled holds an empty or partial buffer like any other; the loop looks at its token again.
    private void Hold(ReadResult result)
    {
        _held = result.Buffer;
        _holding = true;
        _ended = result.IsCompleted;
        if (_closed)
        {
            throw new OperationCanceledException("The channel has been closed.");
        }
    }

    private void Release()
    {
        if (_holding)
        {
            var held = _held;
            _holding = false;
            _held = default;
            _reader.AdvanceTo(held.Start, held.End);
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            if (_busy)
            {
                throw new InvalidOperationException("Another receive is running on this channel.");
            }

            if (_closed)
            {
                throw new OperationCanceledException("The channel has been closed.");
            }

            _busy = true;
        }
    }

    private void Exit()
    {
        lock (_gate)
        {
            _busy = false;
            if (_closed)
            {
                CompleteIfIdle();
            }
        }
    }

    private void CompleteIfIdle()
    {
        if (!_busy && _ownsReader && !_readerCompleted)
        {
            _readerCompleted = true;
            Release();
            _reader.Complete();
        }
    }
}
