using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
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

    public RowWrites(TableDescriptor table, PlanningContext context)
    {
        _table = table;
        _context = context;
        _router = new Router(table, context.Map);
    }

    /// <summary>Deletes a row.</summary>
    public void Delete(SqlValue[] row)
    {
        foreach ((ShardRows rows, byte[] key) in Route(row))
        {
            rows.Deleted.Keys.Add(UnsafeByteOperations.UnsafeWrap(key));
        }
    }

    /// <summary>Puts a row in the place of another of the same key.</summary>
    public void Overwrite(SqlValue[] row) => Add(row, static rows => rows.Overwritten);

    /// <summary>Inserts a row.</summary>
    public void Insert(SqlValue[] row) => Add(row, static rows => rows.Inserted);

    /// <summary>The key of a row, by which rows are told apart.</summary>
    public byte[] KeyOf(SqlValue[] row) => _router.Keys.RowKey(_router.Keys.SuffixOf(row));

    /// <summary>The fragments.</summary>
    public IReadOnlyList<ShardTask> ToTasks()
    {
        Binding binding = Binding.Of(_context, Queries.QuerySource.Of(_table, string.Empty).Scope);
        TableShape shape = _context.Catalog.ShapeOf(_table);
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

        return tasks;
    }

    private void Add(SqlValue[] row, Func<ShardRows, InsertPlan> plan)
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
            plan(rows).Rows.Add(new InsertRow
            {
                Key = UnsafeByteOperations.UnsafeWrap(key),
                Row = UnsafeByteOperations.UnsafeWrap(encoded),
            });
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

        foreach (ShardId copy in _context.Map.DataShards)
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

    private sealed class ShardRows
    {
        public AccessPath Deleted { get; } = new();

        public InsertPlan Overwritten { get; } = new() { Overwrites = true };

        public InsertPlan Inserted { get; } = new();

        /// <summary>Rows that leave come first, so that others may take their keys.</summary>
        public Fragment ToFragment(TableShape shape, InsertPlan checks)
        {
            var fragment = new Fragment();
            if (Deleted.Keys.Count > 0)
            {
                fragment.Statements.Add(new FragmentStatement
                {
                    Delete = new DeletePlan { Table = shape, Access = Deleted },
                });
            }

            foreach (InsertPlan plan in (InsertPlan[])[Overwritten, Inserted])
            {
                if (plan.Rows.Count > 0)
                {
                    plan.Table = shape;
                    plan.Checks.AddRange(checks.Checks);
                    fragment.Statements.Add(new FragmentStatement { Insert = plan });
                }
            }

            return fragment;
        }
    }
}
