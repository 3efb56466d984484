using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
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
    public TableAccess Plan(PlanningContext context, Binding rows, bool isWrite, AccessWishes? wishes = null)
    {
        (KeyConditions conditions, IReadOnlyList<ExpressionTree> rest) =
            new PredicateAnalyzer(_table, _source.OrdinalOf, rows.Evaluate).Analyze(_conjuncts);
        var router = new Router(_table, context.Map);
        SuffixPlan suffixes = new SuffixPlanner(_table, router.Keys, conditions).Plan();
        IReadOnlyList<ShardId> copies = _table.Placement != PlacementKind.Reference ? []
            : isWrite ? context.Map.CopyShards
            : [ReadShard(context)];
        wishes ??= AccessWishes.None;
        IndexPath? index = _table.Indexes.Count == 0
            ? null
            : new IndexChooser(_table, context.Catalog, conditions)
                .Choose(suffixes, wishes.Columns is null ? null : AllColumns(wishes.Columns), wishes);
        if (index is { Index.IsGlobal: true })
        {
            return Global(index, context, rows, conditions, rest);
        }

        Route(router, suffixes, copies);
        if (index is not null)
        {
            return Local(index, router, rows, conditions, rest);
        }

        return new TableAccess
        {
            Table = _table,
            Visited = _table,
            Shards = router.Shards,
            Filter = rest.Count == 0 || router.Shards.Count == 0 ? ByteString.Empty : FilterOf(rest, rows),
            EqualColumns = suffixes.EqualColumns,
            IsBounded = suffixes.IsBounded,
            FixedColumns = FixedColumns(conditions),
        };
    }

    /// <summary>The access of rows that were found by the entries of an index.</summary>
    public TableAccess PlanFound(PlanningContext context, Binding rows, IReadOnlyList<SqlValue[]> found)
    {
        var router = new Router(_table, context.Map);
        foreach (SqlValue[] entry in found)
        {
            router.AddKey(entry[0].AsBytes(), []);
        }

        return new TableAccess
        {
            Table = _table,
            Visited = _table,
            Shards = router.Shards,
            Filter = _conjuncts.Count == 0 || router.Shards.Count == 0 ? ByteString.Empty : FilterOf(_conjuncts, rows),
            FixedColumns = [],
        };
    }

    /// <summary>The entries beside the rows, on the shards where the rows may be.</summary>
    private TableAccess Local(
        IndexPath path, Router router, Binding rows, KeyConditions conditions, IReadOnlyList<ExpressionTree> rest)
    {
        var shards = new List<ShardAccess>(router.Shards.Count);
        foreach (ShardAccess home in router.Shards)
        {
            EntryAccess entries = EntriesOf(path);
            entries.Homes.AddRange(HomesOf(home.Segments));
            var shard = new ShardAccess(home.Shard) { Entries = entries };
            foreach ((byte[] suffix, SqlValue[] key) in path.Suffixes.Points)
            {
                shard.Add(path.Builder.RowKey(suffix), key, null);
            }

            foreach (KeyRange range in path.Suffixes.Ranges)
            {
                shard.Add(path.Builder.Rows(range), null);
            }

            shard.Visit(home);
            shards.Add(shard);
        }

        return Of(path, shards, rows, conditions, rest) with { Visited = _table };
    }

    /// <summary>The entries where they are placed by their own columns.</summary>
    private TableAccess Global(
        IndexPath path,
        PlanningContext context,
        Binding rows,
        KeyConditions conditions,
        IReadOnlyList<ExpressionTree> rest)
    {
        var router = new Router(path.Keys, context.Map) { Entries = path.Covers ? EntriesOf(path) : null };
        Route(router, path.Suffixes, []);
        return Of(path, router.Shards, rows, conditions, rest) with { Visited = path.Keys, IsLookUp = !path.Covers };
    }

    private TableAccess Of(
        IndexPath path,
        IReadOnlyCollection<ShardAccess> shards,
        Binding rows,
        KeyConditions conditions,
        IReadOnlyList<ExpressionTree> rest) => new()
        {
            Table = _table,
            Visited = _table,
            Index = path.Index,
            Shards = shards,
            Filter = rest.Count == 0 || shards.Count == 0 ? ByteString.Empty : FilterOf(rest, rows),
            EqualColumns = path.Suffixes.EqualColumns,
            IsBounded = path.Suffixes.IsBounded,
            FixedColumns = FixedColumns(conditions),
        };

    // Entries are in the order of their columns, so those of other segments lie between.
    private static IEnumerable<AccessRange> HomesOf(IReadOnlyCollection<Segment> segments)
    {
        AccessRange? last = null;
        foreach (Segment segment in segments.OrderBy(static segment => segment.Range.Start, ByteKeyComparer.Instance))
        {
            KeyRange suffixes = RowKeyLayout.SuffixesOf(segment.GroupId, segment.Range);
            ByteString end = ByteString.CopyFrom(suffixes.End ?? []);
            if (last is { OpenEnd: false } && last.End.Span.SequenceEqual(suffixes.Start))
            {
                (last.End, last.OpenEnd) = (end, suffixes.End is null);
                continue;
            }

            if (last is not null)
            {
                yield return last;
            }

            last = new AccessRange
            {
                Start = ByteString.CopyFrom(suffixes.Start), End = end, OpenEnd = suffixes.End is null,
            };
        }

        if (last is not null)
        {
            yield return last;
        }
    }

    private static EntryAccess EntriesOf(IndexPath path)
    {
        var entries = new EntryAccess { Covers = path.Covers };
        foreach (int ordinal in path.Index.Stored)
        {
            entries.Stored.Add((uint)ordinal);
        }

        return entries;
    }

    /// <summary>With the columns of the condition.</summary>
    private SortedSet<int> AllColumns(IReadOnlyCollection<int> read)
    {
        var columns = new SortedSet<int>(read);
        var open = new Stack<ExpressionTree>(_conjuncts);
        while (open.TryPop(out ExpressionTree? next))
        {
            if (next.Op == ExpressionOp.Column)
            {
                columns.Add(_source.OrdinalOf(next.Node));
            }

            foreach (ExpressionTree child in next.Children)
            {
                open.Push(child);
            }
        }

        return columns;
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
