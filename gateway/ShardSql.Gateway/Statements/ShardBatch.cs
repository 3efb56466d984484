using System.Collections.Generic;

using ShardSql.Planning.Plans;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Statements;

/// <summary>Statements that all resolve to one shard, as the one message that goes there. Those that need no shard at
/// all (no row can qualify, nothing is read) are answered on the way.</summary>
internal sealed class ShardBatch
{
    private readonly List<int> _sent;

    private ShardBatch(IReadOnlyList<StatementPlan> plans, ShardTask task, List<int> sent)
    {
        Plans = plans;
        Task = task;
        _sent = sent;
        IsByKey = true;
        foreach (StatementPlan plan in plans)
        {
            HasWrites |= plan.Kind == StatementKind.Write;
            IsByKey &= plan.Kind == StatementKind.Write || plan.Tasks.Count == 0 || plan.IsByKey;
            IsTrial |= plan.Otherwise is not null && plans.Count > 1;
        }
    }

    /// <summary>All statements in order.</summary>
    public IReadOnlyList<StatementPlan> Plans { get; }

    /// <summary>What the shard is sent.</summary>
    public ShardTask Task { get; }

    /// <summary>Whether any of them writes.</summary>
    public bool HasWrites { get; }

    /// <summary>Whether its queries visit few rows, so that its leader may evaluate them on what is newest: a long
    /// scan there would be overtaken by writers again and again, at a snapshot it is not.</summary>
    public bool IsByKey { get; }

    /// <summary>Whether one of several may have to be run otherwise than is planned: then its leader tries them all at once, and
    /// if that fails so they are run one by one.</summary>
    public bool IsTrial { get; }

    /// <summary>How many statements the shard is sent.</summary>
    public int SentCount => _sent.Count;

    /// <summary>The batch, or null where the statements do not all resolve to one shard.</summary>
    public static ShardBatch? TryCombine(IReadOnlyList<StatementPlan> plans)
    {
        var sent = new List<int>(plans.Count);
        var atShard = new List<StatementPlan>(plans.Count);
        long bytes = 0;
        for (int i = 0; i < plans.Count; i++)
        {
            StatementPlan plan = plans[i];
            if (!plan.IsPlain)
            {
                return null;
            }

            if (plan.Kind is StatementKind.Query or StatementKind.Write && plan.Tasks.Count == 0)
            {
                continue;
            }

            sent.Add(i);
            atShard.Add(plan);
            bytes += plan.Tasks.Count == 1 ? plan.Tasks[0].Fragment.Length + plan.Tasks[0].Parameters.Length : 0;
        }

        if (plans.Count > 1 && bytes > GatewayLimits.MaxPushedBytes)
        {
            return null;
        }

        ShardTask? task = plans.Count == 1 && atShard is [{ Kind: StatementKind.Query or StatementKind.Write, Tasks: [var only] }]
            ? only
            : TaskCombiner.TryCombine(atShard);
        return task is null ? null : new ShardBatch(plans, task, sent);
    }

    /// <summary>The shard that some of the statements are bound to; reference tables are read there too.</summary>
    public static ShardId? HomeOf(IReadOnlyList<StatementPlan> plans)
    {
        foreach (StatementPlan plan in plans)
        {
            if (plan.Tasks is [{ Segments.Count: > 0 } task])
            {
                return task.Shard;
            }
        }

        return null;
    }

    /// <summary>The place in <see cref="Plans"/> of a statement that the shard was sent.</summary>
    public int PlanOf(int sent) => _sent[sent];
}
