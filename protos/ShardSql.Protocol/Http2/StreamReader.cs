using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http2;

/// <summary>
/// The receiving side of a stream. What its reader has looked at, the other side may send again: bytes that wait for
/// the rest of their message keep no window, so a message may be longer than it.
/// </summary>
internal sealed class StreamReader(PipeReader pipe, Http2Stream stream) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;

    // Bytes at the buffer's start that were looked at before and have been granted.
    private long _seen;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = pipe.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Hold(read.Result)) : HoldAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        var isRead = pipe.TryRead(out result);
        if (isRead)
        {
            Hold(result);
        }

        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var examinedBytes = Math.Max(_seen, _buffer.Slice(0, examined).Length);
        var grant = (int)(examinedBytes - _seen);
        _seen = examinedBytes - _buffer.Slice(0, consumed).Length;
        _buffer = default;
        pipe.AdvanceTo(consumed, examined);
        if (grant > 0)
        {
            stream.Grant(grant);
        }
    }

    public override void CancelPendingRead() => pipe.CancelPendingRead();

    public override void Complete(Exception? exception = null) => pipe.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> HoldAsync(ValueTask<ReadResult> read) => Hold(await read.ConfigureAwait(false));

    private ReadResult Hold(ReadResult result)
    {
        _buffer = result.Buffer;
        return result;
    }
}
