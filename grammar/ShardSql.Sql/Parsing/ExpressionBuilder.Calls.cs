using System.Collections.Generic;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Functions, aggregates and window functions.</content>
internal sealed partial class ExpressionBuilder
{
    private readonly Stack<Dictionary<string, ShardSqlParser.WindowSpecificationContext>> _windows = new();

    /// <summary>The windows that a SELECT names, for the expressions that are built until
    /// <see cref="PopWindows"/>.</summary>
    public void PushWindows(ShardSqlParser.NamedWindowContext[] windows)
    {
        var named = new Dictionary<string, ShardSqlParser.WindowSpecificationContext>(System.StringComparer.Ordinal);
        foreach (ShardSqlParser.NamedWindowContext window in windows)
        {
            string name = Names.Fold(window.identifier());
            if (!named.TryAdd(name, window.windowSpecification()))
            {
                throw new SqlException(
                    SqlStates.SyntaxError, $"window \"{name}\" is defined twice", window.Start.StartIndex + 1);
            }
        }

        _windows.Push(named);
    }

    /// <summary>Ends the SELECT.</summary>
    public void PopWindows() => _windows.Pop();

    /// <summary>An item of ORDER BY, whatever its expression is.</summary>
    public OrderItem Build(ShardSqlParser.OrderItemContext context) => new()
    {
        Expression = Build(context.expression()),
        Descending = context.DESC() is not null,
        Nulls = context.FIRST() is not null ? NullsOrder.First
            : context.LAST() is not null ? NullsOrder.Last : NullsOrder.Default,
        Position = Names.PositionOf(context),
    };

    private void EmitStarCall(ShardSqlParser.StarCallContext context)
    {
        string name = Names.Fold(context.functionName());
        if (name != "count")
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                $"{name}(*) is not a function; only COUNT takes *",
                context.Start.StartIndex + 1);
        }

        if (context.filter() is { } filter)
        {
            EmitFiltered(filter, () => Add(Literal(SqlValue.True, Names.PositionOf(context))));
        }

        AddCall(ExpressionOp.Aggregate, context.filter() is null ? 0 : 1, context.Start, name, false, context.over());
    }

    private void EmitPlainCall(ShardSqlParser.PlainCallContext context)
    {
        string name = Names.Fold(context.functionName());
        ShardSqlParser.ExpressionContext[] arguments = context.expression();
        bool distinct = context.DISTINCT() is not null;
        bool aggregate = Aggregates.IsAggregate(name);
        if (distinct && !aggregate)
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                "DISTINCT stands only in an aggregate",
                context.DISTINCT().Symbol.StartIndex + 1);
        }

        CheckOrder(context, name, aggregate);
        if (name == Aggregates.StringAgg)
        {
            EmitStringAgg(context, arguments, distinct);
            return;
        }

        if (aggregate && arguments.Length != 1)
        {
            throw new SqlException(
                SqlStates.UndefinedFunction, $"{name} takes one argument", context.Start.StartIndex + 1);
        }

        if (context.filter() is { } filter)
        {
            if (!aggregate)
            {
                throw new SqlException(
                    SqlStates.SyntaxError, "FILTER stands only behind an aggregate", filter.Start.StartIndex + 1);
            }

            EmitFiltered(filter, () => Emit(arguments[0]));
        }
        else
        {
            EmitAll(arguments);
        }

        ExpressionOp op = aggregate ? ExpressionOp.Aggregate : name switch
        {
            "coalesce" => ExpressionOp.Coalesce,
            "nullif" => ExpressionOp.Nullif,
            _ => ExpressionOp.Function,
        };
        bool special = op is ExpressionOp.Coalesce or ExpressionOp.Nullif;
        if ((op == ExpressionOp.Nullif && arguments.Length != 2) || (special && arguments.Length == 0))
        {
            throw new SqlException(
                SqlStates.SyntaxError, $"{name} has another number of arguments", context.Start.StartIndex + 1);
        }

        AddCall(op, arguments.Length, context.Start, special ? string.Empty : name, distinct, context.over());
    }

    private static void CheckOrder(ShardSqlParser.PlainCallContext context, string name, bool isAggregate)
    {
        if (context.aggregateOrder() is not { } order || (name == Aggregates.StringAgg && context.over() is null))
        {
            return;
        }

        throw !isAggregate
            ? new SqlException(
                SqlStates.WrongObjectType,
                $"ORDER BY specified, but {name} is not an aggregate function",
                order.Start.StartIndex + 1)
            : context.over() is not null
                ? SyntaxErrors.NotSupported(
                    "ORDER BY in an aggregate with OVER", order.Start.StartIndex, "Write OVER (ORDER BY ...).")
                : SyntaxErrors.NotSupported(
                    $"ORDER BY in {name}", order.Start.StartIndex, "Leave it out: it would make no difference.");
    }

    /// <summary>All that a row gives to it becomes one value.</summary>
    private void EmitStringAgg(
        ShardSqlParser.PlainCallContext context, ShardSqlParser.ExpressionContext[] arguments, bool distinct)
    {
        if (arguments.Length != 2)
        {
            throw new SqlException(
                SqlStates.UndefinedFunction,
                "string_agg takes two arguments: the text and what stands between",
                context.Start.StartIndex + 1);
        }

        if (context.filter() is { } filter)
        {
            EmitFiltered(filter, () => Emit(arguments[0]));
        }
        else
        {
            Emit(arguments[0]);
        }

        Emit(arguments[1]);
        ShardSqlParser.OrderItemContext[] order = context.aggregateOrder()?.orderItem() ?? [];
        string letters = string.Concat(order.Select(LettersOf));
        foreach (ShardSqlParser.OrderItemContext item in order)
        {
            Emit(item.expression());
        }

        if (distinct)
        {
            CheckDistinctOrder(arguments, order);
            if (order.Length == 0)
            {
                // What is sorted to be told apart comes out sorted.
                Emit(arguments[0]);
                letters = "al";
            }
        }

        Add(ExpressionOp.AggregateItem, 2 + (letters.Length / 2), context.Start, letters);
        AddCall(ExpressionOp.Aggregate, 1, context.Start, Aggregates.StringAgg, distinct, context.over());
    }

    private static string LettersOf(ShardSqlParser.OrderItemContext item)
    {
        bool isDescending = item.DESC() is not null;
        bool nullsFirst = item.FIRST() is not null || (isDescending && item.LAST() is null);
        return (isDescending ? "d" : "a") + (nullsFirst ? "f" : "l");
    }

    private void CheckDistinctOrder(
        ShardSqlParser.ExpressionContext[] arguments, ShardSqlParser.OrderItemContext[] order)
    {
        Expression[] known = [.. arguments.Select(Unplaced)];
        foreach (ShardSqlParser.OrderItemContext item in order)
        {
            if (!known.Contains(Unplaced(item.expression())))
            {
                throw new SqlException(
                    SqlStates.InvalidColumnReference,
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                    item.Start.StartIndex + 1);
            }
        }
    }

    /// <summary>The expression without the places of its parts: equal ones are equal then.</summary>
    private Expression Unplaced(ShardSqlParser.ExpressionContext context)
    {
        Expression expression = Build(context);
        foreach (ExpressionNode node in expression.Nodes)
        {
            node.Position = 0;
        }

        return expression;
    }

    /// <summary>An aggregate of rows that pass a filter is one of a value that is NULL for the others.</summary>
    private void EmitFiltered(ShardSqlParser.FilterContext filter, System.Action emit)
    {
        Emit(filter.expression());
        emit();
        Add(ExpressionOp.Case, 2, filter.Start);
    }

    private void AddCall(
        ExpressionOp op, int children, IToken at, string name, bool distinct, ShardSqlParser.OverContext? over)
    {
        if (over is null)
        {
            Add(op, children, at, name, distinct);
            return;
        }

        if (distinct)
        {
            throw SyntaxErrors.NotSupported(
                "DISTINCT in a window function", at.StartIndex, "Leave out equal rows in a query below it.");
        }

        ShardSqlParser.WindowSpecificationContext window = over.windowSpecification() ?? Named(over.identifier());
        var node = new ExpressionNode
        {
            Op = ExpressionOp.Window,
            Children = (uint)children,
            Name = name,
            Position = Names.PositionOf(at),
            Window = new Window(),
        };
        node.Window.PartitionBy.AddRange(window.expression().Select(Build));
        node.Window.OrderBy.AddRange(window.orderItem().Select(Build));
        node.Window.Frame = window.frame() is { } frame ? Frame(frame) : null;
        Add(node);
    }

    private ShardSqlParser.WindowSpecificationContext Named(ShardSqlParser.IdentifierContext name) =>
        _windows.Count > 0 && _windows.Peek().TryGetValue(
            Names.Fold(name), out ShardSqlParser.WindowSpecificationContext? window)
            ? window
            : throw new SqlException(
                SqlStates.UndefinedObject,
                $"window \"{Names.Fold(name)}\" does not exist",
                name.Start.StartIndex + 1);

    private WindowFrame Frame(ShardSqlParser.FrameContext context)
    {
        ShardSqlParser.FrameBoundContext[] bounds = context.frameBound();
        return new WindowFrame
        {
            Rows = context.ROWS() is not null,
            Start = Bound(bounds[0]),
            End = bounds.Length > 1 ? Bound(bounds[1]) : new FrameBound { Kind = FrameBoundKind.CurrentRow },
        };
    }

    private FrameBound Bound(ShardSqlParser.FrameBoundContext context)
    {
        bool before = context.PRECEDING() is not null;
        if (context.UNBOUNDED() is not null)
        {
            return new FrameBound
            {
                Kind = before ? FrameBoundKind.UnboundedPreceding : FrameBoundKind.UnboundedFollowing,
            };
        }

        return context.operand() is not { } offset
            ? new FrameBound { Kind = FrameBoundKind.CurrentRow }
            : new FrameBound
            {
                Kind = before ? FrameBoundKind.Preceding : FrameBoundKind.Following,
                Offset = Build(offset),
            };
    }
}
