using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Constant rows, then the rows of whichever source has some, the lowest first.</summary>
internal sealed class ConcatMerger : IRowMerger
{
    private readonly IReadOnlyList<SqlValue[]> _constants;
    private readonly BatchSource[] _sources;
    private int _nextConstant;

    public ConcatMerger(IReadOnlyList<SqlValue[]> constants, BatchSource[] sources)
    {
        _constants = constants;
        _sources = sources;
    }

    /// <inheritdoc />
    public MergeState TryTake(List<int> needed, out SqlValue[] row)
    {
        if (_nextConstant < _constants.Count)
        {
            row = _constants[_nextConstant++];
            return MergeState.Row;
        }

        for (int i = 0; i < _sources.Length; i++)
        {
            if (_sources[i].TryPeek(out row))
            {
                _sources[i].Skip();
                return MergeState.Row;
            }

            if (_sources[i].NeedsBatch)
            {
                needed.Add(i);
            }
        }

        row = [];
        return needed.Count > 0 ? MergeState.NeedSource : MergeState.Ended;
    }
}
