using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Rows of a table to delete, to overwrite and to insert, as one fragment for each shard.</summary>
internal sealed class RowWrites
{
    private readonly TableDescriptor _table;
    private readonly PlanningContext _context;
    private readonly Router _router;
    private readonly SortedDictionary<ShardId, ShardRows> _shards = [];
    private readonly GlobalEntries _entries;
    private readonly RowChanges _changes;

    /// <param name="table">The table.</param>
    /// <param name="context">What it is planned with.</param>
    /// <param name="changes">Where the rows are noted for foreign keys.</param>
    public RowWrites(TableDescriptor table, PlanningContext context, RowChanges changes)
    {
        _changes = changes;
        _table = table;
        _context = context;
        _router = new Router(table, context.Map);
        _entries = new GlobalEntries(table, context);
    }

    /// <summary>Deletes a row.</summary>
    public void Delete(SqlValue[] row)
    {
        _changes.Add(_table, row, null);
        Remove(row);
    }

    /// <summary>Puts a row in the place of another of the same key.</summary>
    public void Overwrite(SqlValue[] old, SqlValue[] row)
    {
        _changes.Add(_table, old, row);
        Replace(old, row);
    }

    /// <summary>Puts a row in the place of another, whose key may change.</summary>
    public void Change(SqlValue[] old, SqlValue[] row)
    {
        foreach (int ordinal in _table.KeyColumns)
        {
            if (row[ordinal].IsNull)
            {
                throw ConstraintErrors.NotNull(_table.Name, _table.Columns[ordinal].Name);
            }
        }

        _changes.Add(_table, old, row);
        if (ByteKeyComparer.Instance.Equals(KeyOf(row), KeyOf(old)))
        {
            Replace(old, row);
            return;
        }

        Remove(old);
        Put(row);
    }

    /// <summary>Inserts a row.</summary>
    public void Insert(SqlValue[] row)
    {
        _changes.Add(_table, null, row);
        Put(row);
    }

    /// <summary>The key of a row, by which rows are told apart.</summary>
    public byte[] KeyOf(SqlValue[] row) => _router.Keys.RowKey(_router.Keys.SuffixOf(row));

    /// <summary>The fragments.</summary>
    public IReadOnlyList<ShardTask> ToTasks()
    {
        Binding binding = Binding.Of(_context, Queries.QuerySource.Of(_table, string.Empty).Scope);
        TableShape shape = _context.Catalog.WrittenShapeOf(_table);
        var checks = new InsertPlan();
        CheckBinder.Bind(_table, binding, checks.Checks);
        var tasks = new List<ShardTask>(_shards.Count);
        foreach (ShardAccess access in _router.Shards)
        {
            ShardRows rows = _shards[access.Shard];
            tasks.Add(new ShardTask
            {
                Shard = access.Shard,
                Fragment = rows.ToFragment(shape, checks).ToByteArray(),
                Parameters = binding.UsesParameters ? RowCodec.ToBytes(binding.ParameterValues) : [],
                Tables = [new TableGuard(_table.Id, _table.Version)],
                Segments = FragmentBuilder.Guards(access),
            });
        }

        return TaskMerger.Merge(tasks, _entries.ToTasks());
    }

    private void Remove(SqlValue[] row)
    {
        foreach ((ShardRows rows, byte[] key) in Route(row))
        {
            rows.Delete(key);
        }

        _entries.Write(_router.Keys.SuffixOf(row), row, null);
    }

    private void Replace(SqlValue[] old, SqlValue[] row)
    {
        Add(row, static (rows, key, encoded) => rows.Overwrite(key, encoded));
        _entries.Write(_router.Keys.SuffixOf(row), old, row);
    }

    private void Put(SqlValue[] row)
    {
        Add(row, static (rows, key, encoded) => rows.Insert(key, encoded));
        _entries.Write(_router.Keys.SuffixOf(row), null, row);
    }

    private void Add(SqlValue[] row, Action<ShardRows, byte[], byte[]> add)
    {
        for (int i = 0; i < row.Length; i++)
        {
            if (row[i].IsNull && !_table.Columns[i].Nullable)
            {
                throw ConstraintErrors.NotNull(_table.Name, _table.Columns[i].Name);
            }
        }

        byte[] encoded = RowCodec.ToBytes(row);
        ConstraintErrors.CheckRowLength(encoded.Length, _table.Name);
        foreach ((ShardRows rows, byte[] key) in Route(row))
        {
            ConstraintErrors.CheckKeyLength(key.Length, _table.Name);
            add(rows, key, encoded);
        }
    }

    private List<(ShardRows Rows, byte[] Key)> Route(SqlValue[] row)
    {
        byte[] suffix = _router.Keys.SuffixOf(row);
        byte[] rowKey = _router.Keys.RowKey(suffix);
        SqlValue[] key = Array.ConvertAll([.. _table.KeyColumns], ordinal => row[ordinal]);
        var routed = new List<(ShardRows, byte[])>();
        if (_table.Placement != PlacementKind.Reference)
        {
            routed.Add((Of(_router.AddKey(suffix, key)), rowKey));
            return routed;
        }

        foreach (ShardId copy in _context.Map.CopyShards)
        {
            _router.AddKey(copy, suffix, key);
            routed.Add((Of(copy), rowKey));
        }

        return routed;
    }

    private ShardRows Of(ShardId shard)
    {
        if (!_shards.TryGetValue(shard, out ShardRows? rows))
        {
            rows = new ShardRows();
            _shards.Add(shard, rows);
        }

        return rows;
    }
}
