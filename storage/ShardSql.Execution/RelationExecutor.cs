using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Execution.Relations;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Execution;

/// <summary>
/// Runs a query of relational operators whole at one shard: its streams are scans here, of which each is stepped when
/// its rows are wanted.
/// </summary>
internal sealed class RelationExecutor : StatementExecutor
{
    private readonly RelationPlan _plan;
    private readonly RelationRun _run;
    private readonly ByteWriter _batch = new();
    private readonly List<(ScanExecutor Scan, OutputBuffer Output)> _streams = [];
    private StatementExecutor? _asking;

    public RelationExecutor(RelationPlan plan, ExecutionContext context)
        : base(new AccessPath(), context)
    {
        _plan = plan;
        _run = RelationRun.Create(plan, context.Parameters, context.Account);
    }

    public override IReadOnlyList<byte[]> NeededKeys => Asking.NeededKeys;

    public override KeyRange NeededRange => Asking.NeededRange;

    public override int NeededLimit => Asking.NeededLimit;

    private StatementExecutor Asking => _asking ?? throw new InvariantException("A scan asks for rows.");

    public override void SupplyKeys(IReadOnlyList<byte[]?> values) => Asking.SupplyKeys(values);

    public override void SupplyRange(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, bool exhausted) =>
        Asking.SupplyRange(rows, exhausted);

    public override FragmentState Step(int maxRows)
    {
        while (true)
        {
            if (Context.Output.IsFull)
            {
                return FragmentState.Yielded;
            }

            StatementRunState state = _run.Step(maxRows);
            Open();
            if (_run.HasOutput)
            {
                _batch.Clear();
                int count = _run.TakeOutput(_batch);
                Context.Output.AddBatch(_batch.WrittenSpan, count);
            }

            if (state != StatementRunState.NeedSource)
            {
                return state == StatementRunState.Done ? FragmentState.Done : FragmentState.Yielded;
            }

            FragmentState scanned = Supply(_run.Needed[0], maxRows);
            if (scanned != FragmentState.Done)
            {
                return scanned;
            }
        }
    }

    protected override void Visit(byte[] key, byte[] value) =>
        throw new InvariantException("A relation has no access path of its own.");

    private void Open()
    {
        foreach (RelationStream stream in _run.TakeOpened())
        {
            if (stream.Keys is not null || stream.Source >= _plan.Scans.Count)
            {
                throw new SqlException(SqlStates.ProtocolViolation, "malformed relation in a fragment");
            }

            var output = new OutputBuffer();
            _streams.Add((new ScanExecutor(_plan.Scans[stream.Source], Context with { Output = output }), output));
        }
    }

    /// <summary>Steps a scan until it has rows for the run, or needs some itself; Done: the run can go on.</summary>
    private FragmentState Supply(int stream, int maxRows)
    {
        (ScanExecutor scan, OutputBuffer output) = _streams[stream];
        FragmentState state = scan.Step(maxRows);
        if (state is FragmentState.NeedKeys or FragmentState.NeedRange)
        {
            _asking = scan;
            return state;
        }

        bool exhausted = state == FragmentState.Done;
        if (output.Count == 0 && !exhausted)
        {
            return FragmentState.Yielded;
        }

        var rows = new ByteWriter(Math.Max(output.Count, 1));
        int count = output.Take(rows);
        _run.Supply(stream, rows.ToArray(), count, exhausted);
        return FragmentState.Done;
    }
}
