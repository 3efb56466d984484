using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using SortKey = ShardSql.Execution.Plans.SortKey;

namespace ShardSql.Planning.Relations;

/// <summary>The select list with DISTINCT, ORDER BY, LIMIT and OFFSET.</summary>
internal sealed class SelectOutput
{
    private readonly Select _select;
    private readonly FromNames _names;
    private readonly ExpressionRewriter _rewriter;
    private readonly List<OutputItem> _items;
    private readonly List<Expression> _written = [];
    private readonly List<Expression> _values = [];
    private readonly List<SortKey> _order = [];
    private readonly List<uint> _distinctOn = [];
    private readonly List<RelationColumn> _columns = [];

    public SelectOutput(Select select, FromNames names, ExpressionRewriter rewriter)
    {
        _select = select;
        _names = names;
        _rewriter = rewriter;
        _items = Expand(select.Items, names);
    }

    /// <summary>The items with stars expanded.</summary>
    public static List<OutputItem> Expand(IReadOnlyList<SelectItem> items, FromNames names)
    {
        var expanded = new List<OutputItem>(items.Count);
        foreach (SelectItem item in items)
        {
            if (!item.Star)
            {
                expanded.Add(new OutputItem(item.Expression, item.Name, item.AliasQuoted));
                continue;
            }

            if (names.Leaves.Count == 0)
            {
                throw new SqlException(SqlStates.SyntaxError, "SELECT * needs a FROM clause", (int)item.Position);
            }

            IReadOnlyList<NamedColumn> columns = item.StarQualifier.Length == 0
                ? names.Columns
                : names.ColumnsOf(item.StarQualifier, item.Position);
            foreach (NamedColumn column in columns)
            {
                expanded.Add(new OutputItem(Star(column, item.Position), column.Name, IsQuoted: true));
            }
        }

        return expanded;
    }

    /// <summary>Binds items and order.</summary>
    public void Bind()
    {
        _rewriter.Clause = "the select list";
        foreach (OutputItem item in _items)
        {
            Expression value = Value(item.Expression);
            BoundExpression bound = BoundNodes.Bind(value);
            _written.Add(item.Expression);
            _values.Add(value);
            _columns.Add(Describe(item, value, bound));
        }

        foreach (Expression key in _select.DistinctOn)
        {
            _distinctOn.Add((uint)OnColumn(key));
        }

        foreach (OrderItem item in _select.OrderBy)
        {
            _order.Add(new SortKey
            {
                Column = (uint)OrderColumn(item),
                Descending = item.Descending,
                NullsFirst = WindowGroup.NullsFirst(item),
            });
        }

        if (_distinctOn.Count > 0)
        {
            DistinctOn.Check(_distinctOn, _order, _select);
        }
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<RelationColumn> Columns => _columns;

    /// <summary>The value of a column over the rows of the stage.</summary>
    public Expression this[uint column] => _values[(int)column];

    /// <summary>The operators above a stage.</summary>
    public RelationNode Finish(Stage stage, LimitNode? limit)
    {
        var project = new ProjectNode { Input = stage.Node };
        foreach (Expression value in _values)
        {
            project.Expressions.Add(stage.Bytes(value));
        }

        var node = new RelationNode { Project = project };
        if (_distinctOn.Count > 0)
        {
            node = DistinctOn.Of(node, _distinctOn, _order, [.. _values.Select(v => BoundNodes.Bind(v).Type)]);
        }

        node = QueryTail.Finish(node, _select.Distinct, _order, limit);
        if (_values.Count > _items.Count || _distinctOn.Count > 0)
        {
            node = QueryTail.First(node, _columns);
        }

        return node;
    }

    /// <summary>A column of a star names its part, however ambiguous its own name is.</summary>
    private static Expression Star(NamedColumn column, uint position) => new()
    {
        Nodes =
        {
            new ExpressionNode
            {
                Op = ExpressionOp.Column,
                Qualifier = column.Merged is null ? column.Leaf.Qualifier : string.Empty,
                Name = column.Column.Name,
                Position = position,
                // Of a part without a name only the place tells.
                Ordinal = column.Leaf.First + (uint)column.Index,
            },
        },
    };

    private Expression Value(Expression expression)
    {
        if (expression.Nodes is [{ Op: ExpressionOp.Column, Qualifier.Length: 0, Ordinal: > 0 } star]
            && _rewriter.Groups is null && TryUnnamed(star) is { } unnamed)
        {
            return unnamed;
        }

        return _rewriter.Rewrite(expression);
    }

    private Expression? TryUnnamed(ExpressionNode star)
    {
        foreach (FromLeaf leaf in _names.Leaves)
        {
            if (leaf.Qualifier.Length == 0 && leaf.Owns(star.Ordinal))
            {
                return BoundNodes.Of(leaf.Use((int)(star.Ordinal - leaf.First)));
            }
        }

        return null;
    }

    private RelationColumn Describe(OutputItem item, Expression value, BoundExpression bound)
    {
        var column = new RelationColumn(string.Empty, item.Name, bound.Type, bound.IsNullable)
        {
            IsUntyped = BoundNodes.IsUntyped(item.Expression),
            IsQuoted = item.IsQuoted,
        };
        int place = _rewriter.Groups is null ? BoundNodes.ColumnOf(value) : -1;
        foreach (FromLeaf leaf in place < 0 ? [] : _names.Leaves)
        {
            if (leaf.Owns((uint)place))
            {
                RelationColumn source = leaf.Columns[place - (int)leaf.First];
                column = column with
                {
                    Table = source.Table,
                    BaseColumn = source.BaseColumn,
                    IsKey = source.IsKey,
                    IsAutoIncrement = source.IsAutoIncrement,
                };
            }
        }

        return column;
    }

    /// <summary>As in ORDER BY: a number or a name of the list, or an expression.</summary>
    private int OnColumn(Expression key)
    {
        var item = new OrderItem { Expression = key, Position = key.Nodes[^1].Position };
        bool isOrdinal = key.Nodes is [{ Op: ExpressionOp.Literal } literal]
            && ValueCodec.FromBytes(literal.Literal.Span) is { IsNull: false, Kind: SqlKind.Int32 };
        if (isOrdinal)
        {
            return SelectPosition.IndexOf(
                ValueCodec.FromBytes(key.Nodes[0].Literal.Span).AsInt64(), _items.Count, "DISTINCT ON", item.Position);
        }

        return OrderColumn(item);
    }

    private int OrderColumn(OrderItem item)
    {
        if (item.Ordinal > 0)
        {
            return SelectPosition.IndexOf(item.Ordinal, _items.Count, "ORDER BY", item.Position);
        }

        if (item.Expression.Nodes is [{ Op: ExpressionOp.Column, Qualifier.Length: 0 } name] && Named(name) is { } named)
        {
            return named;
        }

        _rewriter.Clause = "ORDER BY";
        Expression value = _rewriter.Rewrite(item.Expression);
        string shape = BoundNodes.Shape(value);
        int known = _values.FindIndex(v => BoundNodes.Shape(v) == shape);
        if (known >= 0)
        {
            return known;
        }

        if (_select.Distinct)
        {
            throw new SqlException(
                SqlStates.InvalidColumnReference,
                "for SELECT DISTINCT, ORDER BY expressions must appear in the select list",
                (int)item.Position);
        }

        _values.Add(value);
        return _values.Count - 1;
    }

    private int? Named(ExpressionNode reference)
    {
        int found = -1;
        for (int i = 0; i < _items.Count; i++)
        {
            if (!_items[i].IsNamed(reference.Name))
            {
                continue;
            }

            if (found >= 0 && BoundNodes.Shape(_values[i]) != BoundNodes.Shape(_values[found]))
            {
                throw new SqlException(
                    SqlStates.AmbiguousColumn,
                    $"\"{reference.Name}\" is ambiguous: several output columns have that name",
                    (int)reference.Position);
            }

            found = found < 0 ? i : found;
        }

        return found < 0 ? null : found;
    }
}
