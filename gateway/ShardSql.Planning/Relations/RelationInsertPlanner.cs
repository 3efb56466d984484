using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Plans INSERT ... SELECT: the query runs first, in the same transaction, then its rows are inserted.</summary>
internal sealed class RelationInsertPlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly InsertPlanner _insert;
    private readonly RelationBuild _build;
    private readonly RelationQueries _queries;

    public RelationInsertPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _insert = new InsertPlanner(statement, context);
        _build = new RelationBuild(context);
        Insert insert = statement.Insert;
        Select query = insert.Query ?? new Select { Values = { insert.Rows }, Position = statement.Position };
        BoundRelation relation = new QueryRelationBinder(_build, null, null).Bind(query);
        _queries = new RelationQueries(_build, _build.ToPlan(Converted(relation, insert)));
    }

    /// <inheritdoc />
    public override bool IsReusable => !_build.Binding.HoldsValues && _insert.IsReusable;

    /// <summary>Whether an INSERT takes its rows from a query.</summary>
    public static bool IsNeeded(Insert insert) => insert.Query is not null
        || insert.Rows.Any(r => r.Values.Any(BoundNodes.NeedsRelations));

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        RelationQuery query = _queries.Of(context);
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "INSERT",
            Columns = _insert.Header,
            Relation = query,
            Then = rows => _insert.Plan(rows, context),
            Touches = () => Touched(context),
            Explainer = () => RelationExplainer.WriteLines(
                _build,
                query.Plan,
                _queries.PartsOf(query),
                context,
                Touched(context),
                $"insert into {_insert.Table.Name}: rows by their shards",
                Checks(context).Lines),
        };
    }

    private SortedSet<ShardId> Touched(PlanningContext context)
    {
        SortedSet<ShardId> touched = RelationExplainer.ShardsOf(_build, context);
        touched.UnionWith(Ddl.DdlChanges.ShardsOf(context.Map, [_insert.Table]));
        touched.UnionWith(GlobalEntries.ShardsOf(_insert.Table, context));
        touched.UnionWith(Checks(context).Shards);
        return touched;
    }

    private ForeignKeyExplainer Checks(PlanningContext context)
    {
        var checks = new ForeignKeyExplainer(context, Ddl.DdlChanges.ShardsOf(context.Map, [_insert.Table]));
        checks.AddChecked(_insert.Table);
        return checks;
    }

    /// <summary>The query's columns as those of the table.</summary>
    private RelationNode Converted(BoundRelation relation, Insert insert)
    {
        int given = relation.Columns.Count;
        if (given > _insert.Columns.Count || (insert.Columns.Count > 0 && given < _insert.Columns.Count))
        {
            throw BoundNodes.Mismatch(
                given > _insert.Columns.Count
                    ? "INSERT has more expressions than target columns"
                    : "INSERT has more target columns than expressions",
                insert.Table.Position);
        }

        var project = new ProjectNode { Input = relation.Node };
        for (int i = 0; i < given; i++)
        {
            ColumnDescriptor column = _insert.Table.Columns[_insert.Columns[i]];
            RelationColumn source = relation.Columns[i];
            Expression value = BoundNodes.Of(BoundNodes.Column((uint)i, source.Type, source.IsNullable));
            if (source.IsUntyped)
            {
                value = BoundNodes.Cast(value, column.Type);
            }

            project.Expressions.Add(Google.Protobuf.MessageExtensions.ToByteString(
                BoundExpression.AssignmentFromMessage(value, column.Type).ToMessage()));
        }

        return new RelationNode { Project = project };
    }
}
