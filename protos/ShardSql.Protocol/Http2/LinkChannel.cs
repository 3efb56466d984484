using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Channels;
using ShardSql.Protocol.Http;

namespace ShardSql.Protocol.Http2;

/// <summary>The client's side of a call over a link.</summary>
internal sealed class LinkChannel<TSend, TReceive> : PipeChannel<TSend, TReceive>
    where TSend : class, IMessage<TSend>
    where TReceive : class, IMessage<TReceive>
{
    // CancellationTokenSource takes no longer delay than about 49 days.
    private static readonly TimeSpan s_deadlineMax = TimeSpan.FromDays(45);

    private static readonly GrpcException s_disposed =
        new(GrpcStatusCode.Cancelled, "the call was ended by its caller");

    private static readonly GrpcException s_late =
        new(GrpcStatusCode.DeadlineExceeded, "the deadline of the call has passed");

    private readonly Http2Link _link;
    private readonly Http2Stream _stream;
    private readonly string _address;
    private readonly CancellationTokenSource? _deadline;
    private IReadOnlyDictionary<string, string> _metadata = new Dictionary<string, string>();

    public LinkChannel(
        Http2Link link,
        Http2Stream stream,
        string address,
        MessageParser<TReceive> parser,
        int maxMessageBytes,
        TimeSpan? deadline)
        : base(stream.Input, stream.Output, parser, ownsPipes: true, maxMessageBytes)
    {
        _link = link;
        _stream = stream;
        _address = address;
        if (deadline is { } limit && limit <= s_deadlineMax)
        {
            _deadline = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero);
            _deadline.Token.UnsafeRegister(
                static channel => ((LinkChannel<TSend, TReceive>)channel!).End(s_late), this);
        }
    }

    public override IReadOnlyDictionary<string, string> PeerMetadata => _metadata;

    /// <summary>Waits until the server has taken the call.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken, _deadline?.Token ?? CancellationToken.None);
            var headers = await _stream.Headers.WaitAsync(limit.Token).ConfigureAwait(false);
            if (!headers.TryGetValue("content-type", out var type)
                || !type.StartsWith(GrpcHeaders.ContentType, StringComparison.OrdinalIgnoreCase))
            {
                throw new GrpcException(GrpcStatusCode.Unknown, $"not a gRPC response: content type '{type}'");
            }

            _metadata = GrpcHeaders.MetadataOf(headers);
        }
        catch (Exception e)
        {
            await DisposeAsync().ConfigureAwait(false);
            if (e is GrpcException)
            {
                throw;
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw FromTransport(e);
        }
    }

    public override ValueTask DisposeAsync()
    {
        End(s_disposed);
        _deadline?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override GrpcException? EndStatus() => GrpcHeaders.StatusOf(_stream.Trailers);

    protected override GrpcException FromTransport(Exception failure)
    {
        if (_deadline is { IsCancellationRequested: true })
        {
            return s_late;
        }

        var cause = failure is StreamResetException ? failure : failure.InnerException ?? failure;
        var code = (cause as StreamResetException)?.Error switch
        {
            Http2Error.Cancel => GrpcStatusCode.Cancelled,
            Http2Error.EnhanceYourCalm => GrpcStatusCode.ResourceExhausted,
            Http2Error.InadequateSecurity => GrpcStatusCode.PermissionDenied,
            _ => GrpcStatusCode.Unavailable,
        };
        return new GrpcException(code, $"{_address}: {cause.Message}", failure);
    }

    private void End(GrpcException reason)
    {
        Fail(reason);
        _link.Reset(_stream, Http2Error.Cancel);
    }
}
