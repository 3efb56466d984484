using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Planning.Catalogs;

/// <summary>All tables and sequences at one version of the catalog. Immutable; a change gives the next one.</summary>
public sealed class Catalog
{
    /// <summary>The first id of a user's table; below it are the rows of the system shard.</summary>
    public const uint FirstTableId = 1024;

    /// <summary>The first colocation group.</summary>
    public const uint FirstGroupId = 1;

    private readonly SortedDictionary<string, TableDescriptor> _byName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<uint, TableDescriptor> _byId = [];
    private readonly SortedDictionary<uint, TableShape> _shapes = [];
    private readonly SortedDictionary<uint, TableShape> _writtenShapes = [];
    private readonly SortedDictionary<string, TableDescriptor> _byIndex = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, SequenceDescriptor> _sequences = new(StringComparer.Ordinal);

    private readonly SortedDictionary<uint, List<Reference>> _outgoing = [];
    private readonly SortedDictionary<uint, List<Reference>> _incoming = [];

    /// <summary>A catalog of some tables.</summary>
    public Catalog(CatalogHeader header, IEnumerable<TableDescriptor> tables)
        : this(header, tables, [])
    {
    }

    /// <summary>A catalog of some tables and sequences.</summary>
    public Catalog(
        CatalogHeader header, IEnumerable<TableDescriptor> tables, IEnumerable<SequenceDescriptor> sequences)
    {
        Header = header;
        foreach (TableDescriptor table in tables)
        {
            Invariant.Check(_byId.TryAdd(table.Id, table), "Table ids are unique.");
        }

        foreach (TableDescriptor table in _byId.Values)
        {
            Add(table);
        }

        foreach (TableDescriptor table in _byId.Values)
        {
            AddReferences(table);
        }

        foreach (SequenceDescriptor sequence in sequences)
        {
            Invariant.Check(_sequences.TryAdd(sequence.Name, sequence), "Sequence names are unique.");
        }
    }

    /// <summary>A catalog without tables.</summary>
    public static Catalog Empty { get; } = new(CatalogHeader.Initial, []);

    /// <summary>Version and next ids.</summary>
    public CatalogHeader Header { get; }

    /// <summary>Rises with every change.</summary>
    public ulong Version => Header.Version;

    /// <summary>The tables, with the hidden ones, in the order of their ids.</summary>
    public IReadOnlyCollection<TableDescriptor> All => _byId.Values;

    /// <summary>The tables in the order of their names.</summary>
    public IReadOnlyCollection<TableDescriptor> Tables => _byName.Values;

    /// <summary>The tables whose rows lie in the segments of a colocation group, by id.</summary>
    public IEnumerable<TableDescriptor> OfGroup(uint group)
    {
        foreach (TableDescriptor table in _byId.Values)
        {
            if (table.GroupId == group && table.Placement != PlacementKind.Reference && table.View is null)
            {
                yield return table;
            }
        }
    }

    /// <summary>The sequences in the order of their names.</summary>
    public IReadOnlyCollection<SequenceDescriptor> Sequences => _sequences.Values;

    /// <summary>The table of a name; null where there is none.</summary>
    public TableDescriptor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The table of an id; null where there is none.</summary>
    public TableDescriptor? Find(uint id) => _byId.GetValueOrDefault(id);

    /// <summary>The table of an index of a name; null where there is none.</summary>
    public TableDescriptor? TableOfIndex(string name) => _byIndex.GetValueOrDefault(name);

    /// <summary>What fragments that read say of a table of this catalog. Shared by all plans, never changed.</summary>
    public TableShape ShapeOf(TableDescriptor table) => _shapes[table.Id];

    /// <summary>What fragments that write say of it: its local indexes, too.</summary>
    public TableShape WrittenShapeOf(TableDescriptor table) => _writtenShapes[table.Id];

    /// <summary>The foreign keys of a table.</summary>
    public IReadOnlyList<Reference> ReferencesOf(TableDescriptor table) =>
        _outgoing.TryGetValue(table.Id, out List<Reference>? references) ? references : [];

    /// <summary>The foreign keys that refer to a table, its own among them.</summary>
    public IReadOnlyList<Reference> ReferencesTo(TableDescriptor table) =>
        _incoming.TryGetValue(table.Id, out List<Reference>? references) ? references : [];

    /// <summary>The sequence of a name; null where there is none.</summary>
    public SequenceDescriptor? FindSequence(string name) => _sequences.GetValueOrDefault(name);

    /// <summary>Whether a table, a view, an index or a sequence has a name.</summary>
    public bool IsTaken(string name) =>
        _byName.ContainsKey(name) || _byIndex.ContainsKey(name) || _sequences.ContainsKey(name);

    /// <summary>The table of a name, or 42P01 with the nearest one.</summary>
    public TableDescriptor Require(string name, int position = 0)
    {
        if (Find(name) is { } table)
        {
            return table;
        }

        throw _sequences.ContainsKey(name)
            ? new SqlException(SqlStates.WrongObjectType, $"\"{name}\" is a sequence", position)
            {
                Hint = "Its numbers come by nextval; SHOW SEQUENCES tells of it; DROP SEQUENCE removes it.",
                Table = name,
            }
            : new SqlException(SqlStates.UndefinedTable, $"table \"{name}\" does not exist", position)
            {
                Hint = NearestName.Hint(name, _byName.Keys),
                Table = name,
            };
    }

    /// <summary>The sequence of a name, or 42P01 with the nearest one, or 42809 where it is something else.</summary>
    public SequenceDescriptor RequireSequence(string name, int position)
    {
        if (FindSequence(name) is { } sequence)
        {
            return sequence;
        }

        throw IsTaken(name)
            ? new SqlException(SqlStates.WrongObjectType, $"\"{name}\" is not a sequence", position)
            : new SqlException(SqlStates.UndefinedTable, $"relation \"{name}\" does not exist", position)
            {
                Hint = NearestName.Hint(name, _sequences.Keys),
            };
    }

    private void Add(TableDescriptor table)
    {
        TableDescriptor? of = table.IsHidden ? _byId[table.OwnerId] : null;
        TableShape shape = TableShapes.Of(table, of);
        _shapes.Add(table.Id, shape);
        _writtenShapes.Add(table.Id, TableShapes.WithIndexes(shape, table));
        if (of is null)
        {
            Invariant.Check(_byName.TryAdd(table.Name, table), "Table names are unique.");
        }

        foreach (IndexDescriptor index in table.Indexes)
        {
            Invariant.Check(_byIndex.TryAdd(index.Name, table), "Index names are unique.");
        }
    }

    private void AddReferences(TableDescriptor table)
    {
        foreach (ForeignKey key in table.ForeignKeys)
        {
            var reference = new Reference(table, key, _byId[key.ParentId]);
            ListOf(_outgoing, table.Id).Add(reference);
            ListOf(_incoming, key.ParentId).Add(reference);
        }
    }

    private static List<Reference> ListOf(SortedDictionary<uint, List<Reference>> lists, uint id)
    {
        if (!lists.TryGetValue(id, out List<Reference>? list))
        {
            list = [];
            lists.Add(id, list);
        }

        return list;
    }
}
