using System;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>A scan: filter, then groups and aggregates where there are any, then the output stage.</summary>
internal sealed class ScanExecutor : StatementExecutor
{
    private readonly RowDecoder _decoder;
    private readonly SqlValue[] _row;
    private readonly RowExpression? _filter;
    private readonly GroupTable? _groups;
    private readonly OutputPipeline? _pipeline;
    private bool _groupsSorted;
    private bool _pipelineFinished;

    public ScanExecutor(ScanPlan plan, ExecutionContext context)
        : base(plan.Access, plan.Table, context)
    {
        _decoder = RowDecoder.Of(plan.Table, plan.Access);
        _row = new SqlValue[plan.Table.Columns.Count];
        _filter = RowExpression.Optional(plan.Filter, context.Parameters);
        if (plan.Aggregation is not null)
        {
            _groups = new GroupTable(plan.Aggregation, context.Parameters, context.Account);
        }

        if (plan.Aggregation is not { Partial: true })
        {
            _pipeline = new OutputPipeline(plan.Output, context.Parameters, context.Account, context.Output);
        }
    }

    public override int NeededLimit => _groups is null && _filter is null && _pipeline?.RowsWanted is { } wanted
        ? (int)Math.Clamp(wanted, 1, AccessCursor.SliceRows)
        : AccessCursor.SliceRows;

    protected override bool IsSated => _pipeline is { IsFull: true };

    protected override void Visit(byte[] key, byte[] value)
    {
        _decoder.Decode(value, _row);
        if (_filter is not null && !_filter.Evaluate(_row).IsTrue)
        {
            return;
        }

        if (_groups is not null)
        {
            _groups.Add(_row);
        }
        else
        {
            _pipeline!.Add(_row);
        }
    }

    protected override FragmentState Finish()
    {
        if (_groups is not null && !DrainGroups(_groups))
        {
            return FragmentState.Yielded;
        }

        if (_pipeline is null)
        {
            return FragmentState.Done;
        }

        if (!_pipelineFinished)
        {
            _pipeline.Finish();
            _pipelineFinished = true;
        }

        return _pipeline.Drain() ? FragmentState.Done : FragmentState.Yielded;
    }

    private bool DrainGroups(GroupTable groups)
    {
        if (!_groupsSorted)
        {
            groups.Finish();
            _groupsSorted = true;
        }

        for (int i = 0; i < AccessCursor.SliceRows; i++)
        {
            if (Context.Output.IsFull || !groups.TryTake(out SqlValue[] row))
            {
                return !Context.Output.IsFull;
            }

            if (_pipeline is null)
            {
                Context.Output.Add(row);
            }
            else
            {
                _pipeline.Add(row);
            }
        }

        return false;
    }
}
