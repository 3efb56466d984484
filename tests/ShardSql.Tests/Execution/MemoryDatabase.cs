using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Tests.Execution;

/// <summary>
/// Planner, FragmentRun and StatementRun over sorted dictionaries: a database without transactions, network or nodes.
/// </summary>
internal sealed partial class MemoryDatabase
{
    private readonly SortedDictionary<ShardId, SortedDictionary<byte[], byte[]>> _shards = [];
    private readonly Prng _prng = new(7);

    public MemoryDatabase(int shards)
    {
        for (uint i = 1; i <= shards; i++)
        {
            _shards.Add(new ShardId(i), new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance));
        }

        State = SystemState.Initial(_shards.Keys);
    }

    public SystemState State { get; private set; }

    /// <summary>Most rows of one step: small ones make every operator stop and go on.</summary>
    public int SliceRows { get; init; } = FragmentRun.SliceRows;

    /// <summary>Most rows that one answer brings.</summary>
    public int AnswerRows { get; init; } = int.MaxValue;

    public long StatementLimitBytes { get; init; } = MemoryAccount.DefaultStatementLimitBytes;

    public long LastRowsAffected { get; private set; }

    public StatementPlan LastPlan { get; private set; } = null!;

    public long PeakBytes { get; private set; }

    private readonly CountedNumbers _numbers = new();
    private ulong _deltas;

    /// <summary>Rows read from the dictionaries by the last statement.</summary>
    public int RowsRead { get; private set; }

    public IReadOnlyDictionary<byte[], byte[]> Rows(uint shard) => _shards[new ShardId(shard)];

    public PlanningContext Context(params (string Name, SqlValue Value)[] parameters) => new()
    {
        State = State,
        Parameters = [.. parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))],
        NowMicroseconds = 1_700_000_000_000_000,
        NextId = NextId,
        NextDelta = () => ++_deltas,
        Numbers = _numbers,
        LeaderOf = static shard => $"n{shard.Value}",
    };

    public StatementPlan Plan(string sql, params (string Name, SqlValue Value)[] parameters) =>
        Planner.Plan(SqlParser.Parse(sql).Statements.Single(), Context(parameters));

    /// <summary>Runs statements; gives the rows of the last one.</summary>
    public List<SqlValue[]> Run(string sql, params (string Name, SqlValue Value)[] parameters)
    {
        List<SqlValue[]> rows = [];
        foreach (Statement statement in SqlParser.Parse(sql).Statements)
        {
            rows = Run(Planner.Plan(statement, Context(parameters)));
        }

        return rows;
    }

    /// <summary>Runs statements; gives the rows of the last one as text.</summary>
    public string[] Text(string sql, params (string Name, SqlValue Value)[] parameters) =>
        [.. Run(sql, parameters).Select(row => string.Join('|', row.Select(v => v.ToText())))];

    public SqlException Fails(string sql, params (string Name, SqlValue Value)[] parameters) =>
        Xunit.Assert.Throws<SqlException>(() => { Run(sql, parameters); });

    public List<SqlValue[]> Run(StatementPlan plan)
    {
        if (plan.Relation is { } query)
        {
            List<SqlValue[]> found = Run(query);
            return plan.Then is null ? found : Run(plan.Then(found));
        }

        if (plan is { Then: { } then })
        {
            var gather = new StatementRunPlan { Sources = plan.Tasks.Count };
            return Run(then(Run(plan with { Then = null, RunPlan = gather })));
        }

        LastPlan = plan;
        LastRowsAffected = 0;
        RowsRead = 0;
        if (plan.Ddl is not null)
        {
            State = plan.Ddl.After;
        }

        using var account = new MemoryAccount("statement", StatementLimitBytes);
        StatementRun run = plan.CreateRun(account);
        var writes = new List<(ShardId Shard, byte[] Key, byte[]? Value)>();
        for (int i = 0; i < plan.Tasks.Count; i++)
        {
            RunTask(plan.Tasks[i], i, run, account, writes);
        }

        List<SqlValue[]> rows = Drain(run, plan.RunPlan.Sources);
        foreach ((ShardId shard, byte[] key, byte[]? value) in writes)
        {
            if (value is null)
            {
                _shards[shard].Remove(key);
            }
            else
            {
                _shards[shard][key] = value;
            }
        }

        PeakBytes = account.PeakBytes;
        return rows;
    }

    public byte[] NextId()
    {
        byte[] id = new byte[TableDescriptor.HiddenKeyLength];
        BitConverter.TryWriteBytes(id, _prng.NextUInt64());
        BitConverter.TryWriteBytes(id.AsSpan(8), _prng.NextUInt64());
        return id;
    }

    public static List<SqlValue[]> Decode(ReadOnlySpan<byte> bytes)
    {
        var rows = new List<SqlValue[]>();
        var reader = new ByteReader(bytes);
        while (reader.Remaining > 0)
        {
            rows.Add(RowCodec.Read(ref reader));
        }

        Xunit.Assert.True(reader.EndedWell);
        return rows;
    }

    private void RunTask(
        ShardTask task,
        int source,
        StatementRun statement,
        MemoryAccount account,
        List<(ShardId Shard, byte[] Key, byte[]? Value)> writes)
    {
        FragmentRun run = FragmentRun.Create(task.Fragment, task.Parameters, account);
        FragmentState state;
        do
        {
            state = run.Step(SliceRows);
            Answer(run, state, task.Shard.Value);
            if (run.HasOutput)
            {
                var output = new ByteWriter();
                int count = run.TakeOutput(output);
                statement.Supply(source, output.ToArray(), count, exhausted: false);
            }
        }
        while (state != FragmentState.Done);

        statement.Supply(source, default, 0, exhausted: true);
        LastRowsAffected += task.CountsRows ? run.RowsAffected : 0;
        writes.AddRange(run.Writes.Select(w => (task.Shard, w.Key, w.Value)));
    }

    /// <summary>Gives a run what it asks for.</summary>
    public void Answer(FragmentRun run, FragmentState state, uint shard)
    {
        SortedDictionary<byte[], byte[]> rows = _shards[new ShardId(shard)];
        switch (state)
        {
            case FragmentState.NeedKeys:
                RowsRead += run.NeededKeys.Count;
                run.SupplyKeys([.. run.NeededKeys.Select(key => rows.GetValueOrDefault(key))]);
                break;
            case FragmentState.NeedRange:
                int limit = Math.Min(run.NeededLimit, AnswerRows);
                KeyRange range = run.NeededRange;
                List<KeyValuePair<byte[], byte[]>> found = [.. rows.Where(r => range.Contains(r.Key)).Take(limit + 1)];
                bool exhausted = found.Count <= limit;
                found = [.. found.Take(limit)];
                RowsRead += found.Count;
                run.SupplyRange(found, exhausted);
                break;
        }
    }

    private List<SqlValue[]> Drain(StatementRun run, int sources)
    {
        var output = new ByteWriter();
        for (int i = 0; i < sources && LastPlan.Tasks.Count == 0; i++)
        {
            run.Supply(i, default, 0, exhausted: true);
        }

        StatementRunState state;
        do
        {
            state = run.Step(SliceRows);
            Xunit.Assert.NotEqual(StatementRunState.NeedSource, state);
            run.TakeOutput(output);
        }
        while (state != StatementRunState.Done);
        return Decode(output.WrittenSpan);
    }
}
