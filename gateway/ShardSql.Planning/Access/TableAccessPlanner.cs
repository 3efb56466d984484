using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>
/// WHERE to shards: reads the conditions on the key, routes keys and ranges, binds what is left as the filter. Made
/// once for a statement; <see cref="Plan"/> does what depends on values.
/// </summary>
internal sealed class TableAccessPlanner
{
    private readonly QuerySource _source;
    private readonly TableDescriptor _table;
    private readonly IReadOnlyList<ExpressionTree> _conjuncts = [];
    private KnownFilter? _known;

    /// <summary>For a WHERE; 42804 unless it is a condition.</summary>
    public TableAccessPlanner(QuerySource source, Binding rows, Expression? where)
    {
        _source = source;
        _table = source.Table!;
        if (where is not null && where.Nodes.Count > 0)
        {
            Expression folded = rows.Fold(where);
            _ = rows.BindCondition(folded, "WHERE");
            _conjuncts = ExpressionTree.Of(folded).Conjuncts();
        }
    }

    /// <summary>The access of a read, or of a write. A reference table is read on one shard, and written on all.
    /// </summary>
    public TableAccess Plan(PlanningContext context, Binding rows, bool isWrite)
    {
        (KeyConditions conditions, IReadOnlyList<ExpressionTree> rest) =
            new PredicateAnalyzer(_table, _source.OrdinalOf, rows.Evaluate).Analyze(_conjuncts);
        var router = new Router(_table, context.Map);
        SuffixPlan suffixes = new SuffixPlanner(_table, router.Keys, conditions).Plan();
        IReadOnlyList<ShardId> copies = _table.Placement != PlacementKind.Reference ? []
            : isWrite ? context.Map.DataShards
            : [ReadShard(context)];
        Route(router, suffixes, copies);
        return new TableAccess
        {
            Table = _table,
            Shards = router.Shards,
            Filter = rest.Count == 0 || router.Shards.Count == 0 ? ByteString.Empty : FilterOf(rest, rows),
            EqualColumns = suffixes.EqualColumns,
            IsBounded = suffixes.IsBounded,
            FixedColumns = FixedColumns(conditions),
        };
    }

    /// <summary>Mostly the same parts of a WHERE are left for all values.</summary>
    private ByteString FilterOf(IReadOnlyList<ExpressionTree> rest, Binding rows)
    {
        if (_known is { } known && known.IsOf(rest))
        {
            rows.Note(known.UsesParameters);
            return known.Filter;
        }

        Binding own = rows.Apart();
        ByteString filter = own.ToBytes(own.BindCondition(And(rest), "WHERE"));
        rows.Note(own.UsesParameters);
        if (!own.HoldsValues)
        {
            _known = new KnownFilter(rest, filter, own.UsesParameters);
        }

        return filter;
    }

    private static Expression And(IReadOnlyList<ExpressionTree> conjuncts)
    {
        if (conjuncts.Count == 1)
        {
            return conjuncts[0].ToExpression();
        }

        var all = new Expression();
        foreach (ExpressionTree conjunct in conjuncts)
        {
            all.Nodes.AddRange(conjunct.ToExpression().Nodes);
        }

        all.Nodes.Add(new ExpressionNode { Op = ExpressionOp.And, Children = (uint)conjuncts.Count });
        return all;
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

    private static ShardId ReadShard(PlanningContext context)
    {
        foreach (ShardId shard in context.Map.DataShards)
        {
            if (shard == context.PreferredShard)
            {
                return shard;
            }
        }

        return context.Map.DataShards[0];
    }

    private List<int> FixedColumns(KeyConditions conditions)
    {
        var columns = new List<int>();
        for (int i = 0; i < _table.Columns.Count; i++)
        {
            if (conditions.EqualTo(i) is { Count: 1 })
            {
                columns.Add(i);
            }
        }

        return columns;
    }

    private sealed record KnownFilter(IReadOnlyList<ExpressionTree> Rest, ByteString Filter, bool UsesParameters)
    {
        public bool IsOf(IReadOnlyList<ExpressionTree> rest)
        {
            if (rest.Count != Rest.Count)
            {
                return false;
            }

            for (int i = 0; i < rest.Count; i++)
            {
                if (!ReferenceEquals(rest[i], Rest[i]))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
