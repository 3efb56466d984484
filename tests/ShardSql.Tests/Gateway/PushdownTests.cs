using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Texts whose statements all resolve to one shard go there as one message.</summary>
public sealed class PushdownTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;
    private TestSession _session = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _session = await _gateway.OpenAsync();
        await RunAsync("CREATE TABLE a (k int, n int, v bigint NOT NULL, PRIMARY KEY (k, n)) SHARD BY HASH (k)");
        await RunAsync("CREATE TABLE r (id int PRIMARY KEY, name text) REFERENCE");
        await RunAsync("INSERT INTO a VALUES (1, 1, 10), (1, 2, 20), (2, 1, 30), (3, 1, 40), (4, 1, 50), (5, 1, 60)");
        await RunAsync("INSERT INTO r VALUES (1, 'one')");
        _gateway.Cluster.Trace.Clear();
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Autocommit_text_on_one_shard_is_one_message()
    {
        TestReply reply = await RunAsync(
            "UPDATE a SET v = v + 1 WHERE k = 1 AND n = 1; INSERT INTO a VALUES (1, 3, @x) RETURNING n, v; "
            + "SELECT n, v FROM a WHERE k = 1 ORDER BY n; SELECT 7 AS seven; DELETE FROM a WHERE k = 1",
            ("x", SqlValue.FromInt64(5)));

        Assert.Equal(
            [
                "end UPDATE 1", "header n, v", "row 3, 5", "end INSERT 1", "header n, v", "row 1, 11", "row 2, 20",
                "row 3, 5", "end SELECT -1", "header seven", "row 7", "end SELECT -1", "end DELETE 3",
            ],
            reply.Log);
        Assert.Equal(["ONE"], Trace());
        Assert.NotNull(reply.End!.CommitStamp);
    }

    [Fact]
    public async Task Begin_to_commit_in_one_text_on_one_shard_is_one_message()
    {
        TestReply reply = await RunAsync(
            "BEGIN; UPDATE a SET v = v + 1 WHERE k = 1; SELECT SUM(v) FROM a WHERE k = 1; COMMIT");

        Assert.Equal(["end BEGIN -1", "end UPDATE 2", "header sum", "row 32", "end SELECT -1", "end COMMIT -1"], reply.Log);
        Assert.Equal(["ONE"], Trace());
        Assert.Equal(TransactionState.Idle, reply.End!.State);
        Assert.NotNull(reply.End.CommitStamp);
    }

    [Fact]
    public async Task Statements_and_commit_after_begin_of_an_earlier_request_are_one_message()
    {
        await RunAsync("BEGIN");
        TestReply reply = await RunAsync("UPDATE a SET v = 1 WHERE k = 1; UPDATE a SET v = 2 WHERE k = 1; COMMIT; BEGIN");

        Assert.Equal(["ONE"], Trace());
        Assert.Equal(TransactionState.Open, reply.End!.State);
    }

    [Fact]
    public async Task Queries_on_one_shard_are_one_read_without_commit()
    {
        TestReply reply = await RunAsync(
            "SELECT v FROM a WHERE k = 1 ORDER BY n; SELECT v FROM a WHERE k = 1 AND 1 = 0; SELECT COUNT(*) FROM a WHERE k = 1");

        Assert.Equal(
            [
                "header v", "row 10", "row 20", "end SELECT -1", "header v", "end SELECT -1", "header count", "row 2",
                "end SELECT -1",
            ],
            reply.Log);
        Assert.Equal(["READ"], Trace());
        Assert.Equal(0, _gateway.Server.Services.Snapshots.Count);
    }

    [Fact]
    public async Task Reference_table_is_read_where_the_other_statements_run()
    {
        await RunAsync("SELECT name FROM r; UPDATE a SET v = 1 WHERE k = 1; SELECT name FROM r WHERE id = 1");
        await RunAsync("SELECT name FROM r WHERE id = 1; UPDATE a SET v = 1 WHERE k = 2; SELECT name FROM r WHERE id = 1");
        await RunAsync("SELECT name FROM r WHERE id = 1; UPDATE a SET v = 1 WHERE k = 4; SELECT name FROM r WHERE id = 1");

        // The first scans its table, which is done at a snapshot.
        Assert.Equal(["READ", "ONE", "ONE", "ONE"], Trace());
    }

    [Fact]
    public async Task Statements_inside_an_open_transaction_are_one_read()
    {
        await RunAsync("BEGIN; UPDATE a SET v = 0 WHERE k = 1 AND n = 1");
        _gateway.Cluster.Trace.Clear();
        TestReply reply = await RunAsync(
            "SELECT v FROM a WHERE k = 1 ORDER BY n; UPDATE a SET v = v + 5 WHERE k = 1; SELECT v FROM a WHERE k = 1 ORDER BY n");

        Assert.Equal(
            [
                "header v", "row 0", "row 20", "end SELECT -1", "end UPDATE 2", "header v", "row 5", "row 25",
                "end SELECT -1",
            ],
            reply.Log);
        Assert.Equal(["READ"], Trace());
        await RunAsync("COMMIT");
        Assert.Equal(["READ", "ONE"], Trace());
        Assert.Equal(["row 5", "row 25"], (await RunAsync("SELECT v FROM a WHERE k = 1 ORDER BY n")).Log[1..3]);
    }

    [Fact]
    public async Task Statements_of_two_shards_run_one_by_one()
    {
        (int one, int other) = await TwoShardsAsync();
        await RunAsync($"UPDATE a SET v = 1 WHERE k = {one}; UPDATE a SET v = 2 WHERE k = {other}");
        Assert.Equal(["READ", "READ", "PREPARE", "PREPARE", "DECIDE", "DECIDE"], Trace());
    }

    [Theory]
    [InlineData("UPDATE a SET v = 99 WHERE k = 1; INSERT INTO a VALUES (1, 1, 0); DELETE FROM a WHERE k = 1", 1U, TransactionState.Idle)]
    [InlineData("BEGIN; UPDATE a SET v = 99 WHERE k = 1; INSERT INTO a VALUES (1, 1, 0); COMMIT", 2U, TransactionState.Failed)]
    [InlineData("SELECT 1; UPDATE a SET v = 99 WHERE k = 1; SELECT 2; INSERT INTO a VALUES (1, 1, 0)", 3U, TransactionState.Idle)]
    public async Task Failing_statement_is_named_and_nothing_is_written(string text, uint index, TransactionState state)
    {
        Error error = (await _session.RunAsync(text)).Refused(SqlStates.UniqueViolation);
        Assert.Equal(index, error.StatementIndex);
        Assert.Equal(state, error.State);
        Assert.Equal(["ONE"], Trace());
        await _session.RunAsync("ROLLBACK");
        Assert.Equal(["row 10", "row 20"], (await RunAsync("SELECT v FROM a WHERE k = 1 ORDER BY n")).Log[1..3]);
    }

    [Fact]
    public async Task Failing_statement_inside_an_open_transaction_is_named()
    {
        await RunAsync("BEGIN; SELECT 1");
        TestReply reply = await _session.RunAsync(
            "SELECT v FROM a WHERE k = 1 AND n = 1; SELECT 2 AS two; SELECT v / (n - 1) FROM a WHERE k = 1; SELECT 3");
        Error error = reply.Refused(SqlStates.DivisionByZero);
        Assert.Equal(2U, error.StatementIndex);
        Assert.Equal(["header v", "row 10", "end SELECT -1", "header two", "row 2", "end SELECT -1"], reply.Log);
        Assert.Equal(["READ"], Trace());
    }

    [Fact]
    public async Task Statement_that_cannot_be_planned_is_named_after_those_before_it_ran()
    {
        Error error = (await _session.RunAsync("UPDATE a SET v = 99 WHERE k = 1; SELECT nosuch FROM a WHERE k = 1"))
            .Refused(SqlStates.UndefinedColumn);
        Assert.Equal(1U, error.StatementIndex);
        error = (await _session.RunAsync("INSERT INTO a VALUES (1, 1, 0); SELECT nosuch FROM a WHERE k = 1"))
            .Refused(SqlStates.UniqueViolation);
        Assert.Equal(0U, error.StatementIndex);
    }

    [Theory]
    [InlineData(RefusalReason.Late)]
    [InlineData(RefusalReason.Window)]
    public async Task Refused_text_runs_again_as_a_whole(RefusalReason reason)
    {
        int tries = 0;
        _gateway.Cluster.OnOne = (shard, _) => tries++ < 2 ? No(shard, reason) : null;
        TestReply reply = await RunAsync("BEGIN; UPDATE a SET v = v + 1 WHERE k = 1; UPDATE a SET v = v + 1 WHERE k = 1; COMMIT");
        Assert.Equal(["end BEGIN -1", "end UPDATE 2", "end UPDATE 2", "end COMMIT -1"], reply.Log);
        Assert.Equal(3, tries);
        Assert.Equal(["row 12", "row 22"], (await RunAsync("SELECT v FROM a WHERE k = 1 ORDER BY n")).Log[1..3]);
    }

    [Fact]
    public async Task Text_refused_too_often_is_40001_of_its_commit()
    {
        _gateway.Cluster.OnOne = (shard, _) => No(shard, RefusalReason.Late);
        Error error = (await _session.RunAsync("BEGIN; UPDATE a SET v = 1 WHERE k = 1; UPDATE a SET v = 2 WHERE k = 1; COMMIT"))
            .Refused(SqlStates.SerializationFailure);
        Assert.Equal(3U, error.StatementIndex);
        Assert.Equal(TransactionState.Idle, error.State);
        Assert.Equal(1 + GatewayLimits.MaxCommitRetries, _gateway.Cluster.CountTrace("ONE"));
    }

    [Fact]
    public async Task Evaluation_that_is_always_overtaken_is_read_at_a_snapshot_instead()
    {
        _gateway.Cluster.OnOne = (shard, request) =>
            request.Fragment is not null ? No(shard, RefusalReason.StaleEvaluation) : null;
        TestReply reply = await RunAsync("UPDATE a SET v = v + 1 WHERE k = 1; SELECT SUM(v) FROM a WHERE k = 1");
        Assert.Equal(["end UPDATE 2", "header sum", "row 32", "end SELECT -1"], reply.Log);
        Assert.Equal(["ONE", "READ", "ONE"], Trace());
    }

    [Fact]
    public async Task Result_that_is_too_much_for_an_evaluation_is_read_at_a_snapshot_instead()
    {
        var tooMuch = new StatementFailure(SqlStates.ProgramLimitExceeded, "too much", null, null, null, null, null);
        _gateway.Cluster.OnOne = (_, request) => request.Fragment is not null
            ? new OneReply { Status = ReplyStatus.Failed, Failure = tooMuch }
            : null;
        await RunAsync("UPDATE a SET v = v + 1 WHERE k = 1; SELECT SUM(v) FROM a WHERE k = 1");
        Assert.Equal(["ONE", "READ", "ONE"], Trace());
    }

    [Fact]
    public async Task Scan_beside_a_write_is_read_at_a_snapshot()
    {
        await RunAsync("CREATE TABLE s (id int PRIMARY KEY, v int) SHARD BY RANGE (id)");
        await RunAsync("INSERT INTO s VALUES (1, 1), (2, 2)");
        _gateway.Cluster.Trace.Clear();
        TestReply reply = await RunAsync("SELECT COUNT(*) FROM s; INSERT INTO s VALUES (3, 3); SELECT COUNT(*) FROM s");
        Assert.Equal(["2", "3"], reply.Rows.Select(row => row[0].ToText()));
        Assert.Equal(["READ", "ONE"], Trace());
    }

    [Fact]
    public async Task Lost_result_of_a_committed_text_is_40003_never_wrong_counts()
    {
        _gateway.Cluster.AfterOne = (_, _, _) => throw new ShardUnavailableException("lost") { MayHaveHappened = true };
        Error error = (await _session.RunAsync("BEGIN; UPDATE a SET v = 1 WHERE k = 1; SELECT 1; COMMIT"))
            .Refused(SqlStates.StatementCompletionUnknown);
        Assert.Equal(TransactionState.Idle, error.State);
    }

    [Fact]
    public async Task Read_only_transaction_refuses_the_write_in_its_turn()
    {
        Error error = (await _session.RunAsync("BEGIN READ ONLY; SELECT 1; UPDATE a SET v = 1 WHERE k = 1; COMMIT"))
            .Refused(SqlStates.ReadOnlyTransaction);
        Assert.Equal(2U, error.StatementIndex);
        Assert.Equal(TransactionState.Failed, error.State);
    }

    [Fact]
    public async Task Many_rows_of_several_queries_come_in_batches_each_with_its_statement()
    {
        await RunAsync("CREATE TABLE s (id int PRIMARY KEY, pad text) SHARD BY RANGE (id)");
        for (int i = 0; i < 3; i++)
        {
            int start = i * 500;
            IEnumerable<string> rows = Enumerable.Range(start, 500).Select(id => $"({id}, '{new string('x', 200)}')");
            await RunAsync("INSERT INTO s VALUES " + string.Join(", ", rows));
        }

        _gateway.Cluster.Trace.Clear();
        TestReply reply = await RunAsync(
            "SELECT id, pad FROM s WHERE id < 700; SELECT id FROM s WHERE id < 0; SELECT pad, id FROM s WHERE id >= 700");
        Assert.Equal(Enumerable.Range(0, 700), reply.Rows.Take(700).Select(row => row[0].AsInt32()));
        Assert.Equal(Enumerable.Range(700, 800), reply.Rows.Skip(700).Select(row => row[1].AsInt32()));
        Assert.Equal(700 + 800 + 3 + 3, reply.Log.Count);
        Assert.Equal("READ", Trace()[0]);
        Assert.True(Trace().Count(line => line == "CONTINUE") > 2);
        Assert.Equal(1, _gateway.Cluster.CountTrace("READ"));
        Assert.Equal(0, _gateway.Cluster.OpenCursors);
    }

    private static OneReply No(ShardId shard, RefusalReason reason) => new()
    {
        Vote = new Vote(shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, reason),
    };

    private async Task<TestReply> RunAsync(string text, params (string Name, SqlValue Value)[] parameters) =>
        (await _session.RunAsync(text, parameters)).Ok();

    private List<string> Trace() => [.. _gateway.Cluster.Trace.Select(line => line.Split(' ')[0])];

    /// <summary>Two values of k that live on different shards.</summary>
    private async Task<(int One, int Other)> TwoShardsAsync()
    {
        string first = await ShardOfAsync(1);
        foreach (int k in new[] { 2, 3, 4, 5 })
        {
            if (await ShardOfAsync(k) != first)
            {
                return (1, k);
            }
        }

        throw new InvalidOperationException("five keys live on one shard");
    }

    private async Task<string> ShardOfAsync(int k)
    {
        string verdict = (await RunAsync($"EXPLAIN SELECT v FROM a WHERE k = {k}")).Rows[0][0].AsText();
        return verdict.Split("shards: ")[1].Split(')')[0];
    }
}
