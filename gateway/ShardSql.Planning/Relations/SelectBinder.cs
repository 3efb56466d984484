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
internal sealed class SelectBinder
{
    private readonly RelationBuild _build;
    private readonly Select _select;
    private readonly SubqueryFrame? _outer;
    private readonly CommonTables? _tables;
    private readonly Stage _below = new();
    private readonly FromBinder _from;
    private readonly ExpressionRewriter _rows;
    private readonly List<Expression> _where = [];
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
    }

    /// <summary>Binds it with its ORDER BY, LIMIT and OFFSET.</summary>
    public BoundRelation Bind()
    {
        BindWhere();
        ExpressionRewriter rewriter = Group();
        rewriter.TakesWindows = true;
        var output = new SelectOutput(_select, _from.Names, rewriter);
        output.Bind();
        Stage stage = Build(rewriter);
        return output.Finish(stage, new LimitBinder(_build, _outer, _tables).Bind(_select));
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

    /// <summary>The operators, now that all is bound.</summary>
    private Stage Build(ExpressionRewriter rewriter)
    {
        BuildRows();
        Stage stage = _below;
        if (_groups is not null)
        {
            _below.AddSubqueries();
            stage = rewriter.Stage;
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
        foreach (Expression condition in _where)
        {
            Conjunct conjunct = planner.Of(condition);
            if (conjunct.HasQuery)
            {
                withQueries.Add(condition);
            }
            else
            {
                conditions.Add(conjunct);
            }
        }

        JoinedRows rows = planner.Plan(tree, conditions);
        _below.Begin(rows.Node, rows.Width, rows.Layout);
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
