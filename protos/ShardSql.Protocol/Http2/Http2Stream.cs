using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http2;

/// <summary>
/// One call on a link. What arrives is written by the link's reader alone; what leaves, and the windows, are kept under
/// the link's gate.
/// </summary>
internal sealed class Http2Stream
{
    // A window is given back by quarters: one small frame for many messages.
    private const int GrantShare = 4;

    private readonly Http2Link _link;
    private readonly Pipe _input;
    private readonly TaskCompletionSource<IReadOnlyDictionary<string, string>> _headers =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _window = new();
    private Action? _onLost;
    private long _receiveWindow;
    private int _ungranted;
    private bool _inputEnded;
    private bool _isLost;

    public Http2Stream(Http2Link link, int id, bool readsInline, int sendWindow)
    {
        _link = link;
        Id = id;
        SendWindow = sendWindow;
        _receiveWindow = link.Own.StreamWindowBytes;
        _input = new Pipe(new PipeOptions(
            readerScheduler: readsInline ? PipeScheduler.Inline : PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: 0,
            useSynchronizationContext: false));
        Input = new StreamReader(_input.Reader, this);
        Output = new StreamWriter(link, this);
    }

    public int Id { get; }

    /// <summary>Bytes from the other side.</summary>
    public StreamReader Input { get; }

    /// <summary>Bytes to the other side.</summary>
    public StreamWriter Output { get; }

    /// <summary>The response's headers, at a client.</summary>
    public Task<IReadOnlyDictionary<string, string>> Headers => _headers.Task;

    /// <summary>The headers with which the server ended the call, at a client.</summary>
    public IReadOnlyDictionary<string, string>? Trailers { get; private set; }

    /// <summary>What may still be sent. Under the link's gate, like all below.</summary>
    public long SendWindow { get; set; }

    /// <summary>What could not be sent yet, and who waits for it.</summary>
    public ReadOnlyMemory<byte> Blocked { get; set; }

    public TaskCompletionSource<FlushResult>? BlockedDone { get; set; }

    /// <summary>Nothing more leaves.</summary>
    public bool HasSentEnd { get; set; }

    /// <summary>Nothing more arrives. Written by the link's reader.</summary>
    public bool HasReceivedEnd { get; private set; }

    /// <summary>Says what happens when the other side has given the call up, or the link is lost; now, if it is.</summary>
    public void OnLost(Action onLost)
    {
        lock (_window)
        {
            if (!_isLost)
            {
                _onLost = onLost;
                return;
            }
        }

        onLost();
    }

    /// <summary>A part of a DATA frame's payload.</summary>
    public void TakeData(ReadOnlySpan<byte> data)
    {
        lock (_window)
        {
            _receiveWindow -= data.Length;
            if (_receiveWindow < 0)
            {
                throw new Http2Exception(Http2Error.FlowControl, $"stream {Id} sent more than its window");
            }
        }

        if (!_inputEnded)
        {
            data.CopyTo(_input.Writer.GetSpan(data.Length));
            _input.Writer.Advance(data.Length);
        }
    }

    /// <summary>Lets the reader see what has been taken.</summary>
    public void Flush()
    {
        if (!_inputEnded)
        {
            // The window is what bounds the pipe, so no flush waits.
            var flush = _input.Writer.FlushAsync();
            Debug.Assert(flush.IsCompleted, "a pipe without a threshold takes everything");
            _ = flush.Result;
        }
    }

    /// <summary>Bytes have been looked at: the other side may send as many again.</summary>
    public void Grant(int bytes)
    {
        lock (_window)
        {
            _ungranted += bytes;
            if (_ungranted < _link.Own.StreamWindowBytes / GrantShare)
            {
                return;
            }

            bytes = _ungranted;
            _ungranted = 0;
            _receiveWindow += bytes;
        }

        _link.SendWindowUpdate(Id, bytes);
    }

    /// <summary>Response headers, or the trailers that end the stream.</summary>
    public void TakeHeaders(IReadOnlyDictionary<string, string> headers, bool isEnd)
    {
        if (isEnd)
        {
            Trailers = headers;
            TakeEnd();
        }

        _headers.TrySetResult(headers);
    }

    /// <summary>The other side sends nothing more.</summary>
    public void TakeEnd()
    {
        HasReceivedEnd = true;
        EndInput(null);
    }

    /// <summary>The other side has given up the stream, or the link is lost.</summary>
    public void TakeLost(Exception reason)
    {
        HasReceivedEnd = true;
        lock (_window)
        {
            _isLost = true;
        }

        // Before its reader wakes: whoever finds the stream ended finds the call cancelled.
        _onLost?.Invoke();
        EndInput(reason);
        _headers.TrySetException(reason);
        _ = _headers.Task.Exception;
    }

    private void EndInput(Exception? reason)
    {
        if (!_inputEnded)
        {
            _inputEnded = true;
            _input.Writer.Complete(reason is null or IOException ? reason : new IOException(reason.Message, reason));
        }
    }
}
