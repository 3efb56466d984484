using System;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Execution.Relations;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Starting;

/// <summary>
/// Planner and executor over two dictionaries in the place of shards: statements are planned and run as in a cluster, but
/// for transactions, network and nodes. Nobody sees it.
/// </summary>
internal sealed class PracticeDatabase
{
    private const int SliceRows = 16;

    private static readonly ShardId[] s_shards = [new(1), new(2)];

    private readonly Dictionary<ShardId, SortedDictionary<byte[], byte[]>> _rows = [];
    private SystemState _state = SystemState.Initial(s_shards);

    public PracticeDatabase()
    {
        foreach (ShardId shard in s_shards)
        {
            _rows.Add(shard, new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance));
        }
    }

    /// <summary>Runs a statement; gives the rows of its result.</summary>
    public List<SqlValue[]> Run(Statement statement) => Run(Planner.Plan(statement, new PlanningContext
    {
        State = _state,
        Parameters = [],
        NowMicroseconds = 0,
        NextId = static () => Guid.NewGuid().ToByteArray(),
        NextDelta = static () => 0,
    }));

    private List<SqlValue[]> Run(StatementPlan plan)
    {
        using var account = new MemoryAccount("statement", MemoryAccount.DefaultStatementLimitBytes);
        if (plan.Relation is { } query)
        {
            return Continue(plan, Run(query, account));
        }

        if (plan.Then is not null)
        {
            plan = plan with { RunPlan = new StatementRunPlan { Sources = plan.Tasks.Count } };
        }

        _state = plan.Ddl?.After ?? _state;
        StatementRun run = plan.CreateRun(account);
        for (int i = 0; i < plan.RunPlan.Sources; i++)
        {
            (byte[] rows, int count) = i < plan.Tasks.Count ? Run(plan.Tasks[i], account) : ([], 0);
            run.Supply(i, rows, count, exhausted: true);
        }

        var output = new ByteWriter();
        while (run.Step(SliceRows) != StatementRunState.Done)
        {
            run.TakeOutput(output);
        }

        run.TakeOutput(output);
        return Continue(plan, Decode(output.WrittenSpan));
    }

    /// <summary>A statement that finds its rows first goes on with them.</summary>
    private List<SqlValue[]> Continue(StatementPlan plan, List<SqlValue[]> found) =>
        plan.Then is null ? found : Run(plan.Then(found));

    private List<SqlValue[]> Run(RelationQuery query, MemoryAccount account)
    {
        RelationRun run = RelationRun.Create(query.Plan, query.Parameters, account);
        var output = new ByteWriter();
        StatementRunState state;
        do
        {
            state = run.Step(SliceRows);
            run.TakeOutput(output);
            foreach (RelationStream stream in run.TakeOpened())
            {
                Supply(run, stream, query.Sources[stream.Source], account);
            }
        }
        while (state != StatementRunState.Done);

        return Decode(output.WrittenSpan);
    }

    private void Supply(RelationRun run, RelationStream stream, RelationSource source, MemoryAccount account)
    {
        SourceRead read = source.Read(stream.Keys);
        var found = new List<SqlValue[]>();
        foreach (ShardTask task in read.Entries)
        {
            found.AddRange(Decode(Run(task, account).Rows));
        }

        foreach (ShardTask task in read.Entries.Count == 0 ? read.Tasks : read.Found(found))
        {
            (byte[] rows, int count) = Run(task, account);
            run.Supply(stream.Id, rows, count, exhausted: false);
        }

        run.Supply(stream.Id, default, 0, exhausted: true);
    }

    private (byte[] Rows, int Count) Run(ShardTask task, MemoryAccount account)
    {
        FragmentRun run = FragmentRun.Create(task.Fragment, task.Parameters, account);
        var output = new ByteWriter();
        int count = 0;
        FragmentState state;
        do
        {
            state = run.Step(SliceRows);
            Answer(run, state, _rows[task.Shard]);
            count += run.TakeOutput(output);
        }
        while (state != FragmentState.Done);

        Write(run, _rows[task.Shard]);
        return (output.ToArray(), count);
    }

    private static void Answer(FragmentRun run, FragmentState state, SortedDictionary<byte[], byte[]> rows)
    {
        if (state == FragmentState.NeedKeys)
        {
            var found = new List<byte[]?>();
            foreach (byte[] key in run.NeededKeys)
            {
                found.Add(rows.GetValueOrDefault(key));
            }

            run.SupplyKeys(found);
        }
        else if (state == FragmentState.NeedRange)
        {
            var found = new List<KeyValuePair<byte[], byte[]>>();
            foreach (KeyValuePair<byte[], byte[]> row in rows)
            {
                if (run.NeededRange.Contains(row.Key))
                {
                    found.Add(row);
                }
            }

            run.SupplyRange(found, exhausted: true);
        }
    }

    private static void Write(FragmentRun run, SortedDictionary<byte[], byte[]> rows)
    {
        foreach (var write in run.Writes)
        {
            rows.Remove(write.Key);
            if (write.Value is { } value)
            {
                rows.Add(write.Key, value);
            }
        }
    }

    private static List<SqlValue[]> Decode(ReadOnlySpan<byte> bytes)
    {
        var rows = new List<SqlValue[]>();
        var reader = new ByteReader(bytes);
        while (reader.Remaining > 0)
        {
            rows.Add(RowCodec.Read(ref reader));
        }

        return rows;
    }
}
