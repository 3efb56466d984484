using System;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What SHOW knows by itself, what it asks leaders for, and recovery by statement.</summary>
public sealed class ClusterViewTests
{
    [Theory]
    [InlineData("CLUSTER")]
    [InlineData("NODES")]
    [InlineData("SHARDS")]
    [InlineData("REPLICAS")]
    [InlineData("SEGMENTS")]
    [InlineData("PLACEMENT")]
    public async Task Show_asks_no_leader_unless_details_are_wanted(string what)
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        int before = gateway.Cluster.StatusesAsked;
        Assert.NotEmpty((await session.RunAsync("SHOW " + what)).Ok().Rows);
        Assert.Equal(before, gateway.Cluster.StatusesAsked);
        if (what != "PLACEMENT")
        {
            Assert.NotEmpty((await session.RunAsync($"SHOW {what} WITH DETAILS")).Ok().Rows);
            Assert.Equal(before + 4, gateway.Cluster.StatusesAsked);
        }
    }

    [Fact]
    public async Task Show_shards_knows_leaders_and_leaves_counters_to_details()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        const string Text = "SELECT shard, leader, replicas, commits, applied_slot FROM shard.shards";
        SqlValue[] plain = (await session.RunAsync(Text + " WHERE shard = 's1'")).Ok().Rows.Single();
        Assert.Equal(("n2", "n1, n2, n3"), (plain[1].AsText(), plain[2].AsText()));
        Assert.True(plain[3].IsNull && plain[4].IsNull);
        gateway.Cluster.Silent.Add(new ShardId(2));
        TestReply detailed = (await session.RunAsync(
            "SHOW SHARDS WITH DETAILS WHERE shard = 's1' OR unreachable ORDER BY shard")).Ok();
        Assert.Equal(["s1", "s2"], detailed.Rows.Select(static row => row[0].AsText()));
        int commits = detailed.Headers[0].Columns.Select(static column => column.Name).ToList().IndexOf("commits");
        Assert.Equal(gateway.Cluster.RowsAt(1, 0) >= 0, !detailed.Rows[0][commits].IsNull);
        Assert.True(detailed.Rows[1][commits].IsNull);
        Assert.Equal("?", detailed.Rows[1][1].AsText());
        SqlValue[] whole = (await session.RunAsync(
            "SELECT shards, shards_with_leader, silent_shards, unreachable FROM shard.cluster_details")).Ok().Rows.Single();
        Assert.Equal((4, 3, "s2", true), (whole[0].AsInt64(), whole[1].AsInt64(), whole[2].AsText(), whole[3].AsBoolean()));
    }

    [Fact]
    public async Task Transaction_in_doubt_is_shown_and_aborted_where_a_participant_never_voted()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        gateway.Cluster.OnPrepare = (shard, _) => shard == new ShardId(1) ? throw Lost() : null;
        gateway.Cluster.OnQuery = (shard, _) => shard == new ShardId(1) ? throw Lost() : null;
        await CommitInVainAsync(session);

        TestReply shown = (await session.RunAsync(
            "SELECT shard, state, participants, waiting_for, keys_written, age_ms, txn FROM shard.transactions_in_doubt "
            + "WHERE NOT unreachable ORDER BY shard")).Ok();
        Assert.Equal(["s2", "s3"], shown.Rows.Select(static row => row[0].AsText()));
        Assert.All(shown.Rows, static row =>
        {
            Assert.Equal(("prepared", "s1, s2, s3"), (row[1].AsText(), row[2].AsText()));
            Assert.Contains("s1", row[3].AsText(), StringComparison.Ordinal);
            Assert.True(row[4].AsInt64() > 0 && row[5].AsInt64() >= 0);
        });
        SqlValue id = shown.Rows[0][6];
        TestReply undecided = (await session.RunAsync("RESOLVE TRANSACTION @id", ("id", id))).Ok();
        Assert.Equal("undecided", undecided.Rows.Single()[1].AsText());

        gateway.Cluster.OnPrepare = null;
        gateway.Cluster.OnQuery = null;
        TestReply resolved = (await session.RunAsync($"RESOLVE TRANSACTION '{id.AsText()}'")).Ok();
        Assert.Equal((id.AsText(), "aborted"), (resolved.Rows.Single()[0].AsText(), resolved.Rows.Single()[1].AsText()));
        Assert.Empty((await session.RunAsync("SHOW TRANSACTIONS IN DOUBT")).Ok().Rows);
        TestReply again = (await session.RunAsync("RESOLVE TRANSACTION @id", ("id", id))).Ok();
        Assert.Equal("not in doubt", again.Rows.Single()[1].AsText());
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 0")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Transaction_in_doubt_commits_when_all_have_agreed()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        gateway.Cluster.AfterPrepare = (shard, _, _) =>
        {
            if (shard == new ShardId(1))
            {
                throw Lost();
            }
        };
        gateway.Cluster.OnQuery = (shard, _) => shard == new ShardId(1) ? throw Lost() : null;
        await CommitInVainAsync(session);
        SqlValue id = (await session.RunAsync("SELECT txn FROM shard.transactions_in_doubt LIMIT 1")).Ok().Rows.Single()[0];
        gateway.Cluster.OnQuery = null;

        Assert.Equal(
            "committed", (await session.RunAsync("RESOLVE TRANSACTION @id", ("id", id))).Ok().Rows.Single()[1].AsText());
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Shard_that_cannot_be_asked_has_a_row_that_says_so()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        gateway.Cluster.Silent.Add(new ShardId(3));
        SqlValue[] row = (await session.RunAsync("SHOW TRANSACTIONS IN DOUBT WHERE unreachable")).Ok().Rows.Single();
        Assert.Equal((true, "s3"), (row[0].IsNull, row[1].AsText()));
    }

    [Fact]
    public async Task What_is_no_id_of_a_transaction_is_refused()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Error error = (await session.RunAsync("RESOLVE TRANSACTION '17'")).Refused(SqlStates.InvalidParameterValue);
        Assert.Equal(21u, (uint)error.Position);
    }

    private static async Task CommitInVainAsync(TestSession session)
    {
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        Execute commit = TestSession.Request("COMMIT");
        commit.TimeoutMs = 100;
        Assert.NotNull((await session.RunAsync(commit)).Error);
    }

    private static ShardUnavailableException Lost() => new("lost") { MayHaveHappened = true };
}
