using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Merges sources of partials that each come in the order of their groups' keys: equal groups stand together, so one
/// group at a time is in memory.
/// </summary>
internal sealed class GroupMerger : IRowMerger
{
    private readonly AggregateSet _aggregates;
    private readonly BatchSource[] _sources;
    private byte[]? _key;
    private SqlValue[] _group = [];
    private IAggregateState[] _states = [];
    private bool _ended;

    public GroupMerger(Aggregation plan, SqlValue[] parameters, BatchSource[] sources)
    {
        _aggregates = new AggregateSet(plan, parameters);
        _sources = sources;
        if (_aggregates.Groups == 0)
        {
            // Without GROUP BY there is one group, even of no rows.
            _key = [];
            _states = _aggregates.CreateStates();
        }
    }

    /// <inheritdoc />
    public MergeState TryTake(List<int> needed, out SqlValue[] row)
    {
        row = [];
        while (true)
        {
            (BatchSource? source, byte[] key, SqlValue[] partials) = First(needed);
            if (needed.Count > 0)
            {
                return MergeState.NeedSource;
            }

            bool sameGroup = source is not null && _key is not null
                && ByteKeyComparer.Instance.Equals(key, _key);
            if (!sameGroup && _key is not null)
            {
                row = _aggregates.RowOf(_group, _states, partial: false);
                _key = null;
                return MergeState.Row;
            }

            if (source is null)
            {
                _ended = true;
                return MergeState.Ended;
            }

            if (_key is null)
            {
                _key = key;
                _group = partials[.._aggregates.Groups];
                _states = _aggregates.CreateStates();
            }

            _aggregates.Merge(_states, partials);
            source.Skip();
        }
    }

    private (BatchSource? Source, byte[] Key, SqlValue[] Partials) First(List<int> needed)
    {
        BatchSource? first = null;
        byte[] firstKey = [];
        SqlValue[] firstRow = [];
        for (int i = 0; i < _sources.Length && !_ended; i++)
        {
            if (_sources[i].TryPeek(out SqlValue[] candidate))
            {
                byte[] key = _aggregates.KeyOf(
                    candidate.AsSpan(0, Math.Min(candidate.Length, _aggregates.Groups)));
                if (first is null || ByteKeyComparer.Instance.Compare(key, firstKey) < 0)
                {
                    (first, firstKey, firstRow) = (_sources[i], key, candidate);
                }
            }
            else if (_sources[i].NeedsBatch)
            {
                needed.Add(i);
            }
        }

        return (first, firstKey, firstRow);
    }
}
