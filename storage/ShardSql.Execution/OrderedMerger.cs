using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Merges sorted sources; of equal rows the one of the lower source comes first.</summary>
internal sealed class OrderedMerger : IRowMerger
{
    private readonly RowComparer _comparer;
    private readonly BatchSource[] _sources;

    public OrderedMerger(RowComparer comparer, BatchSource[] sources)
    {
        _comparer = comparer;
        _sources = sources;
    }

    /// <inheritdoc />
    public MergeState TryTake(List<int> needed, out SqlValue[] row)
    {
        BatchSource? first = null;
        row = [];
        for (int i = 0; i < _sources.Length; i++)
        {
            if (_sources[i].TryPeek(out SqlValue[] candidate))
            {
                if (first is null || _comparer.CompareRows(candidate, row) < 0)
                {
                    first = _sources[i];
                    row = candidate;
                }
            }
            else if (_sources[i].NeedsBatch)
            {
                needed.Add(i);
            }
        }

        if (needed.Count > 0)
        {
            return MergeState.NeedSource;
        }

        first?.Skip();
        return first is null ? MergeState.Ended : MergeState.Row;
    }
}
