using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Protocol;
using ShardSql.Protocol.Messages;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// What a session sends: rows wait for the client, answers of the reader never do. A client that asks without end and
/// takes nothing is cut off at <see cref="GatewayLimits.MaxUntakenReplies"/>.
/// </summary>
internal sealed class FrameWriter(IDuplexChannel<ServerFrame, ClientFrame> channel)
{
    private int _untaken;

    /// <summary>Sends and waits while the client is behind.</summary>
    public ValueTask SendAsync(ServerFrame frame, CancellationToken cancellationToken) =>
        channel.SendAsync(frame, cancellationToken);

    /// <summary>As <see cref="SendAsync"/>, for a frame that another follows at once.</summary>
    public ValueTask GatherAsync(ServerFrame frame, CancellationToken cancellationToken) =>
        channel.GatherAsync(frame, cancellationToken);

    /// <summary>Lets leave what was gathered.</summary>
    public void Flush() => channel.Flush();

    /// <summary>Sends without waiting.</summary>
    public void Post(ServerFrame frame, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _untaken) > GatewayLimits.MaxUntakenReplies)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, string.Create(
                CultureInfo.InvariantCulture,
                $"more than {GatewayLimits.MaxUntakenReplies} answers wait to be read"));
        }

        ValueTask sending = channel.SendAsync(frame, cancellationToken);
        if (sending.IsCompletedSuccessfully)
        {
            Interlocked.Decrement(ref _untaken);
        }
        else
        {
            _ = FollowAsync(sending);
        }
    }

    private async Task FollowAsync(ValueTask sending)
    {
        try
        {
            await sending;
        }
        catch (System.OperationCanceledException)
        {
            // The session is over, and its loop says so.
        }
        catch (GrpcException)
        {
            // The stream is gone; the reader meets the same and ends the session.
        }
        finally
        {
            Interlocked.Decrement(ref _untaken);
        }
    }
}
