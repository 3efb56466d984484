using System.Linq;
using System.Threading.Tasks;

using ShardSql.Planning.Plans;
using ShardSql.Planning.Spillover;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <content>Deltas come home (sharding.md §4).</content>
    private sealed partial class RequestRun
    {
        // Deltas of transactions that were planned before the end was begun may come once more.
        private const int EndsTried = 8;

        private async Task MergeSpilloverAsync(StatementPlan plan)
        {
            RequireAlone(plan);
            MergeSpillover merge = plan.Statement.MergeSpillover;
            long merged = await _services.Spillover.MergeAsync(
                merge.Table,
                table => merge.Key is { } key ? SpilloverKeys.Of(table, key, Evaluate) : null,
                scope.Token);
            await sink.EndAsync(merged, plan.Tag, plan.Notice);
        }

        private static bool EndsSpillover(Statement statement) => statement.KindCase == Statement.KindOneofCase.AlterTable
            && statement.AlterTable.Actions.Any(static action => action.Kind == AlterKind.DisableSpillover);

        /// <summary>No more deltas are taken first; then those that are there are merged, and their table goes.</summary>
        private async Task EndSpilloverAsync(Statement statement, bool isLast)
        {
            TableName table = statement.AlterTable.Table;
            Statement begin = statement.Clone();
            begin.AlterTable.Actions[0].Tolerant = true;
            _ = await ChangeAsync(begin, isLast: false);
            for (int tried = 1; ; tried++)
            {
                _ = await _services.Spillover.MergeAsync(table, static _ => null, scope.Token);
                try
                {
                    StatementPlan plan = await ChangeAsync(statement, isLast);
                    await sink.EndAsync(-1, plan.Tag, plan.Notice);
                    return;
                }
                catch (SqlException left)
                    when (left.SqlState == SqlStates.ObjectNotInPrerequisiteState && tried < EndsTried)
                {
                    isLast = false;
                }
            }
        }
    }
}
