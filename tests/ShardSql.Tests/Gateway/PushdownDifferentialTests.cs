using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol.Messages;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>The same statements as one text and one by one, on real shards: same results, same errors, same rows.
/// </summary>
public sealed class PushdownDifferentialTests
{
    private const int Texts = 120;
    private const int Seed = 20261;

    private readonly Random _random = new(Seed);
    private int _next;

    /// <summary>How the statements of a text reach the gateway.</summary>
    public enum Way
    {
        /// <summary>"a; b; c" outside a transaction.</summary>
        Autocommit,

        /// <summary>"BEGIN; a; b; c; COMMIT".</summary>
        Whole,

        /// <summary>"a; b; c" after BEGIN, COMMIT later.</summary>
        Inside,
    }

    [Theory]
    [InlineData(Way.Autocommit)]
    [InlineData(Way.Whole)]
    [InlineData(Way.Inside)]
    public async Task Pushed_down_text_gives_what_its_statements_give_one_by_one(Way way)
    {
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "pushdown-" + Guid.NewGuid().ToString("N"),
            Nodes = 1,
            Shards = 3,
            Store = "memory",
        });
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        foreach (string table in new[] { "pushed", "single" })
        {
            (await session.RunAsync(
                $"CREATE TABLE {table} (k int, n int, v bigint NOT NULL, t text, PRIMARY KEY (k, n), CHECK (v < 1000)) "
                + "SHARD BY HASH (k)")).Ok();
        }

        (await session.RunAsync("CREATE TABLE r (id int PRIMARY KEY, name text) REFERENCE")).Ok();
        (await session.RunAsync("INSERT INTO r VALUES (1, 'one'), (2, 'two')")).Ok();
        int failures = 0;
        for (int i = 0; i < Texts; i++)
        {
            List<string> statements = NextStatements();
            (List<string> expected, string? failure) = await OneByOneAsync(session, statements);
            (List<string> actual, string? pushedFailure) = await PushedAsync(session, statements, way);
            string text = $"{i}: {string.Join("; ", statements)}";
            Assert.True(failure == pushedFailure, $"{text}\n{failure}\n{pushedFailure}");
            Assert.True(failure is not null || AreEqual(expected, actual), $"{text}\n{string.Join('\n', expected)}\n--\n{string.Join('\n', actual)}");
            failures += failure is null ? 0 : 1;
            Assert.Equal(await ContentAsync(session, "single"), await ContentAsync(session, "pushed"));
        }

        Assert.InRange(failures, Texts / 20, Texts / 2);
    }

    private static bool AreEqual(List<string> expected, List<string> actual) =>
        string.Join('\n', expected) == string.Join('\n', actual);

    private static async Task<List<string>> ContentAsync(TestSession session, string table) =>
        (await session.RunAsync($"SELECT k, n, v, t FROM {table} ORDER BY k, n")).Ok().Log;

    private static async Task<(List<string> Log, string? Failure)> OneByOneAsync(
        TestSession session, List<string> statements)
    {
        (await session.RunAsync("BEGIN")).Ok();
        var log = new List<string>();
        for (int i = 0; i < statements.Count; i++)
        {
            TestReply reply = await session.RunAsync(In(statements[i], "single"));
            log.AddRange(reply.Log);
            if (reply.Error is not null)
            {
                (await session.RunAsync("ROLLBACK")).Ok();
                return (log, Describe(reply.Error, i));
            }
        }

        (await session.RunAsync("COMMIT")).Ok();
        return (log, null);
    }

    private static async Task<(List<string> Log, string? Failure)> PushedAsync(
        TestSession session, List<string> statements, Way way)
    {
        if (way == Way.Inside)
        {
            (await session.RunAsync("BEGIN")).Ok();
        }

        string text = In(string.Join("; ", statements), "pushed");
        TestReply reply = await session.RunAsync(way == Way.Whole ? $"BEGIN; {text}; COMMIT" : text);
        if (way != Way.Autocommit)
        {
            Assert.Equal(
                reply.Error is not null ? TransactionState.Failed : way == Way.Whole ? TransactionState.Idle : TransactionState.Open,
                reply.Error?.State ?? reply.End!.State);
            (await session.RunAsync(reply.Error is null && way == Way.Inside ? "COMMIT" : "ROLLBACK")).Ok();
        }

        reply.Log.RemoveAll(static line => line is "end BEGIN -1" or "end COMMIT -1");
        int index = (int)(reply.Error?.StatementIndex ?? 0) - (way == Way.Whole ? 1 : 0);
        return (reply.Log, reply.Error is null ? null : Describe(reply.Error, index));
    }

    private static string Describe(Error error, int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"{index}: {error.SqlState} {error.Message.Replace("pushed", "single", StringComparison.Ordinal)} {error.Detail} {error.Column}");

    private static string In(string text, string table) => text.Replace("$t", table, StringComparison.Ordinal);

    private List<string> NextStatements()
    {
        int k = _random.Next(4);
        var statements = new List<string>();
        for (int i = 2 + _random.Next(5); i > 0; i--)
        {
            statements.Add(Next(k, _random.Next(6), _random.Next(60)));
        }

        return statements;
    }

    private string Next(int k, int n, int v) => _random.Next(16) switch
    {
        0 => FormattableString.Invariant($"INSERT INTO $t VALUES ({k}, {n}, {v}, 'c')"),
        1 or 2 => FormattableString.Invariant($"INSERT INTO $t VALUES ({k}, {20 + _next++}, {v}, 'a')"),
        3 => FormattableString.Invariant($"INSERT INTO $t (k, n, v) VALUES ({k}, {n}, {v}), ({k}, {n + 6}, {v}) RETURNING n, v * 2"),
        4 => FormattableString.Invariant($"UPDATE $t SET v = v + {v} WHERE k = {k}"),
        5 => FormattableString.Invariant($"UPDATE $t SET v = v * 2, t = 'b' WHERE k = {k} AND n >= {n} RETURNING n, v, t"),
        6 => FormattableString.Invariant($"DELETE FROM $t WHERE k = {k} AND n = {n} RETURNING v"),
        7 => FormattableString.Invariant($"DELETE FROM $t WHERE k = {k} AND v > {v + 10}"),
        8 => FormattableString.Invariant($"SELECT n, v, t FROM $t WHERE k = {k} ORDER BY v DESC, n LIMIT 3"),
        9 => FormattableString.Invariant($"SELECT COUNT(*), SUM(v) FROM $t WHERE k = {k}"),
        10 => FormattableString.Invariant($"SELECT v FROM $t WHERE k = {k} AND n IN ({n}, {n + 1})"),
        11 => FormattableString.Invariant($"SELECT v FROM $t WHERE k = {k} AND 1 = 0"),
        12 => FormattableString.Invariant($"SELECT {v} AS x"),
        13 => FormattableString.Invariant($"SELECT name FROM r WHERE id = {n}"),
        14 => FormattableString.Invariant($"UPDATE $t SET v = v / (n - {n}) WHERE k = {k} AND n <= {n} AND v > 50"),
        _ => FormattableString.Invariant($"SELECT t, SUM(v) FROM $t WHERE k = {k} GROUP BY t ORDER BY 2"),
    };
}
