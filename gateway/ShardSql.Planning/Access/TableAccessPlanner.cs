using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>WHERE to shards: reads the conditions on the key, routes keys and ranges, binds what is left as the filter.
/// </summary>
internal sealed class TableAccessPlanner
{
    private readonly QuerySource _source;
    private readonly TableDescriptor _table;
    private readonly Binding _rows;
    private readonly PlanningContext _context;

    public TableAccessPlanner(QuerySource source, Binding rows, PlanningContext context)
    {
        _source = source;
        _table = source.Table!;
        _rows = rows;
        _context = context;
    }

    /// <summary>The access of a read; a reference table is read on one shard.</summary>
    public TableAccess Plan(Expression? where) =>
        Plan(where, _table.Placement == PlacementKind.Reference ? [ReadShard()] : []);

    /// <summary>The access of a write; every copy of a reference table is written.</summary>
    public TableAccess PlanWrite(Expression? where) =>
        Plan(where, _table.Placement == PlacementKind.Reference ? _context.Map.DataShards : []);

    private TableAccess Plan(Expression? where, IReadOnlyList<ShardId> copies)
    {
        Expression? folded = null;
        if (where is not null && where.Nodes.Count > 0)
        {
            folded = _rows.Fold(where);
            _ = _rows.BindCondition(folded, "WHERE");
        }

        (KeyConditions conditions, Expression? filter) =
            new PredicateAnalyzer(_table, _source.OrdinalOf, _rows.Evaluate).Analyze(folded);
        var router = new Router(_table, _context.Map);
        SuffixPlan suffixes = new SuffixPlanner(_table, router.Keys, conditions).Plan();
        Route(router, suffixes, copies);
        return new TableAccess
        {
            Table = _table,
            Shards = router.Shards,
            Filter = filter is null || router.Shards.Count == 0
                ? ByteString.Empty
                : _rows.ToBytes(_rows.BindCondition(filter, "WHERE")),
            EqualColumns = suffixes.EqualColumns,
            IsBounded = suffixes.IsBounded,
            FixedColumns = FixedColumns(conditions),
        };
    }

    private static void Route(Router router, SuffixPlan suffixes, IReadOnlyList<ShardId> copies)
    {
        foreach ((byte[] suffix, SqlValue[] key) in suffixes.Points)
        {
            if (copies.Count == 0)
            {
                router.AddKey(suffix, key);
            }

            foreach (ShardId copy in copies)
            {
                router.AddKey(copy, suffix, key);
            }
        }

        foreach (KeyRange range in suffixes.Ranges)
        {
            if (copies.Count == 0)
            {
                router.AddRange(range);
            }

            foreach (ShardId copy in copies)
            {
                router.AddRange(copy, range);
            }
        }
    }

    private ShardId ReadShard()
    {
        foreach (ShardId shard in _context.Map.DataShards)
        {
            if (shard == _context.PreferredShard)
            {
                return shard;
            }
        }

        return _context.Map.DataShards[0];
    }

    private SortedSet<int> FixedColumns(KeyConditions conditions)
    {
        var columns = new SortedSet<int>();
        for (int i = 0; i < _table.Columns.Count; i++)
        {
            if (conditions.EqualTo(i) is { Count: 1 })
            {
                columns.Add(i);
            }
        }

        return columns;
    }
}
