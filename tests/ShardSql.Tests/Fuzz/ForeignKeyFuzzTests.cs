using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using Npgsql;

using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Fuzz;

/// <summary>Random writes of tables that refer to each other, here on four shards and in PostgreSQL: the same counts, the
/// same refusals, the same rows.</summary>
public sealed class ForeignKeyFuzzTests
{
    private const int Statements = 600;
    private const int StatementsPerSchema = 60;
    private const int MostDifferences = 5;
    private const string Contents =
        "SELECT 'p', id, u, NULL FROM p UNION ALL SELECT 'c', id, p, u FROM c UNION ALL SELECT 'd', id, c, s FROM d ORDER BY 1, 2";

    private const string Placed = "/* placed */";

    private static readonly string[] s_actions = ["CASCADE", "SET NULL", "SET DEFAULT"];

    private static readonly string[] s_placements =
        ["", "SHARD BY RANGE (id) SPLIT AT VALUES (3), (5)", "REFERENCE", "SINGLE"];

    [PostgresFact]
    public async Task Writes_of_tables_that_refer_to_each_other_do_what_PostgreSQL_does()
    {
        await using PostgresOnSocket postgres = await PostgresOnSocket.StartAsync();
        await using NpgsqlConnection theirs = await postgres.DataSource.OpenConnectionAsync();
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "references-" + Guid.NewGuid().ToString("N"),
            Nodes = 1,
            Shards = 4,
            Store = "memory",
        });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection ours = await source.OpenConnectionAsync();
        var differences = new List<string>();
        int refused = 0;
        int count = FuzzRun.Count(Statements);
        for (int i = 0; i < count && differences.Count < MostDifferences; i++)
        {
            Prng prng = FuzzRun.For(i);
            if (i % StatementsPerSchema == 0)
            {
                foreach (string create in Schema(prng))
                {
                    await OutcomeAsync(theirs, create);
                    await OutcomeAsync(ours, create.Replace(
                        Placed, s_placements[prng.Next(s_placements.Length)], StringComparison.Ordinal));
                }
            }

            string text = Statement(prng);
            string expected = $"{await OutcomeAsync(theirs, text)}: {await OutcomeAsync(theirs, Contents)}";
            string actual = $"{await OutcomeAsync(ours, text)}: {await OutcomeAsync(ours, Contents)}";
            refused += expected.StartsWith("error", StringComparison.Ordinal) ? 1 : 0;
            if (expected != actual)
            {
                differences.Add(FuzzRun.Say(i, $"{text}\nPostgreSQL: {expected}\nours: {actual}"));
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
        Assert.InRange(refused, count / 10, count * 9 / 10);
    }

    /// <summary>Where a table has two ways to its parent, an action comes before a check, or there are two of a kind:
    /// PostgreSQL looks at them in the order in which they were made, here all actions come first.</summary>
    private static string[] Schema(Prng prng)
    {
        string Rule(bool mayRefuse) => mayRefuse && prng.Next(4) == 0 ? "NO ACTION" : s_actions[prng.Next(s_actions.Length)];
        bool refuses = prng.Next(3) == 0;
        return
        [
            "DROP TABLE IF EXISTS d",
            "DROP TABLE IF EXISTS c",
            "DROP TABLE IF EXISTS p",
            $"CREATE TABLE p (id int PRIMARY KEY, u int UNIQUE) {Placed}",
            $"CREATE TABLE c (id int PRIMARY KEY, "
                + (refuses
                    ? $"p int DEFAULT 1 REFERENCES p, u int DEFAULT 1 REFERENCES p (u)) {Placed}"
                    : $"p int DEFAULT 1 REFERENCES p ON DELETE {Rule(false)} ON UPDATE {Rule(false)}, "
                        + $"u int DEFAULT 1 REFERENCES p (u) ON DELETE {Rule(true)} ON UPDATE {Rule(true)}) {Placed}"),
            $"CREATE TABLE d (id int PRIMARY KEY, c int DEFAULT 1 REFERENCES c ON DELETE {Rule(false)} ON UPDATE {Rule(false)}, "
                + $"s int DEFAULT 1 REFERENCES d ON DELETE {Rule(true)} ON UPDATE {Rule(true)}) {Placed}",
            "INSERT INTO p VALUES (1, 1), (2, 2), (3, 3), (4, NULL)",
        ];
    }

    private static string Statement(Prng prng)
    {
        string Number() => prng.Next(6) == 0 ? "NULL" : Key();
        string Key() => (1 + prng.Next(6)).ToString(CultureInfo.InvariantCulture);
        string table = "pcd"[prng.Next(3)].ToString();
        string columns = table switch { "p" => "u", "c" => "pu", _ => "cs" };
        string column = columns[prng.Next(columns.Length)].ToString();
        string Row() => table == "p" ? $"({Key()}, {Number()})" : $"({Key()}, {Number()}, {Number()})";
        return prng.Next(9) switch
        {
            0 or 1 => $"INSERT INTO {table} VALUES {Row()}",
            2 => $"INSERT INTO {table} VALUES {Row()} ON CONFLICT DO NOTHING",
            3 => $"INSERT INTO {table} VALUES {Row()} ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}",
            4 => $"UPDATE {table} SET {column} = {Number()} WHERE id = {Key()}",
            5 => $"UPDATE {table} SET id = {Key()} WHERE id = {Key()}",
            6 => $"UPDATE {table} SET {column} = NULL WHERE id > {Key()}",
            7 => $"DELETE FROM {table} WHERE id = {Key()}",
            _ => $"DELETE FROM {table} WHERE {column} = {Key()}",
        };
    }

    private static async Task<string> OutcomeAsync(DbConnection connection, string text)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        try
        {
            await using DbDataReader reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(
                    i => reader.IsDBNull(i) ? "-" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
            }

            await reader.CloseAsync();
            return rows.Count > 0 ? string.Join('|', rows) : reader.RecordsAffected.ToString(CultureInfo.InvariantCulture);
        }
        catch (DbException error)
        {
            return "error " + error.SqlState;
        }
    }
}
