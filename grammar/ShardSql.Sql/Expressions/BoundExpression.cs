using System;
using System.Collections.Generic;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// An expression ready to evaluate over rows: immutable, typed, safe for many threads, deterministic. It travels as a
/// message with bound places, so that a leader evaluates what a gateway bound.
/// </summary>
public sealed class BoundExpression
{
    private readonly Node _root;

    internal BoundExpression(Node root) => _root = root;

    /// <summary>The type of the result.</summary>
    public SqlType Type => _root.Type;

    /// <summary>Whether the result can be NULL.</summary>
    public bool IsNullable => _root.IsNullable;

    /// <summary>Whether it calls a function whose value only the gateway gives; such an expression is evaluated there,
    /// or after <see cref="WithContext"/> has put the values of stable functions in their places.</summary>
    public bool IsVolatile => _root.IsVolatile;

    /// <summary>Whether it is one known value.</summary>
    public bool IsConstant => _root is ConstantNode;

    /// <summary>The place of the column when the expression is nothing but a column, else null.</summary>
    public int? ColumnOrdinal => _root is ColumnNode column ? column.Ordinal : null;

    internal Node Root => _root;

    /// <summary>A constant.</summary>
    public static BoundExpression Constant(SqlValue value, SqlType type) => new(new ConstantNode(value, type, 0));

    /// <summary>A column of the row.</summary>
    public static BoundExpression Column(int ordinal, SqlType type, bool isNullable) =>
        new(new ColumnNode(new ColumnBinding(ordinal, type, isNullable), 0));

    /// <summary>All of the conditions, null when there are none.</summary>
    public static BoundExpression? And(IReadOnlyList<BoundExpression> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return conditions.Count switch
        {
            0 => null,
            1 => conditions[0],
            _ => new BoundExpression(new JunctionNode(
                isAnd: true, [.. System.Linq.Enumerable.Select(conditions, c => c._root)], 0)),
        };
    }

    /// <summary>Whether an expression calls a function whose value is another one at each call.</summary>
    public static bool GivesAnotherEachTime(Expression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        foreach (ExpressionNode node in expression.Nodes)
        {
            if (node.Op == ExpressionOp.Function && ContextFunctions.TryGetType(node.Name, out _)
                && !ContextFunctions.IsStable(node.Name))
            {
                return true;
            }

            if (SequenceFunctions.IsChange(node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Binds a message again; 08P01 when it is malformed or names columns that are not bound.</summary>
    public static BoundExpression FromMessage(Expression message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Node node = new NodeBuilder(RowScope.Empty, new ParameterSet(), allowsBound: true).Build(message);
        return new BoundExpression(Coercion.Settle(node));
    }

    /// <summary>As <see cref="FromMessage"/>, of a condition: 42804 unless it is boolean.</summary>
    public static BoundExpression ConditionFromMessage(Expression message, string clause)
    {
        Node node = new NodeBuilder(RowScope.Empty, new ParameterSet(), allowsBound: true).Build(message);
        return new BoundExpression(NodeBuilder.Condition(node, clause));
    }

    /// <summary>As <see cref="FromMessage"/>, converted as an assignment to a column of the type.</summary>
    public static BoundExpression AssignmentFromMessage(Expression message, SqlType target)
    {
        Node node = new NodeBuilder(RowScope.Empty, new ParameterSet(), allowsBound: true).Build(message);
        return new BoundExpression(Coercion.To(node, target, CastContext.Assignment));
    }

    /// <summary>The type in which two types meet, null where they do not.</summary>
    public static SqlType? CommonType(SqlType left, SqlType right) => Coercion.Common(
        [new ColumnNode(new ColumnBinding(0, left, true), 0), new ColumnNode(new ColumnBinding(1, right, true), 0)]);

    /// <summary>The message.</summary>
    public Expression ToMessage()
    {
        var message = new Expression();
        _root.Append(message.Nodes);
        return message;
    }

    /// <summary>Evaluates over a row and the parameters of the request.</summary>
    public SqlValue Evaluate(ReadOnlySpan<SqlValue> row, ReadOnlySpan<SqlValue> parameters) =>
        _root.Evaluate(new Frame(row, parameters, null));

    /// <summary>Evaluates with the gateway's context, as a volatile expression needs.</summary>
    public SqlValue Evaluate(
        ReadOnlySpan<SqlValue> row, ReadOnlySpan<SqlValue> parameters, EvaluationContext context) =>
        _root.Evaluate(new Frame(row, parameters, context));

    /// <summary>Whether the condition is true: neither false nor NULL.</summary>
    public bool IsTrue(ReadOnlySpan<SqlValue> row, ReadOnlySpan<SqlValue> parameters) =>
        _root.Evaluate(new Frame(row, parameters, null)).IsTrue;

    /// <summary>The expression with the parameters' values in their places, folded: for a list of a thousand parameters
    /// this makes each row a look-up.</summary>
    public BoundExpression WithParameters(ReadOnlySpan<SqlValue> parameters)
    {
        Expression message = ToMessage();
        for (int i = 0; i < message.Nodes.Count; i++)
        {
            ExpressionNode node = message.Nodes[i];
            if (node is { Op: ExpressionOp.BoundParameter, Flag: false })
            {
                SqlType type = SqlType.FromMessage(node.Type);
                SqlValue value = parameters[(int)node.Ordinal];
                message.Nodes[i] = LiteralOf(
                    value.IsNull ? SqlValue.NullOf(type.Kind) : SqlCast.To(value, type, isExplicit: false), type, node);
            }
        }

        return FromMessage(message);
    }

    /// <summary>The expression with the values of stable functions (now, current_date, ...) in their places, folded.
    /// Calls that give something else each time stay.</summary>
    public BoundExpression WithContext(EvaluationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!IsVolatile)
        {
            return this;
        }

        Expression message = ToMessage();
        for (int i = 0; i < message.Nodes.Count; i++)
        {
            ExpressionNode node = message.Nodes[i];
            if (node.Op == ExpressionOp.Function && node.Children == 0
                && ContextFunctions.TryGetType(node.Name, out SqlType type) && ContextFunctions.IsStable(node.Name))
            {
                message.Nodes[i] = LiteralOf(ContextFunctions.Evaluate(node.Name, context), type, node);
            }
        }

        return FromMessage(message);
    }

    /// <summary>The places of all columns that it reads, each once, rising.</summary>
    public IReadOnlyList<int> ReferencedColumns()
    {
        var found = new SortedSet<int>();
        Collect(_root, found);
        return [.. found];
    }

    /// <summary>As SQL, with columns as $1, $2, ... and parameters as @1, @2, ...: for EXPLAIN.</summary>
    public override string ToString() => ExpressionPrinter.Print(ToMessage());

    private static ExpressionNode LiteralOf(SqlValue value, SqlType type, ExpressionNode replaced)
    {
        ExpressionNode literal = ExpressionBuilder.Literal(value, replaced.Position);
        literal.Type = type.ToMessage();
        return literal;
    }

    private static void Collect(Node node, SortedSet<int> found)
    {
        if (node is ColumnNode column)
        {
            found.Add(column.Ordinal);
        }

        foreach (Node child in node.Children)
        {
            Collect(child, found);
        }
    }
}
