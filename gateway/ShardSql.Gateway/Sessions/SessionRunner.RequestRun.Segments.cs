using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
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
            if (owner.IsOpen)
            {
                throw new SqlException(
                    SqlStates.FeatureNotSupported,
                    $"{plan.Tag} inside a transaction is not served",
                    (int)plan.Statement.Position)
                {
                    Hint = "Run it alone: it is a job, in transactions of its own.",
                };
            }

            SegmentAction action = plan.Statement.Segment;
            var ids = new List<SegmentId>();
            foreach (Expression name in action.Segments)
            {
                ids.Add(SegmentOf(Evaluate(name)));
            }

            var values = new List<SqlValue>();
            foreach (Expression value in action.At?.Values ?? [])
            {
                values.Add(Evaluate(value));
            }

            MoveOptions options = MoveOptions.Of(action.Options, Evaluate);
            long id = await _services.JobRows.NextIdAsync(scope.Token);
            JobRecord job = action.Kind == SegmentActionKind.Move
                ? await _services.SegmentJobs.MoveAsync(id, ids[0], ShardOf(Evaluate(action.Shard)), options, scope.Token)
                : await _services.SegmentJobs.ChangeMapAsync(
                    id, plan.Tag, state => ChangeOf(state, action.Kind, ids, values), scope.Token);
            if (!job.HasEnded)
            {
                _services.Jobs.Signal();
                job = await _services.JobStatements.WaitAsync(id, options.Wait, scope.Token);
                if (job.HasEnded && job.State != JobState.Succeeded)
                {
                    throw JobStatements.ErrorOf(job);
                }
            }

            await EndJobAsync(plan, job);
        }

        private static DdlChange ChangeOf(
            SystemState state, SegmentActionKind kind, List<SegmentId> ids, List<SqlValue> values)
        {
            var segments = new List<Segment>();
            foreach (SegmentId id in ids)
            {
                segments.Add(SegmentJobs.Require(state, id));
            }

            return kind == SegmentActionKind.Merge ? SegmentChanges.Merge(state, segments)
                : SegmentChanges.Split(
                    state,
                    segments[0],
                    values.Count == 0
                        ? SegmentChanges.MiddleOf(state, segments[0])
                        : SegmentChanges.KeyOf(state, segments[0], values));
        }

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
