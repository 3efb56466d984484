using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Client;

/// <summary>What the client says of a request that nobody answered: whether it can have taken effect.</summary>
public sealed class ShardClientTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);
    private static readonly ShardId s_shard = new(1);
    private static readonly OneRequest s_request = new() { Id = new TxnId(1, 1, 1), Share = new TransactionShare() };

    [Fact]
    public async Task CommitOne_to_a_node_that_is_not_there_surely_did_not_happen()
    {
        Assert.False((await CommitAsync(NewName())).MayHaveHappened);
    }

    [Fact]
    public async Task CommitOne_to_a_node_that_dies_with_the_request_may_have_happened()
    {
        string name = NewName();
        InProcessEndpoints.Register(name, new GrpcServices().AddNode(new DyingNode(name)));
        Assert.True((await CommitAsync(name)).MayHaveHappened);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task CommitOne_that_is_refused_may_have_happened_if_it_was_sent_before(int streamsLost, bool mayHave)
    {
        string name = NewName();
        InProcessEndpoints.Register(name, new GrpcServices().AddNode(new RefusingNode(streamsLost)));
        await using ShardClient client = ClientOf(name);
        if (mayHave)
        {
            ShardUnavailableException unknown = await Assert.ThrowsAsync<ShardUnavailableException>(
                () => client.CommitOneAsync(s_shard, s_request, CancellationToken.None).AsTask());
            Assert.True(unknown.MayHaveHappened);
        }
        else
        {
            OneReply reply = await client.CommitOneAsync(s_shard, s_request, CancellationToken.None);
            Assert.Equal(ReplyStatus.DiskFull, reply.Status);
        }
    }

    private static string NewName() => "dying-" + Guid.NewGuid().ToString("N");

    private static async Task<ShardUnavailableException> CommitAsync(string name)
    {
        await using ShardClient client = ClientOf(name);
        return await Assert.ThrowsAsync<ShardUnavailableException>(
            () => client.CommitOneAsync(s_shard, s_request, CancellationToken.None).AsTask());
    }

    private static ShardClient ClientOf(string name)
    {
        ClusterLayout layout = ClusterLayout.Create(
            Guid.NewGuid(), [new NodeAddress(new NodeId(1), GrpcAddress.InProcessPrefix + name)], 1, 1);
        return new ShardClient(layout, 1, s_timeout, new PausesOnly());
    }

    /// <summary>Pauses between two requests are over at once; nobody loses patience with one, however slow the machine.
    /// </summary>
    private sealed class PausesOnly : TimeProvider
    {
        private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(50);

        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime >= TimeSpan.Zero && dueTime <= s_pauseMax)
            {
                Interlocked.Add(ref _ticks, dueTime.Ticks);
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // Nothing runs.
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    /// <summary>Takes one request and is gone, with its streams.</summary>
    private sealed class DyingNode(string name) : INodeEndpoint
    {
        public async Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken)
        {
            await channel.ReceiveAsync(cancellationToken);
            await channel.ReceiveAsync(cancellationToken);
            InProcessEndpoints.Unregister(name);
        }

        public ClusterDescription Describe() => new();

        public Task<AdoptReply> AdoptAsync(ClusterDescription layout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    /// <summary>Loses its first streams with the request that they bring, and has no room for what comes then.</summary>
    private sealed class RefusingNode(int streamsLost) : INodeEndpoint
    {
        private int _streams;

        public async Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken)
        {
            await channel.ReceiveAsync(cancellationToken);
            NodeFrame? request = await channel.ReceiveAsync(cancellationToken);
            if (Interlocked.Increment(ref _streams) > streamsLost)
            {
                await channel.SendAsync(Refusal(PeerFrames.MessagesOf(request!)), cancellationToken);
                await channel.ReceiveAsync(cancellationToken);
            }
        }

        public ClusterDescription Describe() => new();

        public Task<AdoptReply> AdoptAsync(ClusterDescription layout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        private static NodeFrame Refusal(ReadOnlyMemory<byte> request)
        {
            var reader = new ByteReader(request.Span);
            reader.ReadCount();
            Assert.Equal((byte)StorageMessageKind.Request, reader.ReadByte());
            var answer = new ByteWriter();
            answer.WriteByte((byte)StorageMessageKind.Response);
            answer.WriteVarint(reader.ReadVarint());
            CommitCodec.Write(answer, new OneReply { Status = ReplyStatus.DiskFull });
            var framed = new ByteWriter();
            framed.WriteBytes(answer.WrittenSpan);
            return PeerFrames.Of(framed.WrittenMemory);
        }
    }
}
