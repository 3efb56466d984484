using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Planning.Catalogs;

/// <summary>All tables at one version of the catalog. Immutable; a change gives the next one.</summary>
public sealed class Catalog
{
    /// <summary>The first id of a user's table; below it are the rows of the system shard.</summary>
    public const uint FirstTableId = 1024;

    /// <summary>The first colocation group.</summary>
    public const uint FirstGroupId = 1;

    private readonly SortedDictionary<string, TableDescriptor> _byName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<uint, TableDescriptor> _byId = [];
    private readonly SortedDictionary<uint, TableShape> _shapes = [];

    /// <summary>A catalog of some tables.</summary>
    public Catalog(CatalogHeader header, IEnumerable<TableDescriptor> tables)
    {
        Header = header;
        foreach (TableDescriptor table in tables)
        {
            Invariant.Check(
                _byName.TryAdd(table.Name, table) && _byId.TryAdd(table.Id, table),
                "Table names and ids are unique.");
            _shapes.Add(table.Id, TableShapes.Of(table));
        }
    }

    /// <summary>A catalog without tables.</summary>
    public static Catalog Empty { get; } = new(CatalogHeader.Initial, []);

    /// <summary>Version and next ids.</summary>
    public CatalogHeader Header { get; }

    /// <summary>Rises with every change.</summary>
    public ulong Version => Header.Version;

    /// <summary>The tables in the order of their names.</summary>
    public IReadOnlyCollection<TableDescriptor> Tables => _byName.Values;

    /// <summary>The table of a name; null where there is none.</summary>
    public TableDescriptor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The table of an id; null where there is none.</summary>
    public TableDescriptor? Find(uint id) => _byId.GetValueOrDefault(id);

    /// <summary>What fragments say of a table of this catalog. Shared by all plans, never changed.</summary>
    public TableShape ShapeOf(TableDescriptor table) => _shapes[table.Id];

    /// <summary>The table of a name, or 42P01 with the nearest one.</summary>
    public TableDescriptor Require(string name, int position = 0) =>
        Find(name) ?? throw new SqlException(
            SqlStates.UndefinedTable, $"table \"{name}\" does not exist", position)
        {
            Hint = NearestName.Hint(name, _byName.Keys),
            Table = name,
        };

    /// <summary>The next catalog, with a table added or replaced.</summary>
    public Catalog With(CatalogHeader header, TableDescriptor table)
    {
        var tables = new SortedDictionary<uint, TableDescriptor>(_byId) { [table.Id] = table };
        return new Catalog(header, tables.Values);
    }

    /// <summary>The next catalog, with a table gone.</summary>
    public Catalog Without(CatalogHeader header, uint tableId)
    {
        var tables = new SortedDictionary<uint, TableDescriptor>(_byId);
        tables.Remove(tableId);
        return new Catalog(header, tables.Values);
    }

    /// <summary>Whether another table is in the group.</summary>
    public bool IsGroupShared(uint groupId, uint butNotTable)
    {
        foreach (TableDescriptor table in _byId.Values)
        {
            if (table.GroupId == groupId && table.Id != butNotTable)
            {
                return true;
            }
        }

        return false;
    }
}
