using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Automatic;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Planning;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <summary>Statements that begin or drive jobs: each gives one row (sql.md §2, R2).</summary>
    private sealed partial class RequestRun
    {
        /// <summary>As in PostgreSQL, CREATE INDEX ends when the index can be used, or with the error; WITH (wait = '0s')
        /// ends it sooner.</summary>
        private async Task EndBuildAsync(StatementPlan plan, long id, TimeSpan? wait)
        {
            if (plan.Builds is null)
            {
                await EndJobAsync(plan, null);
                return;
            }

            _services.Jobs.Signal();
            JobRecord job = await _services.JobStatements.WaitAsync(id, wait, scope.Token);
            if (job.HasEnded && job.State != JobState.Succeeded)
            {
                throw JobStatements.ErrorOf(job);
            }

            await EndJobAsync(plan, job);
        }

        private async Task RunJobAsync(StatementPlan plan)
        {
            switch (plan.Statement.KindCase)
            {
                case Statement.KindOneofCase.Segment:
                    await RunSegmentAsync(plan);
                    return;
                case Statement.KindOneofCase.Layout:
                    await RunLayoutAsync(plan);
                    return;
                case Statement.KindOneofCase.Node:
                    await RunNodeAsync(plan);
                    return;
                case Statement.KindOneofCase.MergeSpillover:
                    await MergeSpilloverAsync(plan);
                    return;
                case Statement.KindOneofCase.Explain:
                    RequireNoSchema(plan);
                    await ExplainJobAsync(plan);
                    return;
                case Statement.KindOneofCase.Plan:
                    await RunPlanAsync(plan);
                    return;
                case Statement.KindOneofCase.Cluster:
                    RequireAlone(plan);
                    await _services.Settings.SetAsync(
                        ClusterSettings.Read(plan.Statement.Cluster.Options, Evaluate), scope.Token);
                    await sink.EndAsync(-1, plan.Tag, plan.Notice);
                    return;
                default:
                    break;
            }

            JobAction action = plan.Statement.Job;
            if (owner.IsOpen && action.Kind is (JobActionKind.Revert or JobActionKind.Retry))
            {
                throw new SqlException(
                    SqlStates.ActiveTransaction,
                    "a job cannot be begun inside a transaction",
                    (int)plan.Statement.Position)
                {
                    Hint = "Run it alone: it is a job, in transactions of its own.",
                };
            }

            SqlValue value = Evaluate(action.Job);
            long id = value.IsNull
                ? throw new SqlException(SqlStates.NullValueNotAllowed, "the id of a job cannot be NULL")
                : SqlCast.To(value, SqlType.Int64, isExplicit: true).AsInt64();
            TimeSpan? limit = action.Timeout is null ? null : Duration(Evaluate(action.Timeout));
            JobRecord job = action.Kind switch
            {
                JobActionKind.Wait => await _services.JobStatements.WaitAsync(id, limit, scope.Token),
                JobActionKind.Pause => await _services.JobStatements.PauseAsync(id, isPaused: true, scope.Token),
                JobActionKind.Resume => await _services.JobStatements.PauseAsync(id, isPaused: false, scope.Token),
                JobActionKind.Revert => await _services.Repairs.RevertAsync(id, () => scope.TimeLeft, scope.Token),
                JobActionKind.Retry => await _services.Repairs.RetryAsync(id, () => scope.TimeLeft, scope.Token),
                JobActionKind.Alter => await _services.Repairs.AlterAsync(id, action.Options, Evaluate, scope.Token),
                _ => await _services.JobStatements.CancelAsync(id, scope.Token),
            };
            if (!job.HasEnded && action.Kind != JobActionKind.Wait)
            {
                _services.Jobs.Signal();
            }

            await EndJobAsync(plan, job);
        }

        /// <summary>A plan of a job is kept, and run, by what everybody sees.</summary>
        private void RequireNoSchema(StatementPlan plan)
        {
            if (owner._transaction is { Schema: not null })
            {
                throw new SqlException(
                    SqlStates.ActiveTransaction,
                    "a job cannot be planned inside a transaction that has changed the schema",
                    (int)plan.Statement.Position)
                {
                    Hint = "COMMIT first.",
                };
            }
        }

        private MoveOptions BuildOptionsOf(Statement build) => MoveOptions.OfBuild(
            build.CreateIndex?.Options ?? build.Segment?.Options ?? [], Evaluate, isRewrite: build.Segment is not null);

        private SqlValue Evaluate(Expression expression)
        {
            (ParameterSet types, SqlValue[] values) = ParametersOf();
            return ExpressionBinder.Bind(expression, RowScope.Empty, types).Evaluate([], values);
        }

        private (ParameterSet Types, SqlValue[] Values) ParametersOf()
        {
            var types = new ParameterSet();
            foreach ((string name, SqlValue value) in parameters)
            {
                types.Add(name, new SqlType(value.Kind));
            }

            var values = new SqlValue[types.Count];
            foreach ((string name, SqlValue value) in parameters)
            {
                values[types.OrdinalOf(name)] = value;
            }

            return (types, values);
        }

        private static TimeSpan Duration(SqlValue value) => Durations.Parse(value.IsNull ? "" : value.ToText());

        private async Task EndJobAsync(StatementPlan plan, JobRecord? job)
        {
            var rows = new ByteWriter();
            if (job is not null)
            {
                RowCodec.Write(rows, JobStatements.RowOf(job));
            }

            sink.Begin(plan.Columns);
            if (job is not null)
            {
                await sink.RowsAsync(rows.WrittenMemory, 1);
            }

            await sink.EndAsync(-1, plan.Tag, plan.Notice);
        }
    }
}
