using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Tests.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Storage.Hosting;

/// <summary>A stream that sends faster than the node works.</summary>
public sealed class FloodTests
{
    private const int FrameBytes = 1 << 20;
    private const int Frames = 200;

    [Fact]
    public async Task Stream_that_floods_a_busy_node_is_not_read_beyond_its_share()
    {
        using var folder = new TemporaryFolder();
        ClusterLayout layout = ClusterLayout.Create(Guid.NewGuid(), [new NodeAddress(new NodeId(1), "inproc:flooded")], 1, 1);
        await using StorageNode node = await StorageNode.StartAsync(
            new StorageNodeOptions { Self = new NodeId(1), Layout = layout, Folder = folder.Path, Store = "memory" }, default);
        using var go = new ManualResetEventSlim();
        Task<int> busy = node.InspectAsync(_ =>
        {
            go.Wait();
            return 0;
        });
        var flood = new Flood(layout);

        // The stream always has a frame ready, so this comes back when its reader has to wait, or is through.
        Task serving = node.PeerAsync(flood, default);

        Assert.Equal((InboxShare.BytesMax / FrameBytes) + 1, flood.Taken);
        go.Set();
        await serving;
        Assert.Equal(Frames, flood.Taken);
        Assert.Equal(0, await busy);
    }

    /// <summary>A client's stream: a hello, then frames that are always there.</summary>
    private sealed class Flood(ClusterLayout layout) : IDuplexChannel<NodeFrame, NodeFrame>
    {
        // Messages of a kind that is none: the node drops and counts them.
        private readonly NodeFrame _frame = PeerFrames.Of(Messages());
        private int _taken = -1;

        public int Taken => Volatile.Read(ref _taken);

        public ValueTask<NodeFrame?> ReceiveAsync(CancellationToken cancellationToken)
        {
            int taken = Interlocked.Increment(ref _taken);
            if (taken == 0)
            {
                return ValueTask.FromResult<NodeFrame?>(new NodeFrame
                {
                    Hello = new PeerHello
                    {
                        ProtocolMin = 1,
                        ProtocolMax = 1,
                        ClusterId = ByteString.CopyFrom(layout.ClusterId.ToByteArray()),
                    },
                });
            }

            if (taken > Frames)
            {
                Interlocked.Decrement(ref _taken);
                return ValueTask.FromResult<NodeFrame?>(null);
            }

            return ValueTask.FromResult<NodeFrame?>(_frame);
        }

        public ValueTask SendAsync(NodeFrame message, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public bool TryReceive([NotNullWhen(true)] out NodeFrame? message)
        {
            message = null;
            return false;
        }

        public void CompleteSend()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static byte[] Messages()
        {
            var message = new byte[FrameBytes - 3];
            Array.Fill(message, (byte)0xEE);
            var framed = new ByteWriter(FrameBytes);
            framed.WriteBytes(message);
            return framed.ToArray();
        }
    }
}
