using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Plans INSERT ... SELECT: the query runs first, in the same transaction, then its rows are inserted.</summary>
internal sealed class RelationInsertPlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly InsertPlanner _insert;
    private readonly RelationBuild _build;
    private readonly RelationQueries _queries;
    private readonly List<(int Place, SequenceItem Parts)> _changing = [];
    private readonly List<(int Place, BoundExpression Value)> _numbers = [];

    public RelationInsertPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _insert = new InsertPlanner(statement, context);
        _build = new RelationBuild(context) { Statement = statement };
        Insert insert = statement.Insert;
        Select query = insert.Query ?? new Select { Values = { insert.Rows }, Position = statement.Position };
        BoundRelation relation = new QueryRelationBinder(_build, null, null).Bind(WithoutNumbers(query));
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
            Then = rows => _insert.Plan(TakeNumbers(rows, context), context),
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

    /// <summary>Items that take numbers of sequences are evaluated when the rows are known, for each of them.</summary>
    private Select WithoutNumbers(Select query)
    {
        Select plain = query.Clone();
        for (int i = 0; i < query.Items.Count; i++)
        {
            Expression value = query.Items[i].Expression;
            if (!SequenceFunctions.ChangesIn(value) || i >= _insert.Columns.Count)
            {
                continue;
            }

            if (query.Distinct || query.Items.Any(static item => item.Star))
            {
                throw new SqlException(
                    SqlStates.FeatureNotSupported,
                    "numbers of a sequence beside DISTINCT or * are not supported",
                    (int)value.Nodes[^1].Position)
                {
                    Hint = "Name the columns, or let the number be the DEFAULT of the column that it is for.",
                };
            }

            var parts = new SequenceItem(value);
            _changing.Add((i, parts));
            SqlType type = _insert.Table.Columns[_insert.Columns[i]].Type;
            plain.Items[i].Expression = BoundNodes.Cast(Binding.Literal(SqlValue.NullOf(type.Kind)), type);
        }

        // What they read follows after all items.
        foreach (Expression read in _changing.SelectMany(static c => c.Parts.Reads))
        {
            plain.Items.Add(new SelectItem { Expression = read, Name = OutputNames.Unknown });
        }

        return plain;
    }

    /// <summary>What is read for numbers stands behind the given columns as it is.</summary>
    private void BindNumbers(ProjectNode project, BoundRelation relation, int given)
    {
        int next = given;
        foreach ((int place, SequenceItem parts) in _changing)
        {
            int first = next;
            _numbers.Add((place, _build.Binding.BindOver(parts.Over(read => BoundNodes.Column(
                (uint)(first + read), relation.Columns[first + read].Type, isNullable: true)))));
            next += parts.Reads.Count;
        }

        for (int i = given; i < next; i++)
        {
            project.Expressions.Add(BoundExpression.Column(i, relation.Columns[i].Type, isNullable: true)
                .ToMessage().ToByteString());
        }
    }

    private IReadOnlyList<SqlValue[]> TakeNumbers(IReadOnlyList<SqlValue[]> rows, PlanningContext context)
    {
        if (_numbers.Count == 0)
        {
            return rows;
        }

        Binding binding = _build.Binding.For(context);
        var numbered = new List<SqlValue[]>(rows.Count);
        foreach (SqlValue[] found in rows)
        {
            SqlValue[] row = found[..^_changing.Sum(static c => c.Parts.Reads.Count)];
            foreach ((int place, BoundExpression value) in _numbers)
            {
                SqlType type = _insert.Table.Columns[_insert.Columns[place]].Type;
                row[place] = SqlCast.To(binding.Evaluate(value, found), type, isExplicit: false);
            }

            numbered.Add(row);
        }

        return numbered;
    }

    /// <summary>The query's columns as those of the table.</summary>
    private RelationNode Converted(BoundRelation relation, Insert insert)
    {
        int given = relation.Columns.Count - _changing.Sum(static c => c.Parts.Reads.Count);
        if (given > _insert.Columns.Count || (insert.Columns.Count > 0 && given < _insert.Columns.Count))
        {
            throw BoundNodes.Mismatch(
                given > _insert.Columns.Count
                    ? "INSERT has more expressions than target columns"
                    : "INSERT has more target columns than expressions",
                insert.Table.Position);
        }

        var project = new ProjectNode { Input = relation.Rows.Node };
        for (int i = 0; i < given; i++)
        {
            _insert.RequireGiven(i, insert.Table.Position);
            ColumnDescriptor column = _insert.Table.Columns[_insert.Columns[i]];
            RelationColumn source = relation.Columns[i];
            Expression value = BoundNodes.Of(BoundNodes.Column((uint)i, source.Type, source.IsNullable));
            if (source.IsUntyped)
            {
                value = BoundNodes.Cast(value, column.Type);
            }

            project.Expressions.Add(
                BoundExpression.AssignmentFromMessage(value, column.Type).ToMessage().ToByteString());
        }

        BindNumbers(project, relation, given);
        return new RelationNode { Project = project };
    }
}
