using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Finds the rows that an UPDATE or DELETE is about with all that it needs to know of them: a row is the target's columns,
/// the new values, then what RETURNING reads of other tables.
/// </summary>
internal sealed class TargetRows
{
    private readonly RelationBuild _build;
    private readonly Stage _stage = new();
    private readonly FromBinder _from;
    private readonly FromLeaf _target;
    private readonly ExpressionRewriter _rewriter;
    private readonly List<Expression> _values = [];
    private readonly Dictionary<uint, uint> _places = [];

    public TargetRows(
        RelationBuild build, TableReference table, IReadOnlyList<FromNode> sources, CommonTables? tables)
    {
        _build = build;
        SchemaNames.RequireUserSchema(table.Table);
        Table = Ddl.ViewPlanner.RequireTable(
            build.Context.Catalog.Require(table.Table.Name, (int)table.Table.Position), table.Table);
        _from = new FromBinder(build, _stage, null, tables);
        _target = _from.Add(Table, table.Alias);
        _from.Bind(sources);
        _rewriter = new ExpressionRewriter(build, _stage, _from.Names, null, tables);
        for (int i = 0; i < Table.Columns.Count; i++)
        {
            _ = _target.Use(i);
        }
    }

    /// <summary>The table that is written.</summary>
    public TableDescriptor Table { get; }

    /// <summary>Whether the rows are exact: what has spilled is added to them, and the last column of a found row is NULL
    /// where nothing has.</summary>
    public bool AreExact => _target.Rows is not null;

    /// <summary>The names of a star in RETURNING.</summary>
    public FromNames Names => _from.Names;

    /// <summary>Adds a new value for a column.</summary>
    public void Add(Expression written, ColumnDescriptor column)
    {
        _rewriter.Clause = "UPDATE";
        Expression value = Binding.IsDefault(written)
            ? column.Default ?? Binding.Literal(SqlValue.NullOf(column.Type.Kind))
            : written;
        Expression bound = _rewriter.Rewrite(value);
        _ = BoundExpression.AssignmentFromMessage(bound, column.Type);
        _values.Add(Converted(bound, column.Type));
    }

    /// <summary>Binds an item of RETURNING over the columns of all tables.</summary>
    public Expression Returning(Expression written)
    {
        _rewriter.Clause = "RETURNING";
        if (BoundNodes.NeedsRelations(written))
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                "a query in RETURNING is not supported",
                (int)written.Nodes[^1].Position)
            {
                Hint = "Read it in a statement of its own, in the same transaction.",
            };
        }

        return _rewriter.Rewrite(written);
    }

    /// <summary>The operators that find the rows.</summary>
    public RelationNode Build(Expression? where)
    {
        var conditions = new List<Expression>();
        var withQueries = new List<Expression>();
        _rewriter.Clause = "WHERE";
        var planner = new JoinPlanner(_build, _from.Names.Leaves);
        var plain = new List<Conjunct>();
        foreach (Access.ExpressionTree conjunct in where?.Nodes.Count > 0
            ? Access.ExpressionTree.Of(_build.Binding.Fold(where)).Conjuncts()
            : [])
        {
            Expression condition = _rewriter.Rewrite(conjunct);
            _ = BoundExpression.ConditionFromMessage(condition, "WHERE");
            conditions.Add(condition);
        }

        FromTree tree = JoinQueries.Lift(_from.Tree!, conditions);
        foreach (Conjunct conjunct in planner.Of(conditions))
        {
            if (conjunct.HasQuery)
            {
                withQueries.Add(conjunct.Condition);
            }
            else
            {
                plain.Add(conjunct);
            }
        }

        JoinedRows rows = planner.Plan(tree, plain);
        _stage.Begin(rows.Node, rows.Width, rows.Layout);
        _stage.Known = planner.Known(tree, plain);
        if (BoundNodes.And(withQueries) is { } filter)
        {
            _stage.AddSubqueries();
            _stage.Filter(filter, "WHERE");
        }

        _stage.AddSubqueries();
        return Project();
    }

    /// <summary>An item of RETURNING over a found row in which the new values have taken the place of the old.</summary>
    public BoundExpression Placed(Expression returning)
    {
        Expression placed = returning.Clone();
        foreach (ExpressionNode node in placed.Nodes)
        {
            if (node.Op == ExpressionOp.BoundColumn)
            {
                node.Ordinal = _places[node.Ordinal];
            }
        }

        return BoundNodes.Bind(placed);
    }

    private RelationNode Project()
    {
        var project = new ProjectNode { Input = _stage.Node };
        for (int i = 0; i < Table.Columns.Count; i++)
        {
            AddPlace(project, _target, i);
        }

        foreach (Expression value in _values)
        {
            project.Expressions.Add(_stage.Bytes(value));
        }

        foreach (FromLeaf leaf in _from.Names.Leaves)
        {
            foreach (uint column in ReferenceEquals(leaf, _target) ? [] : (uint[])[.. leaf.Used])
            {
                AddPlace(project, leaf, (int)column);
            }
        }

        if (AreExact)
        {
            AddPlace(project, _target, Table.Columns.Count);
        }

        return new RelationNode { Project = project };
    }

    private void AddPlace(ProjectNode project, FromLeaf leaf, int column)
    {
        ExpressionNode node = leaf.Use(column);
        _places.Add(node.Ordinal, (uint)project.Expressions.Count);
        project.Expressions.Add(_stage.Bytes(BoundNodes.Of(node)));
    }

    /// <summary>As an assignment converts it; what has no type takes that of the column.</summary>
    private static Expression Converted(Expression value, SqlType type)
    {
        Expression cast = value.Clone();
        cast.Nodes.Add(new ExpressionNode
        {
            Op = ExpressionOp.Cast,
            Children = 1,
            Type = type.ToMessage(),
            Flag = true,
        });
        return cast;
    }
}
