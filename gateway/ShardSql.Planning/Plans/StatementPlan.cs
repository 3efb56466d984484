using System;
using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Plans;

/// <summary>
/// A statement resolved to shards: tasks to push down, and how their rows become the result. Good for one set of
/// parameter values and one version of catalog and map.
/// </summary>
public sealed record StatementPlan
{
    /// <summary>What to do with it.</summary>
    public required StatementKind Kind { get; init; }

    /// <summary>The statement as planned.</summary>
    public required Statement Statement { get; init; }

    /// <summary>"SELECT", "INSERT", "CREATE TABLE", …: what the end of the result says.</summary>
    public required string Tag { get; init; }

    /// <summary>One for each shard concerned, in the order of shards; none where no row can qualify. Task i is source i
    /// of the run.</summary>
    public IReadOnlyList<ShardTask> Tasks { get; init; } = [];

    /// <summary>The result's columns; none for a statement without rows.</summary>
    public IReadOnlyList<ResultColumn> Columns { get; init; } = [];

    /// <summary>How the rows of the tasks become the result.</summary>
    public StatementRunPlan RunPlan { get; init; } = new();

    /// <summary>What the gateway computes of several sources, instead of tasks; null: the tasks say it all.</summary>
    public RelationQuery? Relation { get; init; }

    /// <summary>What is done with the rows that <see cref="Relation"/>, or without one <see cref="Tasks"/>, give: the plan
    /// that writes them, or that reads what they lead to.</summary>
    public System.Func<IReadOnlyList<Sql.Values.SqlValue[]>, StatementPlan>? Then { get; init; }

    /// <summary>Where <see cref="Then"/> takes numbers of sequences from; null: nowhere.</summary>
    public ISequenceNumbers? Numbers { get; init; }

    /// <summary>A step of a statement that is no more than its tasks.</summary>
    public static StatementPlan OfTasks(StatementKind kind, IReadOnlyList<ShardTask> tasks) => new()
    {
        Kind = kind,
        Statement = new Sql.Tree.Statement(),
        Tag = string.Empty,
        Tasks = tasks,
        RunPlan = new Execution.StatementRunPlan { Sources = tasks?.Count ?? 0 },
    };

    /// <summary>Whether it is one message to one shard at most, and so may go there with others. Tasks of several
    /// statements are not: their counts are of all of them.</summary>
    public bool IsPlain => Relation is null && Then is null && FollowUp is null && !IsCompound;

    /// <summary>What is run instead where a shard says that a row has not spilled (SD002), or that a slot has not so much
    /// (SD003); null: it is no delta.</summary>
    public System.Func<StatementPlan>? Otherwise { get; init; }

    /// <summary>The data shard that it writes, where it is bound to that one; null: it reads, or may write on others, too.
    /// </summary>
    public ShardId? WrittenShard => Kind == StatementKind.Write && Tasks is [{ Segments.Count: > 0 } task] ? task.Shard : null;

    /// <summary>Whether an error is one after which <see cref="Otherwise"/> is run.</summary>
    public bool GoesOn(Sql.SqlException failure) =>
        Otherwise is not null && failure?.SqlState is Sql.SqlStates.NotSpilled or Sql.SqlStates.NoQuota;

    /// <summary>What comes after <see cref="Tasks"/> have written; null: nothing does.</summary>
    public IFollowUp? FollowUp { get; init; }

    /// <summary>Whether tasks run more than one statement each.</summary>
    public bool IsCompound { get; init; }

    /// <summary>Rows affected, where the planner knows it better than the shards that count them.</summary>
    public long? Affected { get; init; }

    /// <summary>Whether one shard, or none, does it all.</summary>
    public bool IsSingleShard => Tasks.Count <= 1 && Relation is null && Then is null && FollowUp is null;

    /// <summary>What EXPLAIN says: the verdict first, then the tree.</summary>
    public IReadOnlyList<string> ExplainLines => [.. System.Linq.Enumerable.Select(Explainer(), static l => l.Text)];

    /// <summary>The same with what each line is about.</summary>
    public IReadOnlyList<ExplainLine> ExplainTree => Explainer();

    /// <summary>The shards that it may read or write.</summary>
    public IReadOnlyCollection<ShardId> TouchedShards => Touches?.Invoke() ?? ShardsOfTasks();

    /// <summary>The change of the schema; null where nothing is to be done (IF [NOT] EXISTS).</summary>
    public DdlChange? Ddl { get; init; }

    /// <summary>The index that a job builds once the change is made.</summary>
    public IndexTarget? Builds { get; init; }

    /// <summary>Steps of the shard map that a job does, where planning says which; null: it does not.</summary>
    public IReadOnlyList<Moves.MapStep>? MapSteps { get; init; }

    /// <summary>The statement that EXPLAIN is about.</summary>
    public StatementPlan? Explained { get; init; }

    /// <summary>Whether it visits rows by their keys, or under one value of the shard key each: few rows, however large
    /// the table is.</summary>
    public bool IsByKey { get; init; }

    /// <summary>SELECT ... FOR UPDATE: the rows read belong to the intent to write.</summary>
    public bool IsForUpdate { get; init; }

    /// <summary>A notice for the client, or null.</summary>
    public string? Notice { get; init; }

    /// <summary>Shards that the statement may touch; those of <see cref="Tasks"/> where nothing else is said.</summary>
    internal Func<IReadOnlyCollection<ShardId>>? Touches { get; init; }

    /// <summary>Makes the lines only when they are asked for: most statements run unexplained.</summary>
    internal Func<IReadOnlyList<ExplainLine>> Explainer { get; init; } = static () => [];

    /// <summary>A run that makes the result of the tasks' rows.</summary>
    public StatementRun CreateRun(MemoryAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return StatementRun.Create(RunPlan, account);
    }

    private SortedSet<ShardId> ShardsOfTasks()
    {
        var shards = new SortedSet<ShardId>();
        foreach (ShardTask task in Tasks)
        {
            shards.Add(task.Shard);
        }

        return shards;
    }
}
