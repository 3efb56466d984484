using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>
/// Makes the entries of rows that were there before their index: which rows a shard has, what their entries are, and what
/// is there in their places. Rows are read with the columns that entries hold, and no others.
/// </summary>
public sealed class IndexBackfill
{
    private readonly TableDescriptor _table;
    private readonly IndexDescriptor _index;
    private readonly SystemState _state;
    private readonly IndexShape _shape;
    private readonly KeyBuilder _rows;
    private readonly TableDescriptor? _entries;
    private readonly Router? _router;

    /// <summary>For an index of a table.</summary>
    public IndexBackfill(SystemState state, TableDescriptor table, IndexDescriptor index)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(index);
        _state = state;
        _table = table;
        _index = index;
        _shape = TableShapes.Of(index);
        _rows = new KeyBuilder(table);
        _entries = state.Catalog.Find(index.EntriesTableId);
        _router = _entries is null ? null : new Router(_entries, state.Map);
    }

    /// <summary>The shards that have rows of the table, in order.</summary>
    public IReadOnlyList<ShardId> Shards() => Ddl.DdlChanges.ShardsOf(_state.Map, [_table]);

    /// <summary>The shards that have entries of an index whose entries are a table of their own, in order.</summary>
    public IReadOnlyList<ShardId> EntryShards() => Ddl.DdlChanges.ShardsOf(_state.Map, [Entries]);

    /// <summary>Reads the first rows of a shard behind a key.</summary>
    public ShardTask Read(ShardId shard, byte[]? after, uint limit) =>
        Task(shard, _table, Scan(shard, _table, after, limit, _state.Catalog.ShapeOf(_table), StoredOfRows()));

    /// <summary>Reads the first entries of a shard behind a key, of an index whose entries are a table of their own.</summary>
    public ShardTask ReadEntries(ShardId shard, byte[]? after, uint limit) => Task(
        shard,
        Entries,
        Scan(
            shard,
            Entries,
            after,
            limit,
            TableShapes.OfEntries(_table, _index),
            new OutputStage { Visible = (uint)_index.Stored.Count + 1 }));

    /// <summary>Reads the rows of entries by their keys, shard by shard.</summary>
    public IEnumerable<ShardTask> ReadRows(IEnumerable<SqlValue[]> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var router = new Router(_table, _state.Map);
        foreach (SqlValue[] entry in entries)
        {
            router.AddKey(entry[^1].AsBytes(), []);
        }

        foreach (ShardAccess access in router.Shards)
        {
            var scan = new ScanPlan
            {
                Table = _state.Catalog.ShapeOf(_table), Access = access.ToMessage(), Output = StoredOfRows(),
            };
            yield return Task(access.Shard, _table, (FragmentBuilder.Guards(access), scan));
        }
    }

    /// <summary>The key of a row that was read.</summary>
    public byte[] RowKeyOf(SqlValue[] stored) => _rows.RowKey(_rows.SuffixOf(Row(stored)));

    /// <summary>The entry of a row that was read on a shard.</summary>
    public BackfillEntry EntryOf(SqlValue[] stored, ShardId home)
    {
        ArgumentNullException.ThrowIfNull(stored);
        SqlValue[] row = Row(stored);
        byte[] suffix = _rows.SuffixOf(row);
        SqlValue[] columns = [.. stored, SqlValue.FromBytes(suffix)];
        byte[] key = KeyOf(columns);
        ConstraintErrors.CheckKeyLength(key.Length, _table.Name);
        ShardId shard = _router is null
            ? home
            : _router.Locate(key[RowKeyLayout.RowPrefixLength..]).Shard;
        return new BackfillEntry(
            shard, key, IndexEntry.Value(columns), suffix, IndexEntry.IsExclusive(_index.IsUnique, _shape.Columns, row));
    }

    /// <summary>The key of an entry by its columns.</summary>
    public byte[] KeyOf(SqlValue[] entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_router is not { } router)
        {
            return IndexEntry.Key(_table.Id, _shape, Row(entry), entry[^1].AsBytes());
        }

        bool exclusive = IndexEntry.IsExclusive(_index.IsUnique, _shape.Columns, Row(entry));
        SqlValue[] key = exclusive ? entry[.._index.Columns.Count] : [.. entry.AsSpan(0, _index.Columns.Count), entry[^1]];
        return router.Keys.RowKey(router.Keys.Suffix(key));
    }

    /// <summary>Reads entries by their keys: their columns, the last one the suffix of the row.</summary>
    public ShardTask ReadEntries(ShardId shard, IReadOnlyList<BackfillEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var access = new AccessPath();
        var segments = new SortedDictionary<SegmentId, SegmentGuard>();
        foreach (BackfillEntry entry in entries)
        {
            access.Keys.Add(ByteString.CopyFrom(entry.Key));
            if (_router?.Locate(entry.Key[RowKeyLayout.RowPrefixLength..]) is { } segment)
            {
                segments[segment.Id] = new SegmentGuard(segment.Id, segment.Epoch);
            }
        }

        var scan = new ScanPlan
        {
            Table = TableShapes.OfEntries(_table, _index),
            Access = access,
            Output = new OutputStage { Visible = (uint)_index.Stored.Count + 1 },
        };
        return Task(shard, _entries ?? _table, ([.. segments.Values], scan));
    }

    /// <summary>The error of a row whose values another has already.</summary>
    public Sql.SqlException Duplicate(SqlValue[] stored)
    {
        var names = new List<string>();
        foreach (int ordinal in _index.Columns)
        {
            names.Add(_table.Columns[ordinal].Name);
        }

        SqlValue[] values = stored[.._index.Columns.Count];
        Sql.SqlException plain = ConstraintErrors.Duplicate(_table.Name, _index.Name, names, values);
        return new Sql.SqlException(Sql.SqlStates.UniqueViolation, $"could not create unique index \"{_index.Name}\"")
        {
            Detail = plain.Detail!.Replace(" already exists.", " is duplicated.", StringComparison.Ordinal),
            Constraint = _index.Name,
            Table = _table.Name,
        };
    }

    private TableDescriptor Entries => _entries
        ?? throw new InvariantException("Entries beside their rows are no table.");

    /// <summary>The columns of a row that its entry holds.</summary>
    private OutputStage StoredOfRows()
    {
        var output = new OutputStage { Visible = (uint)_index.Stored.Count };
        foreach (int ordinal in _index.Stored)
        {
            ColumnDescriptor column = _table.Columns[ordinal];
            output.Projection.Add(
                BoundExpression.Column(ordinal, column.Type, column.Nullable).ToMessage().ToByteString());
        }

        return output;
    }

    private (IReadOnlyList<SegmentGuard> Segments, ScanPlan Scan) Scan(
        ShardId shard, TableDescriptor table, byte[]? after, uint limit, TableShape shape, OutputStage output)
    {
        KeyRange all = KeyRange.Prefix(RowKeyLayout.RowPrefix(table.Id));
        KeyRange left = after is null ? all : all with { Start = KeyRange.Successor(after) };
        var access = new ShardAccess(shard);
        if (table.Placement == PlacementKind.Reference)
        {
            access.Add(left, null);
        }

        // Of segments that are not the shard's it may still hold rows: they moved away, or were to come.
        foreach (Segment segment in _state.Map.OfGroup(table.GroupId).Where(s => s.Shard == shard))
        {
            KeyRange there = KeyBuilder.Intersect(left, RowKeyLayout.RowsOf(table.Id, table.GroupId, segment.Range));
            access.Visit(segment);
            if (!KeyBuilder.IsEmpty(there))
            {
                access.Add(there, null);
            }
        }

        (output.Limited, output.Limit) = (true, limit);
        return (FragmentBuilder.Guards(access), new ScanPlan { Table = shape, Access = access.ToMessage(), Output = output });
    }

    private static ShardTask Task(
        ShardId shard, TableDescriptor table, (IReadOnlyList<SegmentGuard> Segments, ScanPlan Scan) reads) => new()
        {
            Shard = shard,
            Fragment = new Fragment { Statements = { new FragmentStatement { Scan = reads.Scan } } }.ToByteArray(),
            Parameters = default,
            Tables = [new TableGuard(table.Id, table.Version)],
            Segments = reads.Segments,
        };

    private SqlValue[] Row(SqlValue[] stored)
    {
        var row = new SqlValue[_table.Columns.Count];
        for (int i = 0; i < _index.Stored.Count; i++)
        {
            row[_index.Stored[i]] = stored[i];
        }

        return row;
    }
}
