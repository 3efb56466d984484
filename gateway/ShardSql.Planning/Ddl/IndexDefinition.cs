using System.Collections.Generic;
using System.Globalization;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>An index as a statement asks for it, and what becomes of it in the catalog.</summary>
internal sealed record IndexDefinition
{
    private const int ColumnsMax = 32;
    private const int NameBytesMax = 63;

    /// <summary>The name that was given; empty: one is made.</summary>
    public required string Name { get; init; }

    /// <summary>Where the name stands.</summary>
    public int Position { get; init; }

    /// <summary>Whether values may be there once only.</summary>
    public bool IsUnique { get; init; }

    /// <summary>Whether a constraint makes it.</summary>
    public bool IsConstraint { get; init; }

    /// <summary>What was said of the placement of entries.</summary>
    public IndexScope Scope { get; init; }

    /// <summary>Ordinals of its columns.</summary>
    public required IReadOnlyList<int> Columns { get; init; }

    /// <summary>Ordinals of STORING.</summary>
    public IReadOnlyList<int> Storing { get; init; } = [];

    /// <summary>How far it is built from the start.</summary>
    public IndexState State { get; init; } = IndexState.Public;

    /// <summary>Resolves the columns of an index.</summary>
    public static List<int> Resolve(IReadOnlyList<ColumnDescriptor> columns, IReadOnlyList<ColumnName> names) =>
        names.Count <= ColumnsMax
            ? KeyColumnLists.Resolve(columns, names, "index")
            : throw new SqlException(
                SqlStates.TooManyColumns,
                string.Create(CultureInfo.InvariantCulture, $"an index has at most {ColumnsMax} columns"));

    /// <summary>Adds the index to a table; gives the table as it is then, and a notice.</summary>
    public (TableDescriptor Table, string? Notice) AddTo(TableDescriptor table, CatalogEdit edit, Catalog catalog)
    {
        string name = NameIn(table, catalog);
        bool isGlobal = IsGlobal(table, name, out string? notice);
        var stored = new List<int>(Columns);
        foreach (int ordinal in (IEnumerable<int>)[.. table.KeyColumns, .. Storing])
        {
            if (!stored.Contains(ordinal))
            {
                stored.Add(ordinal);
            }
        }

        var index = new IndexDescriptor
        {
            Number = table.NextIndexNumber,
            Name = name,
            IsUnique = IsUnique,
            IsConstraint = IsConstraint,
            State = State,
            Columns = Columns,
            Stored = stored,
            EntriesTableId = isGlobal ? edit.TakeTableId() : 0,
        };
        if (isGlobal)
        {
            edit.Put(EntriesOf(table, index, edit.PlaceByHash()));
        }

        return (table with { Indexes = [.. table.Indexes, index], NextIndexNumber = index.Number + 1 }, notice);
    }

    /// <summary>Whether all rows of equal values in these columns are on one shard.</summary>
    public static bool IsLocal(TableDescriptor table, IReadOnlyList<int> columns)
    {
        if (table.Placement is PlacementKind.Reference or PlacementKind.Single)
        {
            return true;
        }

        var known = new List<int>(columns);
        foreach (int ordinal in table.ShardKey)
        {
            if (!known.Contains(ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The hidden table whose rows are the entries: sharded by hash of the indexed columns.</summary>
    private static TableDescriptor EntriesOf(TableDescriptor table, IndexDescriptor index, uint group)
    {
        List<ColumnDescriptor> columns = ColumnsOf(table, index);
        var places = new List<int>();
        for (int i = 0; i < index.Columns.Count; i++)
        {
            places.Add(i);
        }

        List<int> key = index.IsUnique ? places : [.. places, columns.Count - 1];
        return new TableDescriptor
        {
            Id = index.EntriesTableId,
            Name = index.Name,
            GroupId = group,
            Placement = PlacementKind.Hash,
            Columns = columns,
            PrimaryKey = key,
            ShardKey = places,
            KeyColumns = key,
            KeyName = index.Name,
            IndexOf = table.Id,
        };
    }

    /// <summary>The columns of that table: those that entries hold, then the row's key.</summary>
    public static List<ColumnDescriptor> ColumnsOf(TableDescriptor table, IndexDescriptor index)
    {
        var columns = new List<ColumnDescriptor>(index.Stored.Count + 1);
        foreach (int ordinal in index.Stored)
        {
            ColumnDescriptor column = table.Columns[ordinal];
            columns.Add(new ColumnDescriptor((uint)columns.Count + 1, column.Name, column.Type));
        }

        columns.Add(new ColumnDescriptor((uint)columns.Count + 1, TableDescriptor.HiddenKeyName, SqlType.Bytes)
        {
            Nullable = false,
            Hidden = true,
        });
        return columns;
    }

    private bool IsGlobal(TableDescriptor table, string name, out string? notice)
    {
        notice = null;
        bool fits = IsLocal(table, Columns);
        if (Scope == IndexScope.Global && table.Placement == PlacementKind.Reference)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"an index of the reference table \"{table.Name}\" cannot be GLOBAL", Position)
            {
                Hint = "Leave GLOBAL out: each copy of the table has the whole index.",
            };
        }

        if (!IsUnique || fits)
        {
            return Scope == IndexScope.Global;
        }

        if (Scope == IndexScope.Local)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                $"unique index \"{name}\" cannot be LOCAL: it does not hold the shard key of table \"{table.Name}\"",
                Position)
            {
                Hint = $"Leave LOCAL out, or add the shard key to its columns: {Names(table, table.ShardKey)}.",
            };
        }

        notice = $"unique index \"{name}\" is GLOBAL: it does not hold the shard key ({Names(table, table.ShardKey)})";
        return true;
    }

    private string NameIn(TableDescriptor table, Catalog catalog)
    {
        if (Name.Length > 0)
        {
            return IsTaken(table, catalog, Name)
                ? throw new SqlException(SqlStates.DuplicateTable, $"relation \"{Name}\" already exists", Position)
                : Name;
        }

        var stem = new StringBuilder(table.Name);
        foreach (int ordinal in Columns)
        {
            stem.Append('_').Append(table.Columns[ordinal].Name);
        }

        string suffix = IsConstraint ? "_key" : "_idx";
        string name = Limited(stem.ToString(), suffix);
        for (int i = 1; IsTaken(table, catalog, name); i++)
        {
            name = Limited(stem.ToString(), suffix + i.ToString(CultureInfo.InvariantCulture));
        }

        return name;
    }

    private static bool IsTaken(TableDescriptor table, Catalog catalog, string name) =>
        table.Name == name || table.FindIndex(name) is not null
        || catalog.IsTaken(name);

    /// <summary>A name with a suffix that is not longer than names are.</summary>
    public static string Limited(string stem, string suffix)
    {
        while (Encoding.UTF8.GetByteCount(stem) + suffix.Length > NameBytesMax)
        {
            stem = stem[..^(char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return stem + suffix;
    }

    private static string Names(TableDescriptor table, IReadOnlyList<int> ordinals)
    {
        var names = new List<string>(ordinals.Count);
        foreach (int ordinal in ordinals)
        {
            names.Add(table.Columns[ordinal].Name);
        }

        return string.Join(", ", names);
    }
}
