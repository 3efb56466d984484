using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// Keeps a stream to another node open: what we say to it goes this way, what it says to us comes on the stream that it
/// opened. Connects again, with growing pauses, for as long as we live.
/// </summary>
internal sealed class PeerConnector(
    NodeClient client,
    PeerHello hello,
    Func<PeerHello, bool> recognizes,
    OutLink link,
    TimeProvider time,
    CancellationToken stopping)
{
    private static readonly TimeSpan s_pauseMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until the node stops.</summary>
    /// <exception cref="DataRefusedException">The other node says that we have lost our data.</exception>
    public async Task RunAsync()
    {
        TimeSpan pause = s_pauseMin;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync().ConfigureAwait(false);
                pause = s_pauseMin;
            }
            catch (GrpcException refused) when (refused.StatusCode == GrpcStatusCode.DataLoss)
            {
                link.Attach(null);
                throw new DataRefusedException(refused.Message, refused);
            }
            catch (GrpcException)
            {
                // Not there, or gone: that is what the pause is for.
                link.Attach(null);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_pauseMax ? pause * 2 : s_pauseMax;
        }

        link.Attach(null);
        await client.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ConnectAsync()
    {
        IDuplexChannel<NodeFrame, NodeFrame> channel = await client.OpenPeerAsync(stopping).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            await channel.SendAsync(new NodeFrame { Hello = hello }, stopping).ConfigureAwait(false);

            // The other node greets back and says nothing more here. Nothing is said to one that has lost its data.
            while (await channel.ReceiveAsync(stopping).ConfigureAwait(false) is { Hello: { } greeting }
                && recognizes(greeting))
            {
                link.Attach(channel);
            }

            link.Attach(null);
        }
    }
}
