using System;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections;

namespace ShardSql.Storage.Grpc;

/// <summary>
/// Leaves the closing of a connection to the client: after the last frame the socket stays open until the client has
/// closed its end or <see cref="GrpcServerLimits.LingerTimeout"/> has passed. Closed at once, a socket may be reset
/// over bytes that crossed the last frame, and HttpClient drops answers that have arrived but were not yet handed out
/// when the connection ends before the request does.
/// </summary>
internal static class LingeringClose
{
    public static void Use(IConnectionBuilder connections) =>
        connections.Use(next => connection => ServeAsync(connection, next));

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        // Kestrel completes what it made itself when this has returned.
        var socket = connection.Transport;
        connection.Transport = new Pipes(new OpenReader(socket.Input), new OpenWriter(socket.Output));
        await next(connection).ConfigureAwait(false);
        await DrainAsync(socket.Input, connection.ConnectionClosed).ConfigureAwait(false);
    }

    private static async Task DrainAsync(PipeReader input, CancellationToken closed)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(closed);
        limit.CancelAfter(GrpcServerLimits.LingerTimeout);
        try
        {
            while (await input.ReadAsync(limit.Token).ConfigureAwait(false) is { IsCompleted: false } read)
            {
                input.AdvanceTo(read.Buffer.End);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Cut by the other side, by the server's stop or by the limit: closed all the same.
        }
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Reads on after its user has completed it.</summary>
    private sealed class OpenReader(PipeReader socket) : PipeReader
    {
        public override void AdvanceTo(SequencePosition consumed) => socket.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
            socket.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => socket.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            socket.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => socket.TryRead(out result);
    }

    /// <summary>Stays open after its user has completed it.</summary>
    private sealed class OpenWriter(PipeWriter socket) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => socket.CanGetUnflushedBytes;

        public override long UnflushedBytes => socket.UnflushedBytes;

        public override void Advance(int bytes) => socket.Advance(bytes);

        public override void CancelPendingFlush() => socket.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            socket.FlushAsync(cancellationToken);

        public override Memory<byte> GetMemory(int sizeHint = 0) => socket.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => socket.GetSpan(sizeHint);

        public override ValueTask<FlushResult> WriteAsync(
            ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            socket.WriteAsync(source, cancellationToken);
    }
}
