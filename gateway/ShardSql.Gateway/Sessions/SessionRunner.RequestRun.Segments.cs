using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Plans;
using ShardSql.Planning;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Resharding;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <summary>Statements on segments (sql.md §2).</summary>
    private sealed partial class RequestRun
    {
        private async Task RunSegmentAsync(StatementPlan plan)
        {
            RequireAlone(plan);
            if (plan.Builds is not null)
            {
                await BuildAsync(plan.Statement, plan, executed: null, BuildOptionsOf(plan.Statement));
                return;
            }

            SegmentAction action = plan.Statement.Segment;
            MoveOptions options = MoveOptions.Of(action.Options, Evaluate);
            JobRecord job = await _services.Plans.BeginAsync(WishOf(plan.Statement, plan.Tag), options, scope.Token);
            await EndBegunAsync(plan, job, options.Wait);
        }

        /// <summary>Waits for a job that has just begun, as long as its statement says.</summary>
        private async Task EndBegunAsync(StatementPlan plan, JobRecord job, TimeSpan? wait)
        {
            if (!job.HasEnded)
            {
                _services.Jobs.Signal();
                job = await _services.JobStatements.WaitAsync(job.Id, wait, scope.Token);
                if (job.HasEnded && job.State != JobState.Succeeded)
                {
                    throw JobStatements.ErrorOf(job);
                }
            }

            await EndJobAsync(plan, job);
        }

        private SegmentWish WishOf(Statement statement, string tag) => WishOf(statement.Segment, tag) with
        {
            Statement = statement,
        };

        private SegmentWish WishOf(SegmentAction action, string tag) => new()
        {
            Kind = action.Kind,
            Tag = tag,
            Segments = [.. action.Segments.Select(name => SegmentOf(Evaluate(name)))],
            Shard = action.Shard is null ? null : ShardOf(Evaluate(action.Shard)),
            Table = action.Table,
            Tables = action.Tables,
            Goal = action.Goal switch
            {
                "load" => ReshardGoal.Load,
                "size" => ReshardGoal.Size,
                _ => ReshardGoal.Graph,
            },
            AtLoad = action is { Kind: SegmentActionKind.Split, Goal: "load" },
            At = [.. (action.At?.Values ?? []).Select(Evaluate)],
            Rows = [.. action.Rows.Select(row => (SqlValue[])[.. row.Values.Select(Evaluate)])],
            Parts = action.Parts is null ? null : CountOf(Evaluate(action.Parts)),
            Filter = action.Where is null ? static _ => true : FilterOf(action.Where),
        };

        /// <summary>A condition over the columns of <c>shard.segments</c>.</summary>
        private Func<SqlValue[], bool> FilterOf(Expression where)
        {
            VirtualTable table = VirtualTables.Segments;
            var columns = new List<ScopeColumn>();
            foreach (VirtualColumn column in table.Columns)
            {
                columns.Add(new ScopeColumn(table.Name, column.Name, column.Type, IsNullable: true, table.Schema));
            }

            (ParameterSet types, SqlValue[] values) = ParametersOf();
            BoundExpression condition = ExpressionBinder.Bind(where, new RowScope(columns), types);
            if (condition.Type.Kind is not (SqlKind.Boolean or SqlKind.Null))
            {
                throw new SqlException(
                    SqlStates.DatatypeMismatch, $"the condition is {condition.Type}, not boolean");
            }

            return row => condition.Evaluate(row, values) is { IsNull: false } met && met.AsBoolean();
        }

        private static int CountOf(SqlValue value) => value.IsNull
            ? throw new SqlException(SqlStates.NullValueNotAllowed, "the number of segments cannot be NULL")
            : SqlCast.To(value, SqlType.Int32, isExplicit: true).AsInt32();

        private static SegmentId SegmentOf(SqlValue value) =>
            (value.IsNull ? null : SegmentId.TryParse(value.ToText())) ?? throw new SqlException(
                SqlStates.InvalidParameterValue, $"\"{(value.IsNull ? "NULL" : value.ToText())}\" names no segment")
            {
                Hint = "SHOW SEGMENTS lists the segments.",
            };

        private static ShardId ShardOf(SqlValue value) =>
            (value.IsNull ? null : ShardId.TryParse(value.ToText())) ?? throw new SqlException(
                SqlStates.InvalidParameterValue, $"\"{(value.IsNull ? "NULL" : value.ToText())}\" names no shard")
            {
                Hint = "SHOW SHARDS lists the shards.",
            };
    }
}
