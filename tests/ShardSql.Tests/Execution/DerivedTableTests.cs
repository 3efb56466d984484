using System;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Tests.Execution;

/// <summary>
/// Conditions that are tried below what computes a query's columns give the rows that they give above it. OFFSET 0 keeps
/// a condition above, and "+ 0" what is known of a row outside from being used.
/// </summary>
public sealed class DerivedTableTests
{
    private static readonly string[] s_queries =
    [
        "SELECT a AS x, b AS y, d AS z FROM t",
        "SELECT a + 1 AS x, b * 2 AS y, d AS z FROM t WHERE b < 6",
        "SELECT a AS x, MAX(b) AS y, SUM(d) AS z FROM t GROUP BY a",
        "SELECT a AS x, b AS y, SUM(d) AS z FROM t GROUP BY a, b HAVING SUM(d) > 5",
        "SELECT a + b AS x, a AS y, SUM(d) AS z FROM t GROUP BY a + b, a",
        "SELECT DISTINCT b AS x, a AS y, d AS z FROM t",
        "SELECT DISTINCT ON (b) b AS x, a AS y, d AS z FROM t ORDER BY b, a DESC",
        "SELECT a AS x, b AS y, ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) AS z FROM t",
        "SELECT a AS x, b AS y, SUM(d) OVER (ORDER BY a, b) AS z FROM t",
        "SELECT a AS x, b AS y, SUM(SUM(d)) OVER (PARTITION BY a) AS z FROM t GROUP BY a, b",
        "SELECT a AS x, b AS y, d AS z FROM t ORDER BY b, a LIMIT 5",
        "SELECT a AS x, b AS y, d AS z FROM t WHERE a < 12 UNION ALL SELECT id, slot, d FROM h",
        "SELECT a AS x, b AS y, d AS z FROM t UNION SELECT id, slot, d FROM h WHERE id < 9",
        "SELECT a AS x, b AS y, 1 AS z FROM t INTERSECT SELECT id, slot, 1.0 FROM h",
        "SELECT a AS x, b AS y, CAST(NULL AS int) AS z FROM t EXCEPT SELECT id, slot, NULL FROM h",
        "SELECT t.a AS x, h.id AS y, h.d AS z FROM t JOIN h ON h.id = t.a AND h.slot = t.b",
        "SELECT t.a AS x, h.id AS y, h.d AS z FROM t LEFT JOIN h ON h.id = t.a AND h.slot = t.b",
        "SELECT t.a AS x, h.id AS y, h.d AS z FROM t RIGHT JOIN h ON h.id = t.a AND t.b < 4",
        "SELECT t.a AS x, h.id AS y, h.d AS z FROM t FULL JOIN h ON h.id = t.a AND h.slot = t.b",
        "SELECT a AS x, b AS y, (SELECT SUM(h.d) FROM h WHERE h.slot IN (0, 1, 2, 3) AND h.id = t.a) AS z FROM t",
        "SELECT b.a AS x, b.b AS y, g.s AS z FROM t b "
            + "LEFT JOIN (SELECT id, SUM(d) AS s FROM h WHERE slot IN (0, 1) GROUP BY id) g ON g.id = b.a",
        "SELECT a AS x, b AS y, COUNT(*) AS z FROM t WHERE EXISTS (SELECT 1 FROM h WHERE h.id = t.a) GROUP BY a, b",
        "SELECT a AS x, (SELECT MAX(h.slot) FROM h WHERE h.id = t.a) AS y, SUM(d) AS z FROM t GROUP BY a",
        "SELECT a AS x, b AS y, COALESCE(d, 0) AS z FROM t WHERE a IN (SELECT id FROM h WHERE h.slot = t.b)",
        "WITH RECURSIVE n AS (SELECT 0 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT x, x % 3 AS y, 1 AS z FROM n",
        "SELECT COUNT(*) AS x, MAX(b) AS y, SUM(d) AS z FROM t",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Condition_onAnyQuery_givesWhatItGivesAboveIt(int seed)
    {
        var prng = new Prng((ulong)seed);
        MemoryDatabase database = Filled(prng, seed % 2 == 0 ? 4 : 1);
        for (int i = 0; i < s_queries.Length; i++)
        {
            database.Run($"CREATE VIEW v{i} AS {s_queries[i]}");
            for (int round = 0; round < 25; round++)
            {
                (string asWritten, string above) = Statements(prng, i);
                string expected = Outcome(database, above);
                string actual = Outcome(database, asWritten);
                Assert.True(expected == actual, $"seed {seed}: {asWritten}\n{expected}\n{actual}");
            }
        }
    }

    [Fact]
    public void CommonTables_thatReadTheSameColumnOutside_areReadForEachRow()
    {
        MemoryDatabase database = Filled(new Prng(1), 4);
        string[] rows = database.Text(
            "SELECT o.id, (WITH a AS (SELECT o.id AS n), b AS (SELECT o.id AS n) "
            + "SELECT a.n + b1.n + b2.n FROM a, b b1, b b2) FROM (VALUES (1), (2)) o (id) ORDER BY 1");

        Assert.Equal(database.Text("VALUES (1, 3), (2, 6)"), rows);
    }

    [Fact]
    public void View_byKey_readsThatRowAlone()
    {
        MemoryDatabase database = Filled(new Prng(1), 4);
        database.Run("INSERT INTO t VALUES (100, 1, 'c', 7)");
        database.Run("INSERT INTO h VALUES (1, 100, 9)");
        database.Run("CREATE VIEW v AS SELECT o.a, o.b, (SELECT SUM(h.d) FROM h WHERE h.slot = 1 AND h.id = o.a) AS s FROM t o");
        int before = database.RowsRead;

        Assert.Equal(database.Text("VALUES (9.00)"), database.Text("SELECT s FROM v WHERE a = 100 AND b = 1"));
        Assert.Equal(2, database.RowsRead - before);
    }

    private static MemoryDatabase Filled(Prng prng, int shards)
    {
        var database = new MemoryDatabase(shards);
        database.Run("CREATE TABLE t (a int, b int, c text, d decimal(8,2), PRIMARY KEY (a, b)) SHARD BY HASH (a)");
        database.Run("CREATE TABLE h (slot int, id int, d decimal(8,2), PRIMARY KEY (slot, id)) SHARD BY HASH (slot, id)");
        for (int a = 0; a < 15; a++)
        {
            for (int b = 0; b < 8; b++)
            {
                string d = prng.Next(6) == 0 ? "NULL" : $"{prng.Next(30)}.5";
                database.Run(prng.Next(3) == 0 ? "SELECT 1" : $"INSERT INTO t VALUES ({a}, {b}, 'c{prng.Next(4)}', {d})");
                database.Run(prng.Next(3) == 0 ? "SELECT 1" : $"INSERT INTO h VALUES ({b}, {a}, {d})");
            }
        }

        return database;
    }

    /// <summary>A statement, and the same whose conditions stay where they are.</summary>
    private static (string AsWritten, string Above) Statements(Prng prng, int query)
    {
        string condition = Condition(prng);
        string rows = prng.Next(2) == 0 ? $"({s_queries[query]})" : $"(SELECT * FROM v{query})";
        string kept = $"(SELECT * FROM ({s_queries[query]}) k OFFSET 0)";
        string outside = prng.Next(2) == 0 ? $"= {prng.Next(15)}" : $"IN ({prng.Next(15)}, {prng.Next(15)})";
        Func<string, string, string> statement = prng.Next(6) switch
        {
            0 => (from, _) => $"SELECT * FROM {from} q WHERE {condition}",
            1 => (from, _) => $"WITH q AS {from} SELECT x, y, z FROM q WHERE {condition}",
            2 => (from, key) => $"SELECT q.*, o.c FROM t o JOIN {from} q ON q.x = o.a AND {condition} WHERE {key} {outside}",
            3 => (from, key) => $"SELECT q.*, o.c FROM t o LEFT JOIN {from} q ON q.x = o.a AND {condition} WHERE {key} {outside}",
            4 => (from, key) => $"SELECT q.*, o.c FROM {from} q RIGHT JOIN t o ON q.x = o.a WHERE ({condition}) AND {key} {outside}",
            _ => (from, key) => "SELECT o.a, o.b, "
                + $"(SELECT COUNT(*) FROM {from} q WHERE q.x = o.a AND ({condition})) FROM t o WHERE {key} {outside}",
        };
        return (statement(rows, "o.a"), statement(kept, "o.a + 0"));
    }

    private static string Condition(Prng prng) => prng.Next(11) switch
    {
        0 => $"x = {prng.Next(15)}",
        1 => $"x IN ({prng.Next(15)}, NULL, {prng.Next(15)})",
        2 => $"y > {prng.Next(8)}",
        3 => $"x = {prng.Next(15)} AND y = {prng.Next(8)}",
        4 => "x = y",
        5 => $"z > {prng.Next(30)}",
        6 => "y IS NULL",
        7 => $"y IS NULL OR x < {prng.Next(15)}",
        8 => $"x = {prng.Next(15)} OR z < {prng.Next(30)}",
        9 => $"x + y > {prng.Next(20)}",
        _ => $"NOT (x = {prng.Next(15)} AND y < {prng.Next(8)}) AND x BETWEEN {prng.Next(8)} AND {prng.Next(15)}",
    };

    private static string Outcome(MemoryDatabase database, string sql)
    {
        string[] rows = database.Text(sql);
        Array.Sort(rows, StringComparer.Ordinal);
        return string.Join(" / ", rows);
    }
}
