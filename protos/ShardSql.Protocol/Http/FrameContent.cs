using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Framing;

namespace ShardSql.Protocol.Http;

/// <summary>A request body of one message.</summary>
internal sealed class FrameContent : HttpContent
{
    private readonly byte[] _frame;

    public FrameContent(IMessage message, int maxMessageBytes)
    {
        var messageBytes = message.CalculateSize();
        if (messageBytes > maxMessageBytes)
        {
            throw MessageFraming.TooLarge(messageBytes, maxMessageBytes);
        }

        _frame = new byte[MessageFraming.HeaderBytes + messageBytes];
        MessageFraming.Write(_frame, message, messageBytes);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(_frame, cancellationToken).AsTask();

    // A length would be sent as content-length, which gRPC does not expect.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
