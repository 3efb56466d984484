using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Execution.Relations;
using ShardSql.Gateway.Commit;
using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// Drives a query of relational operators: opens the streams that it wants, each as the fragments of its source, all at
/// the transaction's snapshot and into its read set, and brings their rows.
/// </summary>
internal sealed class RelationPump
{
    private const int StepRows = 4_096;

    private readonly PlanRunner _owner;
    private readonly RelationQuery _query;
    private readonly OpenTransaction _transaction;
    private readonly IRowSink _sink;
    private readonly CancellationToken _ended;
    private readonly List<RelationStreamReader> _streams = [];

    public RelationPump(
        PlanRunner owner, RelationQuery query, OpenTransaction transaction, IRowSink sink, CancellationToken ended)
    {
        _owner = owner;
        _query = query;
        _transaction = transaction;
        _sink = sink;
        _ended = ended;
    }

    /// <summary>Hands the rows to the sink.</summary>
    public async Task RunAsync(MemoryAccount account)
    {
        var output = new ByteWriter();
        await RunAsync(account, async run =>
        {
            output.Clear();
            int count = run.TakeOutput(output);
            await _sink.RowsAsync(output.WrittenMemory, count);
        });
    }

    /// <summary>Gathers the rows, which the account pays for.</summary>
    public async Task<List<SqlValue[]>> GatherAsync(MemoryAccount account)
    {
        var rows = new List<SqlValue[]>();
        var output = new ByteWriter();
        await RunAsync(account, run =>
        {
            output.Clear();
            int count = run.TakeOutput(output);
            account.Reserve(2L * output.Length);
            var reader = new ByteReader(output.WrittenSpan);
            for (int i = 0; i < count; i++)
            {
                rows.Add(RowCodec.Read(ref reader));
            }

            return Task.CompletedTask;
        });
        return rows;
    }

    private async Task RunAsync(MemoryAccount account, System.Func<RelationRun, Task> take)
    {
        RelationRun run = RelationRun.Create(_query.Plan, _query.Parameters, account, _owner.Counts);
        try
        {
            while (true)
            {
                _ended.ThrowIfCancellationRequested();
                StatementRunState state = run.Step(StepRows);
                if (run.HasOutput)
                {
                    await take(run);
                }

                foreach (RelationStream stream in run.TakeOpened())
                {
                    await OpenAsync(run, stream, account);
                }

                if (state == StatementRunState.Done)
                {
                    return;
                }

                if (state == StatementRunState.NeedSource)
                {
                    await SupplyAsync(run, run.Needed[0]);
                }
            }
        }
        finally
        {
            foreach (RelationStreamReader stream in _streams)
            {
                stream.Abandon();
            }
        }
    }

    private async Task OpenAsync(RelationRun run, RelationStream stream, MemoryAccount account)
    {
        RelationSource source = _query.Sources[stream.Source];
        SourceRead read = source.Read(stream.Keys);
        IReadOnlyList<ShardTask> tasks = read.Entries.Count == 0
            ? read.Tasks
            : read.Found(await FoundAsync(read.Entries, account));
        _streams.Add(new RelationStreamReader(_owner, tasks, _transaction, _sink, _ended));
        if (source.Virtual is { } table)
        {
            var rows = new ByteWriter();
            IReadOnlyList<SqlValue[]> made = await _owner.RowsOf(table, _transaction, _ended);
            foreach (SqlValue[] row in made)
            {
                RowCodec.Write(rows, row);
            }

            run.Supply(stream.Id, rows.ToArray(), made.Count, exhausted: true);
        }
        else if (tasks.Count == 0)
        {
            run.Supply(stream.Id, default, 0, exhausted: true);
        }
    }

    private async Task<List<SqlValue[]>> FoundAsync(IReadOnlyList<ShardTask> entries, MemoryAccount account)
    {
        using var gathering = new RowGathering(_owner, entries, _transaction, _sink, _ended);
        return await gathering.RunAsync(account);
    }

    private async Task SupplyAsync(RelationRun run, int stream)
    {
        RelationStreamReader reader = _streams[stream];
        if (reader.IsExhausted)
        {
            // It was supplied whole when it was opened.
            return;
        }

        if (await reader.NextAsync() is { } reply)
        {
            run.Supply(stream, reply.Rows, reply.RowCount, reader.IsExhausted);
        }
    }
}
