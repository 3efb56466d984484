using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Tests.Storage.Nodes;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Tests.Fuzz;

/// <summary>
/// Whatever comes in on a stream that says it is a gateway's: the node answers it, refuses it or drops it, and goes on
/// serving the others.
/// </summary>
public sealed class NodeFuzzTests(ITestOutputHelper output)
{
    private const int Messages = 20_000;
    private const int MessagesPerCluster = 250;

    private static readonly ShardId s_shard = new(1);

    [Fact]
    public async Task Any_message_of_a_client_leaves_the_node_serving()
    {
        long dropped = 0;
        int count = FuzzRun.Count(Messages);
        for (int first = 0; first < count; first += MessagesPerCluster)
        {
            await using NodeHarness harness = NodeHarness.Started(nodes: 1, shards: 3);
            List<byte[]> good = new NodeMessages(harness.Now.WallMs).All();
            for (int i = first; i < Math.Min(first + MessagesPerCluster, count); i++)
            {
                Send(harness, good, i);
            }

            Serves(harness, first);
            dropped += harness[new NodeId(1)].DroppedMessages;
        }

        output.WriteLine($"{count} messages, {dropped} dropped");
        Assert.InRange(dropped, count / 10, count * 9 / 10);
    }

    [Fact]
    public async Task Message_between_nodes_cut_at_every_byte_changes_nothing()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 3);
        var seen = new SortedDictionary<byte, (NodeId From, NodeId To, byte[] Message)>();
        harness.Tap = (from, to, message) =>
        {
            // Of each kind the longest.
            if (!seen.TryGetValue(message[0], out var longest) || longest.Message.Length < message.Length)
            {
                seen[message[0]] = (from, to, message);
            }
        };
        foreach (byte[] message in new NodeMessages(harness.Now.WallMs).All())
        {
            harness.Ask(harness.LeaderOf(s_shard), message);
            harness.Settle(ticks: 30);
        }

        harness.Tap = null;
        Assert.True(seen.Count >= 4, $"only the kinds {string.Join(", ", seen.Keys)}");
        string before = Applied(harness);
        foreach ((NodeId from, NodeId to, byte[] message) in seen.Values)
        {
            for (int cut = 0; cut < message.Length; cut++)
            {
                harness.Tell(from, to, message.AsSpan(0, cut));
                harness.Quiesce();
            }
        }

        Assert.Equal(before, Applied(harness));
        Serves(harness, 0);
    }

    private static string Applied(NodeHarness harness) => string.Join(' ', harness.Layout.Nodes.SelectMany(
        node => harness[node.Id].Replicas.Values.Select(replica => replica.Machine.Applied.Value)));

    private static void Send(NodeHarness harness, List<byte[]> good, int input)
    {
        Prng random = FuzzRun.For(input);
        byte[] message = random.Next(20) == 0
            ? ByteMutator.Noise(random, 200)
            : ByteMutator.Mutate(random, good[random.Next(good.Count)], good[random.Next(good.Count)]);
        if (message.Length == 0)
        {
            return;
        }

        try
        {
            harness.Ask(new NodeId(1), message);
            harness.Settle(ticks: 1);
        }
        catch (Exception failure)
        {
            Assert.Fail(FuzzRun.Say(input, $"{Convert.ToHexString(message)}\n{failure}"));
        }
    }

    private static void Serves(NodeHarness harness, int input)
    {
        harness.Answers.Clear();
        harness.Ask(harness.LeaderOf(s_shard), new NodeMessages(harness.Now.WallMs).Commit(s_shard, key: 1));
        harness.Settle(ticks: 300);
        Assert.True(harness.Answers.Count > 0, FuzzRun.Say(input, "the node no longer answers"));
    }
}
