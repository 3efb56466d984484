using System;
using System.Data;
using System.Data.Common;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>GetSchema, and adapters that write back.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SchemaTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Every_collection_can_be_read_and_says_its_restrictions()
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using DataTable all = await connection.GetSchemaAsync();
        using DataTable restrictions = connection.GetSchema("Restrictions");
        Assert.True(all.Rows.Count >= 12);
        foreach (DataRow collection in all.Rows)
        {
            string name = (string)collection[DbMetaDataColumnNames.CollectionName];
            using DataTable table = await connection.GetSchemaAsync(name.ToUpperInvariant());
            Assert.Equal(name, table.TableName);
            Assert.NotEmpty(table.Columns);
            Assert.Equal(
                (int)collection[DbMetaDataColumnNames.NumberOfRestrictions],
                restrictions.Rows.Cast<DataRow>().Count(row => (string)row["CollectionName"] == name));
        }

        Assert.Throws<ArgumentException>(() => connection.GetSchema("Nothing"));
        Assert.Throws<ArgumentException>(() => connection.GetSchema("Tables", ["a", "b"]));
        await connection.CloseAsync();
        Assert.Throws<InvalidOperationException>(() => connection.GetSchema());
    }

    [Fact]
    public async Task Tables_columns_and_keys_are_those_of_the_cluster()
    {
        string table = await cluster.CreateTableAsync(
            "(b text NOT NULL, a integer, d decimal(10,2), v varchar(5), PRIMARY KEY (b, a))");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using DataTable tables = connection.GetSchema("Tables", [table]);
        Assert.Equal(table, Assert.Single(tables.Rows.Cast<DataRow>())["table_name"]);
        using DataTable columns = connection.GetSchema("Columns", [table, null]);
        Assert.Equal(["b", "a", "d", "v"], columns.Rows.Cast<DataRow>().Select(row => (string)row["column_name"]));
        Assert.Equal([true, true, false, false], columns.Rows.Cast<DataRow>().Select(row => (bool)row["is_key"]));
        Assert.Equal((10, 2), ((int)columns.Rows[2]["numeric_precision"], (int)columns.Rows[2]["numeric_scale"]));
        Assert.Equal("varchar(5)", columns.Rows[3]["data_type"]);
        using DataTable one = await connection.GetSchemaAsync("Columns", [table, "d"]);
        Assert.Single(one.Rows);
        using DataTable keys = await connection.GetSchemaAsync("PrimaryKeys", [table]);
        Assert.Equal(["b", "a"], keys.Rows.Cast<DataRow>().Select(row => (string)row["column_name"]));
        using DataTable words = connection.GetSchema("ReservedWords");
        Assert.Contains(words.Rows.Cast<DataRow>(), row => (string)row[0] == "SELECT");
    }

    [Fact]
    public async Task Views_are_those_of_the_cluster_and_have_columns()
    {
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, note text)");
        string view = cluster.NewName("v");
        await cluster.ExecuteAsync($"CREATE VIEW {view} (key, twice) AS SELECT id, id * 2 FROM {table}");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using DataTable views = await connection.GetSchemaAsync("Views", [view]);
        DataRow only = Assert.Single(views.Rows.Cast<DataRow>());
        Assert.Equal((view, $"SELECT id, id * 2 FROM {table}"), (only["table_name"], only["view_definition"]));
        using DataTable columns = await connection.GetSchemaAsync("Columns", [view]);
        Assert.Equal(["key", "twice"], columns.Rows.Cast<DataRow>().Select(row => row["column_name"]));
        using DataTable tables = await connection.GetSchemaAsync("Tables", [view]);
        Assert.Empty(tables.Rows);
    }

    [Fact]
    public async Task Indexes_and_foreign_keys_are_those_of_the_cluster()
    {
        string parent = await cluster.CreateTableAsync("(id integer PRIMARY KEY, a integer, b text, UNIQUE (b, a))");
        string child = await cluster.CreateTableAsync(
            $"(id integer PRIMARY KEY REFERENCES {parent} ON DELETE CASCADE, x text, y integer, "
            + $"CONSTRAINT pair FOREIGN KEY (x, y) REFERENCES {parent} (b, a) MATCH FULL ON UPDATE SET NULL)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using DataTable indexes = await connection.GetSchemaAsync("Indexes", [parent]);
        DataRow index = Assert.Single(indexes.Rows.Cast<DataRow>());
        Assert.Equal(($"{parent}_b_a_key", true, true), (index["index_name"], index["is_unique"], index["is_constraint"]));
        using DataTable columns = await connection.GetSchemaAsync("IndexColumns", [parent, $"{parent}_b_a_key"]);
        Assert.Equal(["b 1", "a 2"], columns.Rows.Cast<DataRow>().Select(row => $"{row["column_name"]} {row["ordinal_position"]}"));
        using DataTable none = await connection.GetSchemaAsync("IndexColumns", [parent, "other"]);
        Assert.Empty(none.Rows);
        using DataTable keys = await connection.GetSchemaAsync("ForeignKeys", [child]);
        Assert.Equal(
            [
                $"{child} {child}_id_fkey id {parent} id SIMPLE NO ACTION CASCADE",
                $"{child} pair x, y {parent} b, a FULL SET NULL NO ACTION",
            ],
            keys.Rows.Cast<DataRow>().Select(row => string.Join(' ', row.ItemArray)));
    }

    [Fact]
    public async Task Replicas_are_those_of_every_shard_and_one_of_each_leads()
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using DataTable shards = await connection.GetSchemaAsync("Shards");
        using DataTable replicas = await connection.GetSchemaAsync("Replicas");
        Assert.Equal(shards.Rows.Count * 3, replicas.Rows.Count);
        Assert.All(
            replicas.Rows.Cast<DataRow>().GroupBy(row => (string)row["shard"]),
            shard => Assert.InRange(shard.Count(row => (bool)row["is_leader"]), 0, 1));
        Assert.Contains(replicas.Rows.Cast<DataRow>(), row => (bool)row["is_leader"]);
        string first = (string)shards.Rows[0]["shard"];
        using DataTable one = await connection.GetSchemaAsync("Replicas", [first]);
        Assert.Equal([first, first, first], one.Rows.Cast<DataRow>().Select(row => (string)row["shard"]));
    }

    [Fact]
    public async Task Adapter_with_a_command_builder_writes_changes_back()
    {
        string table = await cluster.CreateTableAsync(
            "(id integer PRIMARY KEY, name text, amount decimal(10,2), born date, data bytes)");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'a', 1.5, '2024-01-02', X'01'), (2, NULL, NULL, NULL, NULL), "
            + "(3, 'c', 3, NULL, NULL)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using var adapter = new ShardSqlDataAdapter($"SELECT id, name, amount, born FROM {table} ORDER BY id", connection);
        using var builder = new ShardSqlCommandBuilder(adapter);
        using var rows = new DataTable();
        Assert.Equal(3, adapter.Fill(rows));
        rows.Rows[0]["amount"] = 2.25m;
        rows.Rows[1]["name"] = "b";
        rows.Rows[2].Delete();
        rows.Rows.Add(4, "d", 4m, new DateTime(2024, 2, 29));

        Assert.Equal(4, adapter.Update(rows));

        using var read = new DataTable();
        adapter.Fill(read);
        Assert.Equal(
            ["1|a|2.25|2024-01-02", "2|b||", "4|d|4.00|2024-02-29"],
            read.Rows.Cast<DataRow>().Select(row => string.Join('|', row["id"], row["name"], row["amount"],
                row["born"] is DateTime born ? born.ToString("yyyy-MM-dd", null) : string.Empty)));
    }

    [Fact]
    public async Task Update_of_a_row_that_another_changed_is_a_concurrency_error()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, name varchar(20))");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'a')");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using var adapter = new ShardSqlDataAdapter($"SELECT id, name FROM {table}", connection);
        using var builder = new ShardSqlCommandBuilder(adapter);
        using var rows = new DataTable();
        adapter.Fill(rows);
        await cluster.ExecuteAsync($"UPDATE {table} SET name = 'other'");
        rows.Rows[0]["name"] = "mine";
        Assert.Throws<DBConcurrencyException>(() => adapter.Update(rows));
    }

    [Theory]
    [InlineData("a", "\"a\"")]
    [InlineData("a \"b\"", "\"a \"\"b\"\"\"")]
    public void Identifiers_are_quoted_and_unquoted(string name, string quoted)
    {
        using var builder = new ShardSqlCommandBuilder();
        Assert.Equal(quoted, builder.QuoteIdentifier(name));
        Assert.Equal(name, builder.UnquoteIdentifier(quoted));
    }
}
