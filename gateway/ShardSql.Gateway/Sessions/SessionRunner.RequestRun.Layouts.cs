using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <content>Statements on nodes, replicas and shards (sql.md §2).</content>
    private sealed partial class RequestRun
    {
        private async Task RunLayoutAsync(StatementPlan plan)
        {
            RequireAlone(plan);
            LayoutAction action = plan.Statement.Layout;
            MoveOptions options = LayoutOptions(action);
            LayoutWish wish = WishOf(action);
            if (await IsThereAsync(wish) is { } isThere && action.IfExists && isThere == (wish.Kind == LayoutActionKind.CreateShard))
            {
                plan = plan with { Notice = $"shard {wish.Shard} {(isThere ? "is there already" : "does not exist")}, skipping" };
                await EndJobAsync(plan, null);
                return;
            }

            JobRecord job = await _services.Plans.BeginAsync(wish, options, scope.Token);
            await EndBegunAsync(plan, job, options.Wait);
        }

        private Task<(PlanRecord Plan, List<StepRecord> Steps)> ExplainLayoutAsync(LayoutAction action)
        {
            MoveOptions options = LayoutOptions(action);
            return _services.Plans.ExplainAsync(WishOf(action), options, scope.Token);
        }

        private async Task RunNodeAsync(StatementPlan plan)
        {
            RequireAlone(plan);
            NodeAction action = plan.Statement.Node;
            NodeId node = NewNodeOf(Evaluate(action.Node));
            string? notice;
            if (action.Address is null)
            {
                notice = await _services.NodeStatements.RemoveAsync(node, action.Force, scope.Token);
            }
            else
            {
                SqlValue address = Evaluate(action.Address);
                notice = await _services.NodeStatements.AddAsync(
                    node, address.IsNull ? "" : address.ToText(), scope.Token);
            }

            await sink.EndAsync(-1, plan.Tag, notice);
        }

        /// <summary>Whether the shard of CREATE or DROP SHARD exists; null for other statements.</summary>
        private async Task<bool?> IsThereAsync(LayoutWish wish)
        {
            if (wish.Kind is not (LayoutActionKind.CreateShard or LayoutActionKind.DropShard))
            {
                return null;
            }

            await _services.Catalog.CatchUpAsync(_services.Catalog.Current, scope.Token);
            return _services.Layouts.Current.Shards.Any(known => known.Shard == wish.Shard);
        }

        private LayoutWish WishOf(LayoutAction action) => new(
            action.Kind,
            LayoutTags.Of(action),
            action.Shard is null ? default : ShardOf(Evaluate(action.Shard)),
            [.. action.Nodes.Select(node => NewNodeOf(Evaluate(node)))]);

        private MoveOptions LayoutOptions(LayoutAction action)
        {
            MoveOptions.RequireKnown(action.Options, ["wait"], $"{LayoutTags.Of(action)} takes WITH (wait = '30s').");
            return MoveOptions.Of(action.Options, Evaluate);
        }

        private static NodeId NewNodeOf(SqlValue value)
        {
            string text = value.IsNull ? "" : value.ToText();
            return NodeId.TryParse(text) ?? throw new SqlException(
                SqlStates.InvalidParameterValue, $"\"{text}\" names no node")
            {
                Hint = "Nodes are called n1, n2 and so on; SHOW NODES lists them.",
            };
        }
    }
}
