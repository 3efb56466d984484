using System.IO;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http;

/// <summary>A request body that copies a pipe to the stream for as long as the call lasts, once.</summary>
internal sealed class PipeContent(PipeReader reader) : HttpContent
{
    private int _started;

    /// <summary>Lets the pipe's writer know that nobody will read, when the body was never asked for.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            reader.Complete();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            // The handler tries again on another connection; what was read from the pipe cannot be sent twice.
            throw new IOException("The request has begun on a connection that was lost.");
        }

        try
        {
            // SocketsHttpHandler keeps the headers back until the body flushes, and the first message may wait for
            // them.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                {
                    await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
                }

                reader.AdvanceTo(result.Buffer.End);
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            reader.Complete();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
