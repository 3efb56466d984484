using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http2;

/// <summary>The sending side of a stream. Completing it ends the stream at a client; a server ends it by a status.</summary>
internal sealed class StreamWriter(Http2Link link, Http2Stream stream) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _unflushed = new();

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => link.WriteAsync(stream, source);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var result = await link.WriteAsync(stream, _unflushed.WrittenMemory).ConfigureAwait(false);
        _unflushed.ResetWrittenCount();
        return result;
    }

    public override void Complete(Exception? exception = null)
    {
        if (exception is null)
        {
            link.EndSending(stream);
        }
        else
        {
            link.Reset(stream, Http2Error.Cancel);
        }
    }

    public override void Advance(int bytes) => _unflushed.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _unflushed.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _unflushed.GetSpan(sizeHint);

    public override void CancelPendingFlush() => throw new NotSupportedException("A flush of a stream ends by itself.");
}
