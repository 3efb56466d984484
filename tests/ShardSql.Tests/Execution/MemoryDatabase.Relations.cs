using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Execution.Relations;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Tests.Execution;

/// <content>Queries of relational operators: the gateway's part of them.</content>
internal sealed partial class MemoryDatabase
{
    private List<SqlValue[]> Run(RelationQuery query)
    {
        using var account = new MemoryAccount("statement", StatementLimitBytes);
        RelationRun run = RelationRun.Create(query.Plan, query.Parameters, account);
        var coming = new Dictionary<int, Queue<ShardTask>>();
        var output = new ByteWriter();
        StatementRunState state;
        do
        {
            state = run.Step(SliceRows);
            run.TakeOutput(output);
            foreach (RelationStream stream in run.TakeOpened())
            {
                var tasks = new Queue<ShardTask>(TasksOf(query.Sources[stream.Source], stream.Keys));
                coming.Add(stream.Id, tasks);
                if (tasks.Count == 0)
                {
                    run.Supply(stream.Id, default, 0, exhausted: true);
                }
            }

            if (state == StatementRunState.NeedSource)
            {
                Supply(run, run.Needed[0], coming[run.Needed[0]]);
            }
        }
        while (state != StatementRunState.Done);

        return Decode(output.WrittenSpan);
    }

    private void Supply(RelationRun run, int stream, Queue<ShardTask> tasks)
    {
        if (tasks.TryDequeue(out ShardTask? task))
        {
            (byte[] rows, int count) = RowsOf(task);
            run.Supply(stream, rows, count, exhausted: tasks.Count == 0);
        }
    }

    private IReadOnlyList<ShardTask> TasksOf(RelationSource source, IReadOnlyList<SqlValue[]>? keys)
    {
        SourceRead read = source.Read(keys);
        if (read.Entries.Count == 0)
        {
            return read.Tasks;
        }

        var found = new List<SqlValue[]>();
        foreach (ShardTask task in read.Entries)
        {
            found.AddRange(Decode(RowsOf(task).Rows));
        }

        return read.Found(found);
    }

    private (byte[] Rows, int Count) RowsOf(ShardTask task)
    {
        using var account = new MemoryAccount("fragment", StatementLimitBytes);
        FragmentRun run = FragmentRun.Create(task.Fragment, task.Parameters, account);
        var output = new ByteWriter();
        int count = 0;
        FragmentState state;
        do
        {
            state = run.Step(SliceRows);
            Answer(run, state, task.Shard.Value);
            count += run.TakeOutput(output);
        }
        while (state != FragmentState.Done);

        return (output.ToArray(), count);
    }
}
