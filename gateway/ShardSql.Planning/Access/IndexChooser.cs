using System.Collections.Generic;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.Access;

/// <summary>Chooses the index that serves a condition better than the primary key does. There are no histograms: more
/// columns fixed are better, and what is unique is best.</summary>
internal sealed class IndexChooser
{
    private const int WholeUnique = 1_000;
    private const int EqualColumn = 10;
    private const int Bound = 4;
    private const int Covers = 2;
    private const int LooksUp = -1;
    private const int Ordered = 1;

    private readonly TableDescriptor _table;
    private readonly Catalog _catalog;
    private readonly KeyConditions _conditions;

    public IndexChooser(TableDescriptor table, Catalog catalog, KeyConditions conditions)
    {
        _table = table;
        _catalog = catalog;
        _conditions = conditions;
    }

    /// <summary>The best index with its keys; null: the primary key is.</summary>
    /// <param name="key">What the conditions say of the primary key.</param>
    /// <param name="columns">Ordinals of all columns that are read; null: whole rows.</param>
    /// <param name="wishes">What else is wanted.</param>
    public IndexPath? Choose(SuffixPlan key, IReadOnlyCollection<int>? columns, AccessWishes wishes)
    {
        if (key.Ranges.Count == 0)
        {
            return null;
        }

        IndexPath? best = null;
        int highest = (EqualColumn * key.EqualColumns) + (key.IsBounded ? Bound : 0) + Covers;
        foreach (IndexDescriptor index in _table.Indexes)
        {
            if (!index.IsReadable)
            {
                continue;
            }

            IndexPath path = PathOf(index, columns);
            int score = ScoreOf(path, wishes);
            if (score > highest)
            {
                highest = score;
                best = path;
            }
        }

        return best;
    }

    private IndexPath PathOf(IndexDescriptor index, IReadOnlyCollection<int>? columns)
    {
        TableDescriptor keys = IndexKeys.Of(_table, index, _catalog);
        var builder = index.IsGlobal ? new KeyBuilder(keys) : new KeyBuilder(keys, (ushort)index.Number);
        bool covers = columns is not null;
        foreach (int column in columns ?? [])
        {
            covers &= index.Holds(column);
        }

        return new IndexPath(index, keys, builder, new SuffixPlanner(keys, builder, _conditions).Plan(), covers);
    }

    private int ScoreOf(IndexPath path, AccessWishes wishes)
    {
        SuffixPlan plan = path.Suffixes;
        if (path.Index.IsGlobal)
        {
            // Entries are placed by all their columns together.
            bool isFixed = plan.EqualColumns >= path.Index.Columns.Count;
            if (!isFixed || (!path.Covers && !wishes.TakesLookUps))
            {
                return 0;
            }
        }

        if (plan.Ranges.Count == 0)
        {
            return WholeUnique;
        }

        int score = (EqualColumn * plan.EqualColumns) + (plan.IsBounded ? Bound : 0);
        if (score == 0)
        {
            // Nothing is known of its columns: of use only for its order, of which the first rows are wanted.
            return wishes.Order.Count > 0 && wishes.Order[0] == path.Index.Columns[0] && Sorts(path, wishes)
                ? Covers + Ordered
                : 0;
        }

        return score + (path.Covers ? Covers : path.Index.IsGlobal ? LooksUp : 0)
            + (wishes.Order.Count > 0 && Sorts(path, wishes) ? Ordered : 0);
    }

    private bool Sorts(IndexPath path, AccessWishes wishes) => !path.Index.IsGlobal
        && KeyOrder.IsSortedBy(
            IndexKeys.OrderOf(_table, path.Index),
            ordinal => _conditions.EqualTo(ordinal) is { Count: 1 },
            wishes.Order,
            wishes.Order.Count);
}
