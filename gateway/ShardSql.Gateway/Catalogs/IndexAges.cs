using System.Collections.Generic;
using System.Linq;

using ShardSql.Gateway.Stamps;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Catalogs;

/// <summary>
/// Since when this gateway has known that an index may be read. Entries of rows from before the index are younger than
/// those rows, so at an older snapshot they are not there; a transaction that only reads is not validated and would miss
/// the rows.
/// </summary>
internal sealed class IndexAges(StampSource stamps)
{
    private volatile Ages _known = new([], default);

    /// <summary>Takes a look at a state before anybody plans with it; one caller at a time.</summary>
    public void Observe(SystemState state)
    {
        Ages before = _known;
        HlcTimestamp newest = before.Newest;
        var since = new Dictionary<(uint Table, uint Index), HlcTimestamp>();
        foreach (TableDescriptor table in state.Catalog.All)
        {
            foreach (IndexDescriptor index in table.Indexes.Where(static index => index.IsReadable))
            {
                if (!before.Since.TryGetValue((table.Id, index.Number), out HlcTimestamp known))
                {
                    known = stamps.Next();
                    newest = known;
                }

                since.Add((table.Id, index.Number), known);
            }
        }

        _known = new Ages(since, newest);
    }

    /// <summary>The state without the indexes that queries at a snapshot must not read; the same state where there are
    /// none.</summary>
    public SystemState AsOf(SystemState state, HlcTimestamp snapshot)
    {
        Ages ages = _known;
        if (snapshot >= ages.Newest || !state.Catalog.All.Any(table => ages.HidesAny(table, snapshot)))
        {
            return state;
        }

        IEnumerable<TableDescriptor> tables = state.Catalog.All.Select(
            table => ages.HidesAny(table, snapshot) ? ages.Without(table, snapshot) : table);
        return state with { Catalog = new Catalog(state.Catalog.Header, tables, state.Catalog.Sequences) };
    }

    private sealed record Ages(Dictionary<(uint Table, uint Index), HlcTimestamp> Since, HlcTimestamp Newest)
    {
        public bool HidesAny(TableDescriptor table, HlcTimestamp snapshot) =>
            table.Indexes.Any(index => IsHidden(table, index, snapshot));

        public TableDescriptor Without(TableDescriptor table, HlcTimestamp snapshot) => table with
        {
            Indexes = [.. table.Indexes.Select(
                index => IsHidden(table, index, snapshot) ? index with { State = IndexState.WriteOnly } : index)],
        };

        private bool IsHidden(TableDescriptor table, IndexDescriptor index, HlcTimestamp snapshot) => index.IsReadable
            && (!Since.TryGetValue((table.Id, index.Number), out HlcTimestamp known) || snapshot < known);
    }
}
