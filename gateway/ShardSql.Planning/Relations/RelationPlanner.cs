using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Spillover;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Plans the queries that are more than one table's rows: the gateway joins, groups and sorts with relational operators
/// over what fragments at the shards give, each filtered there.
/// </summary>
internal sealed class RelationPlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly RelationBuild _build;
    private readonly RelationQueries _queries;
    private readonly List<ResultColumn> _columns = [];

    public RelationPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _build = new RelationBuild(context) { Statement = statement };
        if (statement.Select.ForUpdate && (IsNeeded(statement.Select) || !ReadsDeltas(statement.Select, context)))
        {
            throw new Sql.SqlException(
                Sql.SqlStates.FeatureNotSupported,
                "FOR UPDATE of anything but one table is not supported",
                (int)statement.Select.Position)
            {
                Hint = "Every transaction is serializable: FOR UPDATE is needed for no guarantee. Leave it out.",
            };
        }

        BoundRelation relation = new QueryRelationBinder(_build, null, null).Bind(statement.Select);
        foreach (RelationColumn column in relation.Columns)
        {
            _columns.Add(column.ToResult());
        }

        _queries = new RelationQueries(_build, _build.ToPlan(relation.Rows.Node));
    }

    /// <summary>The result's columns.</summary>
    public IReadOnlyList<ResultColumn> Columns => _columns;

    /// <inheritdoc />
    public override bool IsReusable => !_build.Binding.HoldsValues;

    /// <summary>Whether a query is more than SelectPlanner has: one table's rows, filtered, grouped, sorted.</summary>
    public static bool IsNeeded(Select select)
    {
        if (select.Sources.Count > 0 || select.Terms.Count > 0 || select.Values.Count > 0 || select.With.Count > 0
            || select.DistinctOn.Count > 0)
        {
            return true;
        }

        bool isNeeded = BoundNodes.NeedsRelations(select.Where) || BoundNodes.NeedsRelations(select.Having)
            || BoundNodes.NeedsRelations(select.Limit) || BoundNodes.NeedsRelations(select.Offset);
        foreach (SelectItem item in select.Items)
        {
            isNeeded |= BoundNodes.NeedsRelations(item.Expression);
        }

        foreach (Expression group in select.GroupBy)
        {
            isNeeded |= BoundNodes.NeedsRelations(group);
        }

        foreach (OrderItem item in select.OrderBy)
        {
            isNeeded |= BoundNodes.NeedsRelations(item.Expression);
        }

        return isNeeded;
    }

    /// <summary>As <see cref="IsNeeded(Select)"/>, or it reads a view, a table of the system, or deltas.</summary>
    public static bool IsNeeded(Select select, PlanningContext context) => IsNeeded(select)
        || (select.From is { } from && (SchemaNames.IsSystem(from.Table) || TableOf(select, context)?.View is not null))
        || ReadsDeltas(select, context);

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        _build.TellReads(context);
        ShardTask? whole = WholePush.TryTask(_build, _queries.Plan, context);
        RelationQuery? query = whole is null ? _queries.Of(context) : null;
        return new StatementPlan
        {
            Kind = StatementKind.Query,
            Statement = _statement,
            Tag = "SELECT",
            Columns = _columns,
            IsForUpdate = _statement.Select.ForUpdate,
            Tasks = whole is null ? [] : [whole],
            RunPlan = new StatementRunPlan { Sources = whole is null ? 0 : 1 },
            Relation = query,
            Touches = () => RelationExplainer.ShardsOf(_build, context),
            Explainer = () => RelationExplainer.Lines(
                _build, query?.Plan ?? _queries.Plan, _queries.PartsOf(query), context, whole?.Shard),
        };
    }

    private static bool ReadsDeltas(Select select, PlanningContext context) =>
        TableOf(select, context) is { Spillover: not null } table && NamedColumns.Of(select).MeanSpilled(table);

    private static TableDescriptor? TableOf(Select select, PlanningContext context) =>
        select.From is { } from && SchemaNames.IsUser(from.Table) ? context.Catalog.Find(from.Table.Name) : null;
}
