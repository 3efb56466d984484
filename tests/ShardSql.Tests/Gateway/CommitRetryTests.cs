using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using Xunit;

namespace ShardSql.Tests.Gateway;

public sealed class CommitRetryTests
{
    private static OneReply No(ShardId shard, RefusalReason reason) => new()
    {
        Vote = new Vote(shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, reason),
    };

    [Theory]
    [InlineData(RefusalReason.Late)]
    [InlineData(RefusalReason.Busy)]
    [InlineData(RefusalReason.Window)]
    [InlineData(RefusalReason.StaleEvaluation)]
    [InlineData(RefusalReason.Closed)]
    public async Task Refused_autocommit_statement_runs_again_under_new_attempts(RefusalReason reason)
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        var attempts = new List<uint>();
        gateway.Cluster.OnOne = (shard, request) =>
        {
            attempts.Add(request.Id.Attempt);
            return attempts.Count <= GatewayLimits.MaxCommitRetries ? No(shard, reason) : null;
        };
        (await session.RunAsync("UPDATE a SET v = v + 1 WHERE id = 1")).Ok();
        Assert.Equal([1U, 2U, 3U, 4U, 5U, 6U], attempts);
        Assert.Equal(1, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Autocommit_statement_refused_too_often_is_40001()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        gateway.Cluster.OnOne = (shard, _) => No(shard, RefusalReason.Late);
        Error error = (await session.RunAsync("UPDATE a SET v = v + 1 WHERE id = 1"))
            .Refused(SqlStates.SerializationFailure);
        Assert.Equal("late", error.Conflict.Reason);
        Assert.Equal(1 + GatewayLimits.MaxCommitRetries, gateway.Cluster.CountTrace("ONE"));
    }

    [Fact]
    public async Task Late_commit_is_proposed_again_with_the_same_reads_and_writes()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        var stamps = new SortedSet<HlcTimestamp>();
        var counts = new HashSet<(ShardId, int, int)>();
        gateway.Cluster.OnPrepare = (shard, request) =>
        {
            stamps.Add(request.Stamp);
            counts.Add((shard, request.Share.Reads.Count + request.Share.Ranges.Count, request.Share.Writes.Count));
            return request.Id.Attempt <= 3 && shard == new ShardId(2)
                ? new Vote(shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, RefusalReason.Late)
                : null;
        };
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Equal(4, stamps.Count);
        Assert.Equal(3, counts.Count);
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Window_refusal_of_an_interactive_commit_is_40001_at_once()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        gateway.Cluster.OnPrepare = (shard, request) => shard == new ShardId(2)
            ? new Vote(
                shard,
                false,
                request.Stamp,
                HlcTimestamp.FromPhysicalMs(5),
                RefusalReason.Window,
                null,
                new TxnId(1, 2, 3))
            : null;
        Error error = (await session.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal(2U, error.Conflict.Shard);
        Assert.Equal(HlcTimestamp.FromPhysicalMs(5).Time, error.Conflict.Pi.Time);
        Assert.NotEqual(0UL, error.Conflict.Eta.Time);
        Assert.NotEmpty(error.Conflict.OtherTransactionId);
        Assert.Equal(3, gateway.Cluster.CountTrace("PREPARE"));
    }

    [Fact]
    public async Task Commit_whose_stamp_alone_is_behind_is_proposed_again_under_a_newer_one()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        var stamps = new List<HlcTimestamp>();
        HlcTimestamp scan = HlcTimestamp.Zero;
        gateway.Cluster.OnPrepare = (shard, request) =>
        {
            if (shard != new ShardId(2))
            {
                return null;
            }

            stamps.Add(request.Stamp);
            scan = stamps.Count == 1 ? HlcTimestamp.FromPhysicalMs(request.Stamp.PhysicalMs + 1) : scan;
            return stamps.Count == 1 ? new Vote(shard, false, scan, request.Stamp, RefusalReason.Window) : null;
        };
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Equal(2, stamps.Count);
        Assert.True(stamps[1] > scan);
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Votes_that_agree_but_leave_no_window_are_40001()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        gateway.Cluster.OnPrepare = (shard, request) => new Vote(
            shard,
            true,
            shard == new ShardId(1) ? HlcTimestamp.FromPhysicalMs(9) : HlcTimestamp.Zero,
            shard == new ShardId(3) ? HlcTimestamp.FromPhysicalMs(9) : HlcTimestamp.Infinity);
        Error error = (await session.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("window", error.Conflict.Reason);
    }

    [Fact]
    public async Task Lost_vote_is_asked_for_again_and_the_commit_holds()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        int lost = 0;
        gateway.Cluster.AfterPrepare = (shard, _, _) =>
        {
            if (shard == new ShardId(1) && lost++ < 2)
            {
                throw new ShardUnavailableException("lost") { MayHaveHappened = true };
            }
        };
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Equal(4, gateway.Cluster.CountTrace("PREPARE"));
        Assert.Equal(1, gateway.Cluster.CountTrace("QUERY s1"));
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Vote_that_never_comes_is_40003_with_the_transaction_id()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        Execute begin = TestSession.Request("BEGIN; UPDATE a SET v = v + 1");
        begin.TransactionSequence = 41;
        (await session.RunAsync(begin)).Ok();
        gateway.Cluster.AfterPrepare = (shard, _, _) => Lose(shard);
        gateway.Cluster.OnQuery = (shard, _) =>
        {
            Lose(shard);
            return null;
        };
        Execute commit = TestSession.Request("COMMIT");
        commit.TimeoutMs = 150;
        Error error = (await session.RunAsync(commit)).Refused(SqlStates.StatementCompletionUnknown);
        Assert.Equal(CommandOutcome.Unknown, error.Outcome);
        Assert.False(error.IsTransient);
        Assert.Contains("-41.1", error.Message, StringComparison.Ordinal);
        Assert.Equal(TransactionState.Idle, error.State);

        static void Lose(ShardId shard)
        {
            if (shard == new ShardId(1))
            {
                throw new ShardUnavailableException("lost") { MayHaveHappened = true };
            }
        }
    }

    [Fact]
    public async Task Shard_that_was_never_reached_is_57P03_and_rolled_back()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        gateway.Cluster.OnPrepare = (shard, _) => shard == new ShardId(1)
            ? throw new ShardUnavailableException("no leader")
            : null;
        gateway.Cluster.OnQuery = (_, _) => throw new ShardUnavailableException("no leader");
        Execute commit = TestSession.Request("COMMIT");
        commit.TimeoutMs = 150;
        Error error = (await session.RunAsync(commit)).Refused(SqlStates.CannotConnectNow);
        Assert.Equal(CommandOutcome.RolledBack, error.Outcome);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Lost_reply_of_a_single_shard_commit_is_found_out()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = 9 WHERE id = 1")).Ok();
        gateway.Cluster.AfterOne = (_, _, _) =>
            throw new ShardUnavailableException("lost") { MayHaveHappened = true };
        TestReply reply = (await session.RunAsync("COMMIT")).Ok();
        Assert.NotNull(reply.End!.CommitStamp);
        Assert.Equal(1, gateway.Cluster.CountTrace("ASK"));
    }

    [Fact]
    public async Task Lost_result_of_a_committed_statement_is_40003_never_a_wrong_count()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        gateway.Cluster.AfterOne = (_, _, _) =>
            throw new ShardUnavailableException("lost") { MayHaveHappened = true };
        (await session.RunAsync("UPDATE a SET v = 9 WHERE id = 1")).Refused(SqlStates.StatementCompletionUnknown);
    }

    [Fact]
    public async Task Cancel_after_prepare_was_sent_does_not_abort_the_commit()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 1")).Ok();
        ulong commit = 0;
        var sent = new TaskCompletionSource();
        int tries = 0;
        gateway.Cluster.AfterPrepare = (shard, _, _) =>
        {
            if (shard == new ShardId(3) && tries++ < 2)
            {
                sent.TrySetResult();
                throw new ShardUnavailableException("lost") { MayHaveHappened = true };
            }
        };
        commit = await session.StartAsync(TestSession.Request("COMMIT"));
        await sent.Task;
        await session.SendAsync(new ClientFrame { Cancel = new Cancel { TargetRequestId = commit } });
        TestReply reply = await session.ReplyAsync(commit);
        Assert.True(
            reply.Error is null || reply.Error.Outcome == CommandOutcome.Unknown,
            "a commit that was sent is never reported as rolled back");
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Query_that_meets_retry_starts_again_at_a_newer_snapshot()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        var begins = new List<HlcTimestamp>();
        gateway.Cluster.OnFragment = (_, request) =>
        {
            begins.Add(request.Begin);
            return begins.Count <= 2 ? new FragmentReply { Status = ReplyStatus.Retry } : null;
        };
        (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok();
        Assert.Equal(3, begins.Count);
        Assert.True(begins[0] < begins[1] && begins[1] < begins[2]);
    }

    [Fact]
    public async Task Transaction_that_has_answered_and_meets_retry_is_40001()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; SELECT v FROM a WHERE id = 1")).Ok();
        gateway.Cluster.OnFragment = (_, _) => new FragmentReply { Status = ReplyStatus.Retry };
        Error error = (await session.RunAsync("SELECT v FROM a WHERE id = 2")).Refused(SqlStates.SerializationFailure);
        Assert.Equal(TransactionState.Failed, error.State);
    }

    [Fact]
    public async Task Reader_overwritten_behind_its_snapshot_is_validated_at_commit()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync("BEGIN; SELECT v FROM a WHERE id = 1")).Ok();
        gateway.Cluster.OnFragment = (_, request) => new FragmentReply { PiHint = request.Begin };
        (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok();
        gateway.Cluster.Trace.Clear();
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Equal(1, gateway.Cluster.CountTrace("ONE"));
    }

    [Fact]
    public async Task First_statement_overwritten_behind_its_snapshot_reads_at_a_newer_one()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        var begins = new SortedSet<HlcTimestamp>();
        gateway.Cluster.OnFragment = (_, request) =>
            begins.Add(request.Begin) && begins.Count == 1 ? new FragmentReply { PiHint = request.Begin } : null;
        TestReply read = (await session.RunAsync("BEGIN; SELECT v FROM a WHERE id = 1")).Ok();
        Assert.Single(read.Rows);
        Assert.Equal(2, begins.Count);
        gateway.Cluster.Trace.Clear();
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Empty(gateway.Cluster.Trace);
    }
}
