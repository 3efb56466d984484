using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;

namespace ShardSql.Shell;

/// <summary>What \d shows, from the collections of GetSchema.</summary>
internal static class SchemaLists
{
    private const string Tables = "Tables";
    private const string Views = "Views";

    /// <summary>Tables, views and sequences: name, kind and where the rows are.</summary>
    public static async Task<DataTable> RelationsAsync(
        ShardSqlConnection connection,
        bool withTables,
        bool withViews,
        bool withSequences,
        CancellationToken cancellationToken)
    {
        DataTable list = New("name", "kind", "placement", "shard key");
        if (withTables)
        {
            using DataTable tables = await connection.GetSchemaAsync(Tables, cancellationToken);
            foreach (DataRow row in tables.Rows)
            {
                list.Rows.Add(row["table_name"], "table", row["placement"], row["shard_key"]);
            }
        }

        if (withViews)
        {
            using DataTable views = await connection.GetSchemaAsync(Views, cancellationToken);
            foreach (DataRow row in views.Rows)
            {
                list.Rows.Add(row["table_name"], "view", DBNull.Value, DBNull.Value);
            }
        }

        if (withSequences)
        {
            using DataTable sequences = await connection.GetSchemaAsync("Sequences", cancellationToken);
            foreach (DataRow row in sequences.Rows)
            {
                list.Rows.Add(row["sequence_name"], "sequence", DBNull.Value, DBNull.Value);
            }
        }

        return list;
    }

    /// <summary>The columns of a table; none where there is no such table.</summary>
    public static async Task<DataTable> ColumnsAsync(
        ShardSqlConnection connection, string table, CancellationToken cancellationToken)
    {
        DataTable list = New("column", "type", "nullable", "key");
        using DataTable columns = await connection.GetSchemaAsync("Columns", [table], cancellationToken);
        foreach (DataRow row in columns.Rows)
        {
            list.Rows.Add(
                row["column_name"], row["data_type"], (bool)row["is_nullable"] ? string.Empty : "not null",
                (bool)row["is_key"] ? "primary key" : string.Empty);
        }

        return list;
    }

    /// <summary>What there is to say below the columns.</summary>
    public static async Task<IReadOnlyList<string>> FactsAsync(
        ShardSqlConnection connection, string table, CancellationToken cancellationToken)
    {
        using DataTable tables = await connection.GetSchemaAsync(Tables, [table], cancellationToken);
        if (tables.Rows.Count == 0)
        {
            using DataTable views = await connection.GetSchemaAsync("Views", [table], cancellationToken);
            return [.. views.Rows.Cast<DataRow>().Select(v => $"View: {v["view_definition"]}")];
        }

        DataRow row = tables.Rows[0];
        return
        [
            $"Primary key: ({row["primary_key"]})",
            $"Placement: {row["placement"]} ({row["shard_key"]})",
            string.Create(CultureInfo.InvariantCulture, $"Segments: {row["segments"]}"),
            .. await ConstraintsAsync(connection, table, cancellationToken),
            .. await SequencesAsync(connection, table, cancellationToken),
        ];
    }

    /// <summary>Indexes, foreign keys, and those of other tables that refer to this one, in the words of psql.</summary>
    private static async Task<List<string>> ConstraintsAsync(
        ShardSqlConnection connection, string table, CancellationToken cancellationToken)
    {
        using DataTable indexes = await connection.GetSchemaAsync("Indexes", [table], cancellationToken);
        using DataTable keys = await connection.GetSchemaAsync("ForeignKeys", cancellationToken);
        DataRow[] all = [.. keys.Rows.Cast<DataRow>()];
        var lines = new List<string>();
        AddAll(lines, "Indexes:", indexes.Rows.Cast<DataRow>().Select(IndexText));
        AddAll(lines, "Foreign keys:", all.Where(k => (string)k["table_name"] == table).Select(ForeignKeyText));
        AddAll(
            lines,
            "Referenced by:",
            all.Where(k => (string)k["referenced_table"] == table).Select(k => $"TABLE {k["table_name"]} CONSTRAINT {ForeignKeyText(k)}"));
        return lines;
    }

    /// <summary>The sequences that columns of the table own.</summary>
    private static async Task<List<string>> SequencesAsync(
        ShardSqlConnection connection, string table, CancellationToken cancellationToken)
    {
        using DataTable sequences = await connection.GetSchemaAsync("Sequences", cancellationToken);
        var lines = new List<string>();
        AddAll(
            lines,
            "Sequences:",
            sequences.Rows.Cast<DataRow>().Where(s => s["owner_table"] is string owner && owner == table)
                .Select(s => $"{s["owner_column"]} takes numbers of {s["sequence_name"]}"));
        return lines;
    }

    private static void AddAll(List<string> lines, string heading, IEnumerable<string> items)
    {
        string[] indented = [.. items.Select(item => "    " + item)];
        if (indented.Length > 0)
        {
            lines.Add(heading);
            lines.AddRange(indented);
        }
    }

    private static string IndexText(DataRow index)
    {
        string unique = (bool)index["is_constraint"] ? "UNIQUE CONSTRAINT, " : (bool)index["is_unique"] ? "UNIQUE, " : string.Empty;
        string state = index["state"] is "public" ? string.Empty : $" ({index["state"]})";
        return $"{index["index_name"]} {unique}{index["placement"]} ({index["columns"]}){state}";
    }

    private static string ForeignKeyText(DataRow key)
    {
        string match = key["match_option"] is "FULL" ? " MATCH FULL" : string.Empty;
        string update = key["update_rule"] is "NO ACTION" ? string.Empty : $" ON UPDATE {key["update_rule"]}";
        string delete = key["delete_rule"] is "NO ACTION" ? string.Empty : $" ON DELETE {key["delete_rule"]}";
        return $"{key["constraint_name"]} FOREIGN KEY ({key["columns"]}) REFERENCES {key["referenced_table"]}"
            + $"({key["referenced_columns"]}){match}{update}{delete}";
    }

    /// <summary>Every table and view with its columns, for completion.</summary>
    public static async Task<Dictionary<string, IReadOnlyList<string>>> NamesAsync(
        ShardSqlConnection connection, CancellationToken cancellationToken)
    {
        using DataTable columns = await connection.GetSchemaAsync("Columns", cancellationToken);
        return columns.Rows.Cast<DataRow>()
            .GroupBy(row => (string)row["table_name"], row => (string)row["column_name"], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, IReadOnlyList<string> (group) => [.. group], StringComparer.Ordinal);
    }

    private static DataTable New(params string[] columns)
    {
        var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        foreach (string column in columns)
        {
            table.Columns.Add(column, typeof(string));
        }

        return table;
    }
}
