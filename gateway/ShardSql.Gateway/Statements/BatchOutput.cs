using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>Makes the results of a batch's statements of what its shard sends, as if they had been run one by one.
/// Where it holds, everything from the first write on is kept until the commit is known.</summary>
internal sealed class BatchOutput(ShardBatch batch, IRowSink sink, IMemoryBudget memory, bool holds) : IDisposable
{
    private const int StepRows = 4_096;

    private readonly ByteWriter _output = new();
    private MemoryAccount? _account;
    private StatementRun? _run;
    private int _plan;
    private int _sent;

    /// <summary>Takes a part of the shard's answer: its rows, one statement's after the other's.</summary>
    /// <param name="rows">Rows of the statements that ran.</param>
    /// <param name="rowCount">How many.</param>
    /// <param name="statements">Counts of the statements so far; empty: there is one statement.</param>
    /// <param name="affected">What the one statement changed.</param>
    /// <param name="ended">Whether the last of them has ended.</param>
    public async Task TakeAsync(
        ReadOnlyMemory<byte> rows, int rowCount, IReadOnlyList<StatementCount> statements, long affected, bool ended)
    {
        IReadOnlyList<StatementCount> counts =
            statements.Count > 0 ? statements : [new StatementCount(rowCount, affected)];
        while (_sent < counts.Count)
        {
            StatementCount count = counts[_sent];
            bool isLast = _sent == counts.Count - 1;
            int bytes = isLast ? rows.Length : BytesOf(rows.Span, count.RowCount);
            await SupplyAsync(rows[..bytes], count.RowCount, exhausted: !isLast || ended);
            rows = rows[bytes..];
            if (isLast && !ended)
            {
                return;
            }

            await EndAsync(count.RowsAffected);
            _sent++;
        }

        await PassUnsentAsync(_sent < batch.SentCount ? batch.PlanOf(_sent) : batch.Plans.Count);
    }

    /// <summary>Takes what came with a failure: the results of the statements before the one that failed.</summary>
    public async Task TakeFailureAsync(ReadOnlyMemory<byte> rows, IReadOnlyList<StatementCount> statements)
    {
        if (statements.Count > 1)
        {
            var before = new List<StatementCount>(statements);
            before.RemoveAt(before.Count - 1);
            int bytes = 0;
            foreach (StatementCount count in before)
            {
                bytes += BytesOf(rows.Span[bytes..], count.RowCount);
            }

            if (_sent < before.Count)
            {
                await TakeAsync(rows[..bytes], 0, before, 0, ended: true);
            }
        }

        if (_sent < batch.SentCount)
        {
            await PassUnsentAsync(batch.PlanOf(_sent));
        }
    }

    /// <summary>Counts all statements as ended, for what fails after them.</summary>
    public async Task EndAllAsync()
    {
        sink.Hold();
        foreach (StatementPlan plan in batch.Plans)
        {
            sink.Begin([]);
            await sink.EndAsync(-1, plan.Tag, null);
        }
    }

    public void Dispose() => _account?.Dispose();

    private static int BytesOf(ReadOnlySpan<byte> rows, int count)
    {
        var reader = new ByteReader(rows);
        for (int i = 0; i < count; i++)
        {
            RowCodec.Read(ref reader, []);
        }

        Invariant.Check(!reader.Failed, "A batch holds as many rows as it says.");
        return rows.Length - reader.Remaining;
    }

    private async Task SupplyAsync(ReadOnlyMemory<byte> rows, int count, bool exhausted)
    {
        await PassUnsentAsync(batch.PlanOf(_sent));
        await StepAsync(Begin(batch.Plans[_plan]), rows, count, exhausted);
    }

    private async Task StepAsync(StatementRun run, ReadOnlyMemory<byte> rows, int count, bool exhausted)
    {
        bool supplied = false;
        while (true)
        {
            StatementRunState state = run.Step(StepRows);
            await PlanRunner.EmitAsync(run, _output, sink);
            if (state == StatementRunState.Done || (state == StatementRunState.NeedSource && supplied))
            {
                return;
            }

            if (state == StatementRunState.NeedSource)
            {
                run.Supply(0, rows, count, exhausted);
                supplied = true;
            }
        }
    }

    private StatementRun Begin(StatementPlan plan)
    {
        if (_run is null)
        {
            if (holds && plan.Kind == StatementKind.Write)
            {
                sink.Hold();
            }

            _account = MemoryAccount.ForStatement(memory);
            _run = plan.CreateRun(_account);
            sink.Begin(plan.Columns);
        }

        return _run;
    }

    private async Task EndAsync(long affected)
    {
        StatementPlan plan = batch.Plans[_plan];
        _run = null;
        _account?.Dispose();
        _account = null;
        _plan++;
        await sink.EndAsync(plan.Kind == StatementKind.Write ? affected : -1, plan.Tag, plan.Notice);
    }

    /// <summary>The results of the statements before one that the shard was not sent.</summary>
    private async Task PassUnsentAsync(int upTo)
    {
        while (_run is null && _plan < upTo)
        {
            await StepAsync(Begin(batch.Plans[_plan]), default, 0, exhausted: true);
            await EndAsync(0);
        }
    }
}
