using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Nodes whose data is gone or damaged when they come back.</summary>
public sealed class DamagedNodeTests : IDisposable
{
    private static readonly NodeId s_node = new(3);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);
    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Node_that_comes_back_without_its_data_ends_and_the_others_go_on()
    {
        await using EmbeddedCluster cluster = await StartAsync(nodes: 3);
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY)")).Ok();
        await cluster.KillNodeAsync(s_node);
        Directory.Delete(FolderOf(s_node), recursive: true);

        await cluster.StartNodeAsync(s_node);
        Exception failure = await cluster.Storage.Failed.WaitAsync(TimeSpan.FromSeconds(180));

        Assert.IsType<DataRefusedException>(failure);
        Assert.Contains($"{s_node} lost its data", failure.Message, StringComparison.Ordinal);
        (await session.RunAsync("INSERT INTO a VALUES (1), (2), (3)")).Ok();
    }

    [Fact]
    public async Task Node_with_a_damaged_log_is_repaired_from_the_others_and_votes_again()
    {
        await using EmbeddedCluster cluster = await StartAsync(nodes: 3);
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v int)")).Ok();
        await InsertFiftyAsync(session);
        await cluster.KillNodeAsync(s_node);
        DamageLog();
        await cluster.StartNodeAsync(s_node);
        Assert.Contains(cluster.Storage.Notices, notice => notice.Contains("damaged", StringComparison.Ordinal));

        await UntilItVotesAsync(cluster, session);
        await TwoAgreeAsync(cluster, session);
    }

    [Theory]
    [InlineData(StoreHarm.Rot)]
    [InlineData(StoreHarm.Emptied)]
    [InlineData(StoreHarm.PutBack)]
    public async Task Node_with_a_damaged_store_is_repaired_from_the_others_and_votes_again(StoreHarm harm)
    {
        await using EmbeddedCluster cluster = await StartAsync(nodes: 3);
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v int)")).Ok();
        string backup = Path.Combine(_folder, "backup");
        if (harm == StoreHarm.PutBack)
        {
            await FlushAsync(cluster);
            await cluster.KillNodeAsync(s_node);
            CopyFolder(StoreOf(s_node), backup);
            await cluster.StartNodeAsync(s_node);
        }

        await InsertFiftyAsync(session);
        await FlushAsync(cluster);
        await cluster.KillNodeAsync(s_node);
        HarmStore(harm, backup);
        await cluster.StartNodeAsync(s_node);
        Assert.Contains(
            cluster.Storage.Notices, notice => notice.Contains("the base store was damaged", StringComparison.Ordinal));

        await UntilItVotesAsync(cluster, session);
        await TwoAgreeAsync(cluster, session);
    }

    [Fact]
    public async Task Damage_that_a_running_node_meets_ends_it_and_its_next_start_repairs_it()
    {
        await using EmbeddedCluster cluster = await StartAsync(nodes: 3);
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v int)")).Ok();
        await InsertFiftyAsync(session);
        var met = new StoreDamagedException("a row is not what was written");
        NodeData.NoteDamage(DiskFileSystem.Instance, FolderOf(s_node), met);

        await cluster.KillNodeAsync(s_node);
        await cluster.StartNodeAsync(s_node);

        Assert.Contains(cluster.Storage.Notices, notice => notice.EndsWith(met.Message, StringComparison.Ordinal));
        await UntilItVotesAsync(cluster, session);
        await TwoAgreeAsync(cluster, session);
    }

    [Fact]
    public async Task Single_node_with_a_damaged_log_does_not_start()
    {
        await using (EmbeddedCluster cluster = await StartAsync(nodes: 1))
        {
            await using TestSession session = await TestSession.OpenAsync(cluster.Name);
            (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY)")).Ok();
            (await session.RunAsync("INSERT INTO a VALUES (1)")).Ok();
        }

        DamageLog(new NodeId(1));
        DataRefusedException refused =
            await Assert.ThrowsAsync<DataRefusedException>(() => StartAsync(nodes: 1));
        Assert.Contains("no other replica to repair it from: the log is damaged", refused.Message, StringComparison.Ordinal);
    }

    private Task<EmbeddedCluster> StartAsync(int nodes) => EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
    {
        Name = "embedded-" + Guid.NewGuid().ToString("N"),
        Folder = _folder,
        Nodes = nodes,
    });

    private string FolderOf(NodeId node) => Path.Combine(_folder, node.ToString());

    private string StoreOf(NodeId node) => Path.Combine(FolderOf(node), "sqlite");

    private static async Task InsertFiftyAsync(TestSession session)
    {
        for (int i = 0; i < 50; i++)
        {
            (await session.RunAsync($"INSERT INTO a VALUES ({i}, {i})")).Ok();
        }
    }

    // Two are left of three: what they serve they agree on, the repaired one among them.
    private static async Task TwoAgreeAsync(EmbeddedCluster cluster, TestSession session)
    {
        await cluster.KillNodeAsync(new NodeId(1));
        (await session.RunAsync("INSERT INTO a VALUES (100, 100)")).Ok();
        TestReply sum = (await session.RunAsync("SELECT COUNT(*), SUM(v) FROM a")).Ok();
        Assert.Equal(51, sum.Rows[0][0].AsInt64());
        Assert.Equal("1325", sum.Rows[0][1].ToText());
    }

    // On every node, once it has all that any has: the log of a leader that flushed no longer reaches back to the
    // beginning.
    private static async Task FlushAsync(EmbeddedCluster cluster)
    {
        StorageNode[] nodes =
            [.. Enumerable.Range(1, 3).Select(id => ((StorageCluster)cluster.Storage).RunningNode(new NodeId((uint)id)))];
        Slot[][] applied = await Task.WhenAll(nodes.Select(AppliedAsync));
        foreach (StorageNode node in nodes)
        {
            await UntilAsync(async () =>
            {
                Slot[] now = await AppliedAsync(node);
                return applied.All(each => each.Zip(now).All(pair => pair.Second >= pair.First));
            });
            long asked = await node.InspectAsync(core => core.Replicas.Values.Sum(replica =>
            {
                replica.StartFlush();
                return replica.Flushes;
            }));
            await UntilAsync(async () =>
                await node.InspectAsync(core => core.Replicas.Values.Sum(replica => replica.FlushesDone)) >= asked);
        }
    }

    private static Task<Slot[]> AppliedAsync(StorageNode node) => node.InspectAsync<Slot[]>(
        core => [.. core.Replicas.Values.OrderBy(replica => replica.Shard).Select(replica => replica.Machine.Applied)]);

    // Each look is a turn of the node's own loop.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, "it never comes to that");
        }
    }

    private void HarmStore(StoreHarm harm, string backup)
    {
        string store = StoreOf(s_node);
        if (harm != StoreHarm.Rot)
        {
            Directory.Delete(store, recursive: true);
            if (harm == StoreHarm.PutBack)
            {
                CopyFolder(backup, store);
            }

            return;
        }

        using FileStream file = File.Open(Path.Combine(store, "store.db"), FileMode.Open);
        file.Write(new byte[64]);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    // One byte of the first record: behind it there are good ones that say that it was synced.
    private void DamageLog(NodeId node = default)
    {
        string log = Path.Combine(FolderOf(node == default ? s_node : node), "log");
        string segment = Directory.GetFiles(log).Order(StringComparer.Ordinal).First();
        const int WithinFirstBatch = 4096 + 70;
        using FileStream file = File.Open(segment, FileMode.Open);
        file.Position = WithinFirstBatch;
        int value = file.ReadByte();
        file.Position = WithinFirstBatch;
        file.WriteByte((byte)(value ^ 0xFF));
    }

    /// <summary>What happened to a node's base store while the node was down.</summary>
    public enum StoreHarm
    {
        /// <summary>Bytes of its file are others.</summary>
        Rot,

        /// <summary>Its folder was deleted.</summary>
        Emptied,

        /// <summary>Its folder is an earlier one.</summary>
        PutBack,
    }

    private static async Task UntilItVotesAsync(EmbeddedCluster cluster, TestSession session)
    {
        StorageNode node = ((StorageCluster)cluster.Storage).RunningNode(s_node);
        await UntilAsync(async () =>
        {
            (await session.RunAsync("UPDATE a SET v = v WHERE id = 1")).Ok();
            return await node.InspectAsync(core => core.Replicas.Values.All(replica => !replica.Paxos.IsRelearning));
        });
    }
}
