using System;
using System.Collections.Generic;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Observing;

/// <summary>Counts what statements cost; those that have come once are not counted.</summary>
internal sealed class StatementWatch(GatewayServices services)
{
    /// <summary>The moment to measure from.</summary>
    public long Start() => services.Time.GetTimestamp();

    /// <summary>A unit has committed. Statements that went together took the same time.</summary>
    public void Committed(Unit unit, CommitOutcome outcome, long started)
    {
        long now = services.Time.GetTimestamp();
        long microseconds = (long)services.Time.GetElapsedTime(started, now).TotalMicroseconds;
        IReadOnlyList<Statement> statements = unit.Statements;
        for (int i = 0; i < statements.Count; i++)
        {
            if (services.Planner.UseOf(statements[i]) is { } use)
            {
                UnitRun run = unit.Run;
                use.Count(microseconds, run.Shards, run.IsByKey, run.IsRelational, now);
                if (run.HasWrites && i == 0)
                {
                    services.Conflicts.Committed(outcome, use);
                }
            }
        }
    }

    /// <summary>A unit is started again.</summary>
    public void Retried(Unit unit)
    {
        foreach (Statement statement in unit.Statements)
        {
            services.Planner.UseOf(statement)?.CountRetry();
        }
    }

    /// <summary>A statement of an open transaction has run.</summary>
    public void Ran(StatementPlan plan, OpenTransaction transaction, long started)
    {
        if (services.Planner.UseOf(plan.Statement) is { } use)
        {
            long now = services.Time.GetTimestamp();
            long microseconds = (long)services.Time.GetElapsedTime(started, now).TotalMicroseconds;
            bool isRelational = plan.Relation is not null;
            int shards = isRelational ? transaction.Participants.Count : plan.Tasks.Count;
            use.Count(microseconds, shards, plan.IsByKey, isRelational, now);
            if (plan.Kind == StatementKind.Write)
            {
                transaction.LastWrite = use;
            }
        }
    }
}
