using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using SortKey = ShardSql.Execution.Plans.SortKey;

namespace ShardSql.Planning.Queries;

/// <summary>Binds the parts of a SELECT above its WHERE: select list, GROUP BY, HAVING, ORDER BY.</summary>
internal sealed class QueryBinder
{
    private readonly Select _select;
    private readonly QuerySource _source;
    private readonly Binding _rows;
    private readonly List<Expression> _groups = [];
    private readonly List<OutputItem> _items;
    private readonly List<Expression> _outputs = [];
    private readonly List<SortKey> _order = [];
    private readonly List<int> _orderColumns = [];
    private bool _isGrouped;

    public QueryBinder(Select select, QuerySource source, Binding rows)
    {
        _select = select;
        _source = source;
        _rows = rows;
        _items = OutputItems.Expand(select.Items, source);
    }

    /// <summary>Binds it all.</summary>
    public BoundQuery Bind()
    {
        OutputItems.CheckCount(_select.GroupBy.Count, "keys of GROUP BY");
        OutputItems.CheckCount(_select.OrderBy.Count, "keys of ORDER BY");
        AddGroups();
        foreach (OutputItem item in _items)
        {
            _outputs.Add(item.Expression);
        }

        AddOrder();
        OutputItems.CheckCount(_outputs.Count, "columns of a result and keys of its order");
        AggregateBinding? grouped = _isGrouped ? _rows.Group(_groups) : null;
        var stage = new OutputStage
        {
            Visible = (uint)_items.Count,
            Distinct = _select.Distinct,
        };
        var columns = new List<ResultColumn>(_items.Count);
        for (int i = 0; i < _outputs.Count; i++)
        {
            BoundExpression bound = grouped?.Bind(_rows.Fold(_outputs[i])) ?? _rows.Bind(_outputs[i]);
            stage.Projection.Add(_rows.ToBytes(bound));
            if (i < _items.Count)
            {
                columns.Add(OutputItems.Describe(_items[i], bound.Type, bound.IsNullable, _source));
            }
        }

        if (grouped is not null && _select.Having?.Nodes.Count > 0)
        {
            stage.Having = _rows.ToBytes(grouped.BindCondition(_rows.Fold(_select.Having), "HAVING"));
        }

        OutputItems.CheckCount(grouped?.Calls.Count ?? 0, "aggregates");
        stage.Order.AddRange(_order);
        return new BoundQuery
        {
            Grouped = grouped,
            Aggregation = grouped is null ? null : ToMessage(grouped),
            Output = stage,
            Columns = columns,
            OrderColumns = _isGrouped ? [] : _orderColumns,
        };
    }

    private void AddGroups()
    {
        foreach (Expression group in _select.GroupBy)
        {
            Expression resolved = ResolveGroup(group);
            if (Aggregates.Contains(resolved))
            {
                throw new SqlException(
                    SqlStates.GroupingError,
                    "aggregate functions are not allowed in GROUP BY",
                    (int)group.Nodes[0].Position);
            }

            _groups.Add(_rows.Fold(resolved));
        }

        _isGrouped = _select.GroupBy.Count > 0 || Aggregates.Contains(_select.Having)
            || _select.Having?.Nodes.Count > 0;
        foreach (OutputItem item in _items)
        {
            _isGrouped |= Aggregates.Contains(item.Expression);
        }

        foreach (OrderItem item in _select.OrderBy)
        {
            _isGrouped |= Aggregates.Contains(item.Expression);
        }
    }

    private Expression ResolveGroup(Expression group)
    {
        if (group.Nodes.Count != 1)
        {
            return group;
        }

        ExpressionNode node = group.Nodes[0];
        if (node.Op == ExpressionOp.Literal)
        {
            SqlValue literal = ValueCodec.FromBytes(node.Literal.Span);
            if (!literal.IsNull && new SqlType(literal.Kind).IsInteger)
            {
                return _items[SelectPosition.IndexOf(literal.AsInt64(), _items.Count, "GROUP BY", node.Position)].Expression;
            }
        }

        if (node.Op == ExpressionOp.Column && node.Qualifier.Length == 0 && _source.OrdinalOf(node) < 0)
        {
            // PostgreSQL: a column of the table goes before an alias here.
            int item = FindNamed(node);
            return item >= 0 ? _items[item].Expression : group;
        }

        return group;
    }

    private void AddOrder()
    {
        bool ascendingColumns = true;
        foreach (OrderItem item in _select.OrderBy)
        {
            int column = item.Ordinal > 0
                ? SelectPosition.IndexOf(item.Ordinal, _items.Count, "ORDER BY", item.Position)
                : ResolveOrder(item.Expression);
            bool nullsFirst = item.Nulls == NullsOrder.First
                || (item.Nulls == NullsOrder.Default && item.Descending);
            _order.Add(new SortKey
            {
                Column = (uint)column,
                Descending = item.Descending,
                NullsFirst = nullsFirst,
            });
            Expression by = _outputs[column];
            int ordinal = by.Nodes.Count == 1 && by.Nodes[0].Op == ExpressionOp.Column
                ? _source.OrdinalOf(by.Nodes[0])
                : -1;
            ascendingColumns &= ordinal >= 0 && !item.Descending
                && !(nullsFirst && _source.IsNullable(ordinal));
            if (ascendingColumns)
            {
                _orderColumns.Add(ordinal);
            }
        }
    }

    private int ResolveOrder(Expression expression)
    {
        if (expression.Nodes.Count == 1 && expression.Nodes[0] is
            { Op: ExpressionOp.Column, Qualifier.Length: 0 } column)
        {
            int named = FindNamed(column);
            if (named >= 0)
            {
                return named;
            }
        }

        string key = ExpressionKey.Of(expression);
        for (int i = 0; i < _outputs.Count; i++)
        {
            if (ExpressionKey.Of(_outputs[i]) == key)
            {
                return i;
            }
        }

        if (_select.Distinct)
        {
            throw new SqlException(
                SqlStates.InvalidColumnReference,
                "for SELECT DISTINCT, ORDER BY expressions must appear in the select list",
                (int)expression.Nodes[^1].Position);
        }

        _outputs.Add(expression);
        return _outputs.Count - 1;
    }

    private int FindNamed(ExpressionNode reference)
    {
        int found = -1;
        for (int i = 0; i < _items.Count; i++)
        {
            if (!_items[i].IsNamed(reference.Name))
            {
                continue;
            }

            if (found >= 0 && ExpressionKey.Of(_items[i].Expression) != ExpressionKey.Of(_items[found].Expression))
            {
                throw new SqlException(
                    SqlStates.AmbiguousColumn,
                    $"\"{reference.Name}\" is ambiguous: several output columns have that name",
                    (int)reference.Position);
            }

            found = found < 0 ? i : found;
        }

        return found;
    }

    private Aggregation ToMessage(AggregateBinding grouped)
    {
        var aggregation = new Aggregation();
        foreach (BoundExpression key in grouped.Keys)
        {
            aggregation.Groups.Add(_rows.ToBytes(key));
        }

        foreach (AggregateCall call in grouped.Calls)
        {
            aggregation.Aggregates.Add(_rows.ToBytes(call));
        }

        return aggregation;
    }
}
