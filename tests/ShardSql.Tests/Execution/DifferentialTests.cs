using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Primitives;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Tests.Execution;

/// <summary>
/// The same random tables, writes and queries on one shard, on four by hash, on four by range and with the smallest
/// slices: all must agree. The seed is in the failure.
/// </summary>
public sealed class DifferentialTests
{
    private static readonly string[] s_columns = ["a", "b", "c", "d"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Queries_onAnyPlacement_agree(int seed)
    {
        var prng = new Prng((ulong)seed);
        MemoryDatabase[] databases = Create();
        for (int i = 0; i < 25; i++)
        {
            RunEverywhere(databases, Write(prng), ordered: false, seed);
        }

        for (int i = 0; i < 60; i++)
        {
            string query = Query(prng, out bool ordered);
            RunEverywhere(databases, query, ordered, seed);
            if (i % 10 == 9)
            {
                RunEverywhere(databases, Write(prng), ordered: false, seed);
            }
        }
    }

    private static MemoryDatabase[] Create()
    {
        const string columns = "(a int, b int, c text, d decimal(8,2), PRIMARY KEY (a, b), CHECK (d < 1000))";
        string[] placements =
        [
            "SINGLE",
            "SHARD BY HASH (a)",
            "SHARD BY HASH (b, a) INTO 7 SEGMENTS",
            "SHARD BY RANGE (a) SPLIT AT VALUES (5), (10), (15)",
            "SHARD BY RANGE (b, a) SPLIT AT VALUES (3), (6, 10)",
            "REFERENCE",
        ];
        var databases = new List<MemoryDatabase>();
        foreach (string placement in placements)
        {
            var database = new MemoryDatabase(placement == "SINGLE" ? 1 : 4)
            {
                SliceRows = databases.Count % 2 == 0 ? 256 : 3,
                AnswerRows = databases.Count % 2 == 0 ? int.MaxValue : 2,
            };
            database.Run($"CREATE TABLE t {columns} {placement}");
            databases.Add(database);
        }

        return [.. databases];
    }

    private static void RunEverywhere(MemoryDatabase[] databases, string sql, bool ordered, int seed)
    {
        string? expected = null;
        foreach (MemoryDatabase database in databases)
        {
            string actual = Outcome(database, sql, ordered);
            expected ??= actual;
            Assert.True(expected == actual, $"seed {seed}: {sql}\nfirst: {expected}\nother: {actual}");
        }
    }

    private static string Outcome(MemoryDatabase database, string sql, bool ordered)
    {
        try
        {
            string[] rows = database.Text(sql);
            if (!ordered)
            {
                Array.Sort(rows, StringComparer.Ordinal);
            }

            return $"{database.LastRowsAffected}: {string.Join(" / ", rows)}";
        }
        catch (SqlException exception)
        {
            return exception.SqlState;
        }
    }

    private static string Write(Prng prng)
    {
        switch (prng.Next(4))
        {
            case 0 or 1:
                var rows = new List<string>();
                for (int i = prng.Next(1, 12); i > 0; i--)
                {
                    rows.Add($"({prng.Next(20)}, {prng.Next(9)}, {Text(prng)}, {Number(prng)})");
                }

                return $"INSERT INTO t VALUES {string.Join(", ", rows)} RETURNING a, b, d";
            case 2:
                return $"UPDATE t SET d = d + {Number(prng)}, c = c || 'x' WHERE {Condition(prng)} RETURNING *";
            default:
                return $"DELETE FROM t WHERE {Condition(prng)} AND {Condition(prng)} RETURNING a, c";
        }
    }

    private static string Query(Prng prng, out bool ordered)
    {
        string where = prng.Next(4) == 0 ? string.Empty : $" WHERE {Condition(prng)}";
        switch (prng.Next(6))
        {
            case 0:
                ordered = true;
                return $"SELECT c, count(*) AS n, sum(d), avg(b), min(a), max(c) FROM t{where}"
                    + $" GROUP BY c{(prng.Next(2) == 0 ? " HAVING count(*) > 1" : string.Empty)} ORDER BY n DESC, c";
            case 1:
                ordered = true;
                return $"SELECT count(*), count(c), sum(d), avg(d), min(c), count(DISTINCT c), sum(DISTINCT b) FROM t{where}";
            case 2:
                ordered = true;
                return $"SELECT DISTINCT c, b FROM t{where} ORDER BY b, c{Limit(prng)}";
            case 3:
                ordered = true;
                string direction = prng.Next(2) == 0 ? string.Empty : " DESC";
                string nulls = prng.Next(3) == 0 ? " NULLS FIRST" : string.Empty;
                return $"SELECT a, b, d * 2 AS e FROM t{where} ORDER BY c{direction}{nulls}, a, b{Limit(prng)}";
            case 4:
                ordered = true;
                return $"SELECT * FROM t{where} ORDER BY a, b{Limit(prng)}";
            default:
                ordered = false;
                return $"SELECT c, a + b AS s FROM t{where}";
        }
    }

    private static string Limit(Prng prng) => prng.Next(3) switch
    {
        0 => string.Empty,
        1 => $" LIMIT {prng.Next(10)}",
        _ => $" LIMIT {prng.Next(10)} OFFSET {prng.Next(10)}",
    };

    private static string Condition(Prng prng)
    {
        string column = s_columns[prng.Next(2)];
        switch (prng.Next(12))
        {
            case 0:
                return $"a = {prng.Next(20)}";
            case 1:
                return $"a = {prng.Next(20)} AND b = {prng.Next(9)}";
            case 2:
                return $"{column} IN ({prng.Next(20)}, {prng.Next(20)}, NULL, {prng.Next(20)})";
            case 3:
                return $"{column} BETWEEN {prng.Next(20)} AND {prng.Next(20)}";
            case 4:
                return $"(a, b) > ({prng.Next(20)}, {prng.Next(9)})";
            case 5:
                return $"(b, a) <= ({prng.Next(9)}, {prng.Next(20)})";
            case 6:
                return $"(a, b) IN (({prng.Next(20)}, {prng.Next(9)}), ({prng.Next(20)}, {prng.Next(9)}))";
            case 7:
                return $"a = {prng.Next(20)} OR a = {prng.Next(20)}";
            case 8:
                return $"{column} {(prng.Next(2) == 0 ? "<" : ">=")} {Number(prng)}";
            case 9:
                return $"c = {Text(prng)} OR b = {prng.Next(9)}";
            case 10:
                return $"d > {Number(prng)} AND NOT (a < {prng.Next(20)})";
            default:
                return $"b = {prng.Next(9)} AND a > {prng.Next(20)} AND a < {prng.Next(20)}";
        }
    }

    private static string Text(Prng prng) => prng.Next(5) == 0 ? "NULL" : $"'{(char)('a' + prng.Next(5))}'";

    private static string Number(Prng prng) =>
        string.Create(CultureInfo.InvariantCulture, $"{prng.Next(40)}.{prng.Next(4) * 25}");
}
