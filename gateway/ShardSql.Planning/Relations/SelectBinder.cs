using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Binds one SELECT. First all expressions, over provisional places; then, when it is known what they read, the
/// operators from FROM upwards.
/// </summary>
internal sealed class SelectBinder : RelationRows
{
    private readonly RelationBuild _build;
    private readonly Select _select;
    private readonly SubqueryFrame? _outer;
    private readonly CommonTables? _tables;
    private readonly Stage _below = new();
    private readonly FromBinder _from;
    private readonly ExpressionRewriter _rows;
    private readonly List<Expression> _where = [];
    private readonly ExpressionRewriter _listed;
    private readonly SelectOutput _output;
    private readonly LimitNode? _limit;
    private GroupRewriter? _groups;
    private Expression? _having;

    public SelectBinder(RelationBuild build, Select select, SubqueryFrame? outer, CommonTables? tables)
    {
        _build = build;
        _select = select;
        _outer = outer;
        _tables = tables;
        _from = new FromBinder(build, _below, outer, tables);
        _from.Bind(select);
        _rows = new ExpressionRewriter(build, _below, _from.Names, outer, tables);
        BindWhere();
        _listed = Group();
        _listed.TakesWindows = true;
        _output = new SelectOutput(_select, _from.Names, _listed);
        _output.Bind();
        _limit = new LimitBinder(_build, _outer, _tables).Bind(_select);
    }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<RelationColumn> Columns => _output.Columns;

    /// <inheritdoc />
    public override bool Takes(Expression condition) => Below(condition) is not null;

    /// <inheritdoc />
    protected override void Put(Expression condition) => _where.Add(Below(condition)!);

    /// <inheritdoc />
    protected override RelationNode Build()
    {
        BuildRows();
        return _output.Finish(BuildList(), _limit);
    }

    /// <summary>A condition on its columns as one on the rows of FROM; null where that would let other rows pass.</summary>
    private Expression? Below(Expression condition)
    {
        if (_limit is not null || _select.DistinctOn.Count > 0
            || BoundNodes.Replace(condition, ValueBelow) is not { } below
            || below.Nodes.Count > RelationLimits.MadeConditionNodesMax)
        {
            return null;
        }

        // What reads no column says nothing of single rows.
        return BoundNodes.Contains(below, static n => n.Op == ExpressionOp.BoundColumn) ? below : null;
    }

    /// <summary>What a column is over the rows of FROM; null where it is the same for all of them, or where rows that it
    /// tells apart are seen together.</summary>
    private Expression? ValueBelow(uint column)
    {
        Expression value = _output[column];
        if (!_listed.Stage.IsPartitionedBy(value) || (_groups is null ? value : _groups.Below(value)) is not { } below)
        {
            return null;
        }

        bool isOfRow = true;
        bool reads = false;
        foreach (ExpressionNode node in below.Nodes)
        {
            reads |= node.Op == ExpressionOp.BoundColumn;
            isOfRow &= node.Op switch
            {
                ExpressionOp.BoundColumn => node.Ordinal < Stage.FirstSubquery,
                ExpressionOp.BoundParameter => node.Ordinal < _build.Parameters,
                _ => true,
            };
        }

        return reads && isOfRow ? below : null;
    }

    private void BindWhere()
    {
        if (_select.Where?.Nodes.Count > 0)
        {
            _rows.Clause = "WHERE";
            foreach (ExpressionTree conjunct in
                ExpressionTree.Of(_build.Binding.Fold(_select.Where)).Conjuncts())
            {
                Expression condition = _rows.Rewrite(conjunct);
                _ = BoundExpression.ConditionFromMessage(condition, "WHERE");
                _where.Add(condition);
            }
        }
    }

    /// <summary>The rewriter of what stands above WHERE: over groups where there are any, else over the rows.</summary>
    private ExpressionRewriter Group()
    {
        bool isGrouped = _select.GroupBy.Count > 0 || _select.Having?.Nodes.Count > 0;
        foreach (SelectItem item in _select.Items)
        {
            isGrouped |= !item.Star && GroupKeys.HoldsAggregate(item.Expression);
        }

        foreach (OrderItem item in _select.OrderBy)
        {
            isGrouped |= GroupKeys.HoldsAggregate(item.Expression);
        }

        if (!isGrouped)
        {
            return _rows;
        }

        _rows.Clause = "GROUP BY";
        _groups = new GroupRewriter(_rows);
        new GroupKeys(_select, _from.Names, _rows).AddTo(_groups);
        _rows.Clause = "an aggregate function";
        var rewriter = new ExpressionRewriter(_build, new Stage(), _from.Names, _outer, _tables) { Groups = _groups };
        if (_select.Having?.Nodes.Count > 0)
        {
            rewriter.Clause = "HAVING";
            _having = rewriter.Rewrite(_select.Having);
            _ = BoundExpression.ConditionFromMessage(_having, "HAVING");
        }

        return rewriter;
    }

    /// <summary>What stands above WHERE.</summary>
    private Stage BuildList()
    {
        Stage stage = _below;
        if (_groups is not null)
        {
            _below.AddSubqueries();
            stage = _listed.Stage;
            stage.Known = _groups.Known(_below.Known);
            stage.Begin(
                new RelationNode
                {
                    Aggregate = new AggregateNode { Input = _below.Node, Aggregation = _groups.ToMessage() },
                },
                _groups.Width);
        }

        if (_having is not null)
        {
            stage.AddSubqueries();
            stage.Filter(_having, "HAVING");
        }

        stage.AddSubqueries();
        stage.AddWindows();
        return stage;
    }

    private void BuildRows()
    {
        if (_from.Tree is not { } tree)
        {
            _below.Begin(new RelationNode { Values = new ValuesNode { Rows = { new ValuesRow() } } }, 0);
            FilterBy(_where);
            return;
        }

        var planner = new JoinPlanner(_build, _from.Names.Leaves);
        var withQueries = new List<Expression>();
        tree = JoinQueries.Lift(tree, _where);
        var conditions = new List<Conjunct>();
        foreach (Conjunct conjunct in planner.Of(_where))
        {
            if (conjunct.HasQuery)
            {
                withQueries.Add(conjunct.Condition);
            }
            else
            {
                conditions.Add(conjunct);
            }
        }

        JoinedRows rows = planner.Plan(tree, conditions);
        _below.Begin(rows.Node, rows.Width, rows.Layout);
        _below.Known = planner.Known(tree, conditions);
        FilterBy(withQueries);
    }

    private void FilterBy(List<Expression> conditions)
    {
        if (BoundNodes.And(conditions) is { } condition)
        {
            _below.AddSubqueries();
            _below.Filter(condition, "WHERE");
        }
    }
}
