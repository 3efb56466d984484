using System.Collections.Generic;
using System.Globalization;
using ShardSql.Planning.Access;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Queries;

/// <summary>
/// Splits expressions of a grouped query in two: the groups and aggregates inside them, which run over the table's
/// rows, and what is left, which runs over one row of groups and aggregates under made-up column names.
/// </summary>
internal sealed class AggregateRewriter
{
    private readonly List<Expression> _groups = [];
    private readonly List<string> _groupKeys = [];
    private readonly List<ExpressionTree> _aggregates = [];
    private readonly List<string> _aggregateKeys = [];

    /// <summary>The grouping expressions.</summary>
    public IReadOnlyList<Expression> Groups => _groups;

    /// <summary>The aggregates in the order of their first use, each once.</summary>
    public IReadOnlyList<ExpressionTree> Aggregates => _aggregates;

    /// <summary>The made-up name of a group; no user's name can hold a NUL.</summary>
    public static string GroupName(int index) => "\0g" + index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The made-up name of an aggregate.</summary>
    public static string AggregateName(int index) => "\0a" + index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds a grouping expression.</summary>
    public void AddGroup(Expression group)
    {
        _groups.Add(group);
        _groupKeys.Add(ExpressionKey.Of(group));
    }

    /// <summary>What is left of an expression above groups and aggregates; 42803 for a column that is neither.</summary>
    public Expression Rewrite(Expression expression)
    {
        var result = new Expression();
        Rewrite(ExpressionTree.Of(expression), result);
        return result;
    }

    /// <summary>Whether an expression holds an aggregate.</summary>
    public static bool HasAggregate(Expression? expression)
    {
        if (expression is null)
        {
            return false;
        }

        foreach (ExpressionNode node in expression.Nodes)
        {
            if (node.Op == ExpressionOp.Aggregate)
            {
                return true;
            }
        }

        return false;
    }

    private void Rewrite(ExpressionTree tree, Expression result)
    {
        int group = _groupKeys.Count == 0 ? -1 : _groupKeys.IndexOf(ExpressionKey.Of(tree.ToExpression()));
        if (group >= 0)
        {
            result.Nodes.Add(Column(GroupName(group), tree.Node));
            return;
        }

        switch (tree.Op)
        {
            case ExpressionOp.Aggregate:
                result.Nodes.Add(Column(AggregateName(IndexOf(tree)), tree.Node));
                return;
            case ExpressionOp.Column:
                throw new SqlException(
                    SqlStates.GroupingError,
                    $"column \"{tree.Node.Name}\" must appear in the GROUP BY clause or be used in an aggregate function",
                    (int)tree.Node.Position);
        }

        foreach (ExpressionTree child in tree.Children)
        {
            Rewrite(child, result);
        }

        result.Nodes.Add(tree.Node);
    }

    private int IndexOf(ExpressionTree aggregate)
    {
        foreach (ExpressionTree argument in aggregate.Children)
        {
            if (HasAggregate(argument.ToExpression()))
            {
                throw new SqlException(
                    SqlStates.GroupingError, "aggregate function calls cannot be nested", (int)aggregate.Node.Position);
            }
        }

        string key = ExpressionKey.Of(aggregate.ToExpression());
        int index = _aggregateKeys.IndexOf(key);
        if (index < 0)
        {
            index = _aggregates.Count;
            _aggregates.Add(aggregate);
            _aggregateKeys.Add(key);
        }

        return index;
    }

    private static ExpressionNode Column(string name, ExpressionNode replaced) =>
        new() { Op = ExpressionOp.Column, Name = name, Position = replaced.Position };
}
