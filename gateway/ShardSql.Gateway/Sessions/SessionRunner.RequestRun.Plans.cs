using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Plans;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <summary>Plans of jobs: EXPLAIN makes them, EXECUTE PLAN runs them (sql.md §2, R3).</summary>
    private sealed partial class RequestRun
    {
        private async Task ExplainJobAsync(StatementPlan plan)
        {
            Statement inner = plan.Statement.Explain.Statement;
            (PlanRecord made, List<StepRecord> steps) = plan.Explained!.Builds is { } target
                ? await ExplainBuildAsync(inner, target)
                : inner.Layout is { } layout
                ? await ExplainLayoutAsync(layout)
                : inner.Segment is { } action
                ? await _services.Plans.ExplainAsync(
                    WishOf(inner, plan.Explained.Tag), MoveOptions.Of(action.Options, Evaluate), scope.Token)
                : throw NothingToBuild(plan.Explained);
            IReadOnlyList<SqlValue[]> rows = plan.Statement.Explain.Json
                ? [[SqlValue.FromText(PlanRows.Json(made, steps))]]
                : PlanRows.Explained(made, steps);
            await EndRowsAsync(plan, rows);
        }

        private Task<(PlanRecord Plan, List<StepRecord> Steps)> ExplainBuildAsync(Statement statement, IndexTarget target)
        {
            MoveOptions options = BuildOptionsOf(statement);
            Statement kept = statement.Clone();
            kept.CreateIndex?.Options.Clear();
            kept.Segment?.Options.Clear();
            return _services.Plans.ExplainAsync(kept, target, options, scope.Token);
        }

        // IF NOT EXISTS of an index that is there.
        private static SqlException NothingToBuild(StatementPlan explained) => new(
            SqlStates.DuplicateTable, explained.Notice ?? $"{explained.Tag} has nothing to do")
        {
            Hint = "SHOW INDEXES lists the indexes.",
        };

        private async Task RunPlanAsync(StatementPlan plan)
        {
            RequireAlone(plan);
            PlanAction action = plan.Statement.Plan;
            long id = PlanOf(Evaluate(action.Plan));
            if (action.Drop)
            {
                bool isDropped = await _services.Plans.Rows.DropAsync(id, scope.Token);
                await sink.EndAsync(
                    -1,
                    plan.Tag,
                    isDropped || action.IfExists
                        ? isDropped ? null : $"plan {PlanRecord.NameOf(id)} does not exist, skipping"
                        : throw PlanJobs.NoPlan(id));
                return;
            }

            MoveOptions options = new();
            (PlanRecord executed, JobRecord? job) = await _services.Plans.ExecuteAsync(
                id, kept => options = MoveOptions.Of(action.Options, Evaluate, kept), inside: null, scope.Token);
            if (job is not null)
            {
                await EndBegunAsync(plan, job, options.Wait);
                return;
            }

            Statement build = Statement.Parser.ParseFrom(executed.Statement);
            options = MoveOptions.OfBuild(action.Options, Evaluate, build.Segment is not null, executed.Options);
            await BuildAsync(build, plan, executed, options);
        }

        /// <summary>Begins what a statement, or the plan of one, builds: an index, or a table with another placement.</summary>
        private async Task BuildAsync(Statement statement, StatementPlan plan, PlanRecord? executed, MoveOptions options)
        {
            long id = await _services.JobRows.NextIdAsync(scope.Token);
            (StatementPlan made, _) = await _services.Schema.RunAsync(
                statement,
                TakeName(isLast: false),
                () => scope.TimeLeft,
                (transaction, begun) =>
                {
                    JobStore.Put(
                        transaction, JobStatements.Of(id, begun.Builds!, statement, options) with { PlanId = executed?.Id ?? 0 });
                    if (executed is not null)
                    {
                        PlanStore.Put(transaction, executed with { JobId = id });
                    }
                },
                scope.Token);
            await EndBuildAsync(plan with { Builds = made.Builds, Notice = made.Notice }, id, options.Wait);
        }

        private void RequireAlone(StatementPlan plan)
        {
            if (owner.IsOpen)
            {
                throw new SqlException(
                    SqlStates.ActiveTransaction,
                    $"{plan.Tag} inside a transaction is not served",
                    (int)plan.Statement.Position)
                {
                    Hint = "Run it alone: it is done in transactions of its own.",
                };
            }
        }

        private async Task EndRowsAsync(StatementPlan plan, IReadOnlyList<SqlValue[]> rows)
        {
            var bytes = new ByteWriter();
            foreach (SqlValue[] row in rows)
            {
                RowCodec.Write(bytes, row);
            }

            sink.Begin(plan.Columns);
            await sink.RowsAsync(bytes.WrittenMemory, rows.Count);
            await sink.EndAsync(-1, plan.Tag, plan.Notice);
        }

        private static long PlanOf(SqlValue value) =>
            (value.IsNull ? null : PlanRecord.TryParse(value.ToText())) ?? throw new SqlException(
                SqlStates.InvalidParameterValue, $"\"{(value.IsNull ? "NULL" : value.ToText())}\" names no plan")
            {
                Hint = "SHOW PLANS lists the plans.",
            };
    }
}
