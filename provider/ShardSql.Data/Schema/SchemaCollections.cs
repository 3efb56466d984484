using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data.Schema;

/// <summary>The collections of <c>GetSchema</c>: what the provider knows by itself, and what the cluster's own tables say.
/// </summary>
internal static class SchemaCollections
{
    /// <summary>Each with its restrictions, in the order in which a caller gives them.</summary>
    private static readonly (string Name, string[] Restrictions, int IdentifierParts)[] s_collections =
    [
        (DbMetaDataCollectionNames.MetaDataCollections, [], 0),
        (DbMetaDataCollectionNames.DataSourceInformation, [], 0),
        (DbMetaDataCollectionNames.DataTypes, [], 0),
        (DbMetaDataCollectionNames.Restrictions, [], 0),
        (DbMetaDataCollectionNames.ReservedWords, [], 0),
        ("Databases", ["Database"], 1),
        ("Tables", ["Table"], 1),
        ("Views", ["View"], 1),
        ("Columns", ["Table", "Column"], 2),
        ("PrimaryKeys", ["Table"], 1),
        ("Indexes", ["Table", "Index"], 2),
        ("IndexColumns", ["Table", "Index"], 3),
        ("ForeignKeys", ["Table"], 2),
        ("Sequences", ["Sequence"], 1),
        ("Nodes", ["Node"], 1),
        ("Shards", ["Shard"], 1),
        ("Replicas", ["Shard"], 2),
        ("Segments", ["Segment"], 1),
    ];

    /// <summary>A collection.</summary>
    public static async ValueTask<DataTable> GetAsync(
        ShardSqlConnection connection, string name, string?[] restrictions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        (string Name, string[] Restrictions, int IdentifierParts) collection = s_collections.FirstOrDefault(
            known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));
        if (collection.Name is null)
        {
            throw new ArgumentException(
                $"There is no collection '{name}'. There are: {string.Join(", ", s_collections.Select(known => known.Name))}.",
                nameof(name));
        }

        if (restrictions.Length > collection.Restrictions.Length)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{collection.Name} has {collection.Restrictions.Length} restrictions, {restrictions.Length} were given."),
                nameof(restrictions));
        }

        return collection.Name switch
        {
            "MetaDataCollections" => Collections(),
            "DataSourceInformation" => StaticCollections.DataSource(connection.ServerVersion),
            "DataTypes" => StaticCollections.DataTypes(),
            "Restrictions" => Restrictions(),
            "ReservedWords" => StaticCollections.ReservedWords(),
            "Columns" => await ColumnsAsync(connection, restrictions, cancellationToken).ConfigureAwait(false),
            "PrimaryKeys" => await PrimaryKeysAsync(connection, restrictions, cancellationToken).ConfigureAwait(false),
            "Indexes" => await IndexesAsync(connection, restrictions, cancellationToken).ConfigureAwait(false),
            "IndexColumns" => await IndexColumnsAsync(connection, restrictions, cancellationToken).ConfigureAwait(false),
            "ForeignKeys" => await QueryAsync(connection, "ForeignKeys", "shard.foreign_keys", "table_name", restrictions, cancellationToken).ConfigureAwait(false),
            "Sequences" => await QueryAsync(connection, "Sequences", "shard.sequences", "sequence_name", restrictions, cancellationToken).ConfigureAwait(false),
            "Views" => await ViewsAsync(connection, restrictions, cancellationToken).ConfigureAwait(false),
            "Replicas" => await ReplicasAsync(connection, restrictions, cancellationToken).ConfigureAwait(false),
            "Databases" => await QueryAsync(connection, "Databases", "shard.cluster", "database", restrictions, cancellationToken).ConfigureAwait(false),
            "Tables" => await QueryAsync(connection, "Tables", "shard.tables", "table_name", restrictions, cancellationToken).ConfigureAwait(false),
            "Nodes" => await QueryAsync(connection, "Nodes", "shard.nodes", "node", restrictions, cancellationToken).ConfigureAwait(false),
            "Shards" => await QueryAsync(connection, "Shards", "shard.shards", "shard", restrictions, cancellationToken).ConfigureAwait(false),
            _ => await QueryAsync(connection, "Segments", "shard.segments", "segment", restrictions, cancellationToken).ConfigureAwait(false),
        };
    }

    private static DataTable Collections()
    {
        DataTable table = StaticCollections.New(
            DbMetaDataCollectionNames.MetaDataCollections,
            (DbMetaDataColumnNames.CollectionName, typeof(string)),
            (DbMetaDataColumnNames.NumberOfRestrictions, typeof(int)),
            (DbMetaDataColumnNames.NumberOfIdentifierParts, typeof(int)));
        foreach ((string name, string[] restrictions, int parts) in s_collections)
        {
            table.Rows.Add(name, restrictions.Length, parts);
        }

        return table;
    }

    private static DataTable Restrictions()
    {
        DataTable table = StaticCollections.New(
            DbMetaDataCollectionNames.Restrictions,
            ("CollectionName", typeof(string)), ("RestrictionName", typeof(string)), ("RestrictionNumber", typeof(int)));
        foreach ((string name, string[] restrictions, _) in s_collections)
        {
            for (int i = 0; i < restrictions.Length; i++)
            {
                table.Rows.Add(name, restrictions[i], i + 1);
            }
        }

        return table;
    }

    /// <summary>The rows of a system table.</summary>
    private static async ValueTask<DataTable> QueryAsync(
        ShardSqlConnection connection, string name, string source, string restricted, string?[] restrictions, CancellationToken cancellationToken)
    {
        string? wanted = restrictions.Length > 0 ? restrictions[0] : null;
        using var command = Command(
            connection, $"SELECT * FROM {source}{(wanted is null ? string.Empty : $" WHERE {restricted} = @wanted")}");
        command.Parameters.AddWithValue("wanted", wanted ?? (object)DBNull.Value);
        ShardSqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            DataTable table = StaticCollections.New(
                name, [.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetFieldType(i)))]);
            var values = new object[reader.FieldCount];
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                reader.GetValues(values);
                table.Rows.Add(values);
            }

            return table;
        }
    }

    private static ValueTask<DataTable> ViewsAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken) =>
        QueryAsync(connection, "Views", "information_schema.views", "table_name", restrictions, cancellationToken);

    /// <summary>A row for each replica of each shard.</summary>
    private static async ValueTask<DataTable> ReplicasAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        DataTable table = StaticCollections.New(
            "Replicas", ("shard", typeof(string)), ("node", typeof(string)), ("is_leader", typeof(bool)));
        using DataTable shards = await QueryAsync(
            connection, "Shards", "shard.shards", "shard", restrictions, cancellationToken).ConfigureAwait(false);
        foreach (DataRow shard in shards.Rows)
        {
            foreach (string node in NamesOf(shard["replicas"]))
            {
                table.Rows.Add(shard["shard"], node, node == shard["leader"] as string);
            }
        }

        return table;
    }

    /// <summary>The names of a list as the gateway writes it.</summary>
    private static string[] NamesOf(object list) => (list as string ?? string.Empty).Trim('(', ')').Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static async ValueTask<DataTable> ColumnsAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        DataTable table = StaticCollections.New(
            "Columns",
            ("table_name", typeof(string)), ("column_name", typeof(string)), ("ordinal_position", typeof(int)),
            ("is_nullable", typeof(bool)), ("data_type", typeof(string)), ("is_key", typeof(bool)),
            ("numeric_precision", typeof(int)), ("numeric_scale", typeof(int)), ("character_maximum_length", typeof(int)),
            ("is_auto_increment", typeof(bool)));
        string? wanted = restrictions.Length > 1 ? restrictions[1] : null;
        foreach (string name in await RelationsAsync(connection, restrictions, cancellationToken).ConfigureAwait(false))
        {
            using var command = Command(connection, $"SELECT * FROM {ShardSqlCommandBuilder.Quote(name)}");
            ShardSqlDataReader reader =
                await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                foreach (DbColumn column in reader.GetColumnSchema().Where(c => wanted is null || c.ColumnName == wanted))
                {
                    table.Rows.Add(
                        name, column.ColumnName, column.ColumnOrdinal + 1, column.AllowDBNull, column.DataTypeName, column.IsKey,
                        (object?)column.NumericPrecision ?? DBNull.Value, (object?)column.NumericScale ?? DBNull.Value,
                        column.ColumnSize is > 0 and var size ? size : DBNull.Value, column.IsAutoIncrement);
                }
            }
        }

        return table;
    }

    private static async ValueTask<DataTable> PrimaryKeysAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        DataTable table = StaticCollections.New(
            "PrimaryKeys", ("table_name", typeof(string)), ("column_name", typeof(string)), ("ordinal_position", typeof(int)));
        foreach ((string name, string key) in await TablesAsync(connection, restrictions, cancellationToken).ConfigureAwait(false))
        {
            string[] columns = NamesOf(key);
            for (int i = 0; i < columns.Length; i++)
            {
                table.Rows.Add(name, columns[i], i + 1);
            }
        }

        return table;
    }

    /// <summary>Secondary indexes, and those of UNIQUE constraints.</summary>
    private static async ValueTask<DataTable> IndexesAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        DataTable indexes = await QueryAsync(
            connection, "Indexes", "shard.indexes", "table_name", [.. restrictions.Take(1)], cancellationToken).ConfigureAwait(false);
        string? wanted = restrictions.Length > 1 ? restrictions[1] : null;
        foreach (DataRow row in indexes.Rows.Cast<DataRow>().Where(r => wanted is not null && (string)r["index_name"] != wanted).ToArray())
        {
            indexes.Rows.Remove(row);
        }

        return indexes;
    }

    /// <summary>A row for each column of each index.</summary>
    private static async ValueTask<DataTable> IndexColumnsAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        DataTable table = StaticCollections.New(
            "IndexColumns",
            ("table_name", typeof(string)), ("index_name", typeof(string)), ("column_name", typeof(string)),
            ("ordinal_position", typeof(int)));
        using DataTable indexes = await IndexesAsync(connection, restrictions, cancellationToken).ConfigureAwait(false);
        foreach (DataRow index in indexes.Rows)
        {
            string[] columns = NamesOf(index["columns"]);
            for (int i = 0; i < columns.Length; i++)
            {
                table.Rows.Add(index["table_name"], index["index_name"], columns[i], i + 1);
            }
        }

        return table;
    }

    private static async ValueTask<List<(string Name, string Key)>> TablesAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        using DataTable tables = await QueryAsync(
            connection, "Tables", "shard.tables", "table_name", [.. restrictions.Take(1)], cancellationToken).ConfigureAwait(false);
        return [.. tables.Rows.Cast<DataRow>().Select(row => ((string)row["table_name"], row["primary_key"] as string ?? string.Empty))];
    }

    /// <summary>Names of tables, then of views.</summary>
    private static async ValueTask<List<string>> RelationsAsync(
        ShardSqlConnection connection, string?[] restrictions, CancellationToken cancellationToken)
    {
        List<(string Name, string Key)> tables = await TablesAsync(connection, restrictions, cancellationToken).ConfigureAwait(false);
        using DataTable views = await ViewsAsync(connection, [.. restrictions.Take(1)], cancellationToken).ConfigureAwait(false);
        return [.. tables.Select(table => table.Name), .. views.Rows.Cast<DataRow>().Select(row => (string)row["table_name"])];
    }

    private static ShardSqlCommand Command(ShardSqlConnection connection, string text) =>
        new(text, connection, connection.CurrentTransaction);
}
