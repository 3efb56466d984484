using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Turns the rows of a statement's fragments into its result, at the gateway: concatenates, merges by order or by
/// group, finishes aggregates, and applies the output stage. Resumable and synchronous; what it buffers is charged.
/// Nothing but sorting, DISTINCT and the batches in hand takes memory, so a scan of any size streams.
/// </summary>
public sealed class StatementRun
{
    private readonly StatementRunPlan _plan;
    private readonly BatchSource[] _sources;
    private readonly List<int> _needed = [];
    private readonly OutputBuffer _output = new();
    private readonly IRowMerger _merger;
    private readonly RowExpression? _filter;
    private readonly GroupTable? _groups;
    private readonly OutputPipeline? _pipeline;
    private Phase _phase = Phase.Rows;

    private StatementRun(StatementRunPlan plan, MemoryAccount account)
    {
        _plan = plan;
        _sources = new BatchSource[plan.Sources];
        for (int i = 0; i < _sources.Length; i++)
        {
            _sources[i] = new BatchSource(account);
        }

        _filter = RowExpression.Optional(plan.Filter, plan.Parameters);
        bool mergesGroups = plan.Mode == SourceMode.GroupMerge;
        _merger = mergesGroups
            ? new GroupMerger(plan.Aggregation!, plan.Parameters, _sources)
            : plan.Mode == SourceMode.OrderedMerge
                ? new OrderedMerger(new RowComparer(plan.MergeOrder), _sources)
                : new ConcatMerger(plan.ConstantRows, _sources);
        _groups = mergesGroups || plan.Aggregation is null
            ? null
            : new GroupTable(plan.Aggregation, plan.Parameters, account);
        _pipeline = plan.Output is null
            ? null
            : new OutputPipeline(plan.Output, plan.Parameters, account, _output);
        Invariant.Check(_pipeline is not null || _groups is null, "Groups go through an output stage.");
    }

    private enum Phase
    {
        Rows,
        Groups,
        Sorted,
        Done,
    }

    /// <summary>After NeedSource: the first source that is needed.</summary>
    public int NeededSource => _needed[0];

    /// <summary>After NeedSource: the sources of which rows are of use now; any of them lets a Concat go on, an ordered
    /// or group merge needs all.</summary>
    public IReadOnlyList<int> NeededSources => _needed;

    /// <summary>Whether <see cref="TakeOutput"/> would give rows.</summary>
    public bool HasOutput => _output.Count > 0;

    /// <summary>Whether no further row of any source matters: their fragments may be stopped.</summary>
    public bool IsSated => _phase != Phase.Rows || _pipeline is { IsFull: true };

    /// <summary>A run of a plan.</summary>
    public static StatementRun Create(StatementRunPlan plan, MemoryAccount account)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(account);
        return new StatementRun(plan, account);
    }

    /// <summary>Rows of one source, as its fragment gave them; exhausted: these were the last. Any source may be
    /// supplied at any time, what waits is charged.</summary>
    public void Supply(int source, ReadOnlyMemory<byte> rows, int count, bool exhausted) =>
        _sources[source].Supply(rows, count, exhausted);

    /// <summary>Goes on until it needs a source, a batch or a slice is over, or all is done. Output that waits must be
    /// taken before the next step goes on.</summary>
    public StatementRunState Step(int maxRows)
    {
        Invariant.Check(maxRows > 0, "A step makes progress.");
        for (int i = 0; i < maxRows; i++)
        {
            if (_output.IsFull)
            {
                return StatementRunState.Yielded;
            }

            switch (_phase)
            {
                case Phase.Rows when !TakeRow():
                    return StatementRunState.NeedSource;
                case Phase.Groups:
                    TakeGroup(_groups!);
                    break;
                case Phase.Sorted when _pipeline!.Drain():
                    _phase = Phase.Done;
                    break;
                case Phase.Done:
                    return StatementRunState.Done;
            }
        }

        return _phase == Phase.Done ? StatementRunState.Done : StatementRunState.Yielded;
    }

    /// <summary>Moves the rows that are ready to a writer, one after another in RowCodec; gives their number.</summary>
    public int TakeOutput(ByteWriter output) => _output.Take(output);

    /// <summary>One row, or a whole batch where rows leave as they came; false where a source is needed first.</summary>
    private bool TakeRow()
    {
        if (_pipeline is { IsFull: true })
        {
            EndRows();
            return true;
        }

        if (_pipeline is null && _filter is null && _plan.Mode == SourceMode.Concat && TryPassBatch())
        {
            return true;
        }

        _needed.Clear();
        MergeState state = _merger.TryTake(_needed, out SqlValue[] row);
        if (state == MergeState.Ended)
        {
            EndRows();
        }
        else if (state == MergeState.Row && (_filter is null || _filter.Evaluate(row).IsTrue))
        {
            Pass(row);
        }

        return state != MergeState.NeedSource;
    }

    private bool TryPassBatch()
    {
        if (_plan.ConstantRows.Count > 0)
        {
            return false;
        }

        foreach (BatchSource source in _sources)
        {
            if (source.TryTakeBatch(out ReadOnlyMemory<byte> rows, out int count))
            {
                _output.AddBatch(rows.Span, count);
                return true;
            }
        }

        return false;
    }

    private void Pass(SqlValue[] row)
    {
        if (_groups is not null)
        {
            _groups.Add(row);
        }
        else if (_pipeline is not null)
        {
            _pipeline.Add(row);
        }
        else
        {
            _output.Add(row);
        }
    }

    private void EndRows()
    {
        if (_groups is not null)
        {
            _groups.Finish();
            _phase = Phase.Groups;
            return;
        }

        _pipeline?.Finish();
        _phase = _pipeline is null ? Phase.Done : Phase.Sorted;
    }

    private void TakeGroup(GroupTable groups)
    {
        if (groups.TryTake(out SqlValue[] row))
        {
            _pipeline!.Add(row);
            return;
        }

        _pipeline!.Finish();
        _phase = Phase.Sorted;
    }
}
