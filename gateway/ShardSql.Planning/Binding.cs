using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>
/// Binds expressions of one statement over the columns of a scope, with the statement's parameters. Functions whose
/// value only the gateway knows are replaced by their value first, each call once, so that what a shard evaluates
/// depends on row and parameters alone.
/// </summary>
internal sealed class Binding
{
    /// <summary>From so many nodes on parameters become literals: an IN list is a look-up then.</summary>
    private const int InlineParametersFrom = 64;

    private readonly IExpressionScope _scope;
    private readonly ParameterSet _types;
    private readonly PlanningEvaluation _evaluation;

    private Binding(IExpressionScope scope, ParameterSet types, SqlValue[] values, PlanningEvaluation evaluation)
    {
        _scope = scope;
        _types = types;
        ParameterValues = values;
        _evaluation = evaluation;
    }

    /// <summary>The values of the parameters by place.</summary>
    public SqlValue[] ParameterValues { get; }

    /// <summary>Whether an expression that was made into bytes reads a parameter.</summary>
    public bool UsesParameters { get; private set; }

    /// <summary>Over a scope.</summary>
    public static Binding Of(PlanningContext context, IExpressionScope scope)
    {
        var types = new ParameterSet();
        var values = new List<SqlValue>(context.Parameters.Count);
        foreach ((string name, SqlValue value) in context.Parameters)
        {
            if (types.Add(name, new SqlType(value.Kind)) == values.Count)
            {
                values.Add(value);
            }
        }

        return new Binding(scope, types, [.. values], new PlanningEvaluation(context));
    }

    /// <summary>Over no columns.</summary>
    public static Binding WithoutColumns(PlanningContext context) => Of(context, RowScope.Empty);

    /// <summary>Groups by some expressions, folded already.</summary>
    public AggregateBinding Group(IReadOnlyList<Expression> groups) => new(_scope, groups, _types);

    /// <summary>Binds an expression.</summary>
    public BoundExpression Bind(Expression expression) => ExpressionBinder.Bind(Fold(expression), _scope, _types);

    /// <summary>Binds a condition; 42804 unless it is boolean.</summary>
    public BoundExpression BindCondition(Expression expression, string clause) =>
        ExpressionBinder.BindCondition(Fold(expression), _scope, _types, clause);

    /// <summary>Binds a value for a column.</summary>
    public BoundExpression BindAssignment(Expression expression, ColumnDescriptor column) =>
        ExpressionBinder.BindAssignment(Fold(expression), _scope, _types, column.Type);

    /// <summary>The value of an expression without columns.</summary>
    public SqlValue Evaluate(Expression expression)
    {
        // Long IN lists are lists of these.
        if (expression.Nodes.Count == 1)
        {
            ExpressionNode node = expression.Nodes[0];
            if (node.Op == ExpressionOp.Literal)
            {
                return ValueCodec.FromBytes(node.Literal.Span);
            }

            if (node.Op == ExpressionOp.Parameter && _types.OrdinalOf(node.Name) is >= 0 and int ordinal)
            {
                return ParameterValues[ordinal];
            }
        }

        return ExpressionBinder.Bind(expression, RowScope.Empty, _types).Evaluate([], ParameterValues, _evaluation);
    }

    /// <summary>The value of an expression without columns, converted for a column.</summary>
    public SqlValue EvaluateAssignment(Expression expression, ColumnDescriptor column)
    {
        if (expression.Nodes.Count == 1 && expression.Nodes[0] is { Op: ExpressionOp.Parameter } parameter
            && _types.OrdinalOf(parameter.Name) is >= 0 and int ordinal)
        {
            return SqlCast.To(ParameterValues[ordinal], column.Type, isExplicit: false);
        }

        return ExpressionBinder.BindAssignment(expression, RowScope.Empty, _types, column.Type)
            .Evaluate([], ParameterValues, _evaluation);
    }

    /// <summary>LIMIT or OFFSET; null: none.</summary>
    public long? EvaluateCount(Expression? expression, bool isOffset) => expression is null || expression.Nodes.Count == 0
        ? null
        : ExpressionBinder.EvaluateCount(expression, _types, ParameterValues, isOffset);

    /// <summary>A bound expression as it travels in a fragment.</summary>
    public ByteString ToBytes(BoundExpression bound)
    {
        Expression message = bound.ToMessage();
        return message.Nodes.Count >= InlineParametersFrom
            ? bound.WithParameters(ParameterValues).ToMessage().ToByteString()
            : ToBytes(message);
    }

    /// <summary>A bound aggregate as it travels in a fragment.</summary>
    public ByteString ToBytes(AggregateCall call) => ToBytes(call.ToMessage());

    private ByteString ToBytes(Expression message)
    {
        foreach (ExpressionNode node in message.Nodes)
        {
            UsesParameters |= node.Op == ExpressionOp.BoundParameter;
        }

        return message.ToByteString();
    }

    /// <summary>The expression with each call of a function that needs the gateway's context replaced by its value.
    /// </summary>
    public Expression Fold(Expression expression)
    {
        Expression? folded = null;
        for (int i = 0; i < expression.Nodes.Count; i++)
        {
            ExpressionNode node = expression.Nodes[i];
            if (node.Op != ExpressionOp.Function || node.Children > 0)
            {
                continue;
            }

            BoundExpression call = ExpressionBinder.Bind(
                new Expression { Nodes = { node } }, RowScope.Empty, _types);
            if (call.IsVolatile)
            {
                folded ??= expression.Clone();
                SqlValue value = call.Evaluate([], ParameterValues, _evaluation);
                folded.Nodes[i] = Literal(value).Nodes[0];
                folded.Nodes[i].Position = node.Position;
            }
        }

        return folded ?? expression;
    }

    /// <summary>Whether the expression is the word DEFAULT.</summary>
    public static bool IsDefault(Expression expression) =>
        expression.Nodes.Count == 1 && expression.Nodes[0].Op == ExpressionOp.Default;

    /// <summary>A literal of a value, of its own type.</summary>
    public static Expression Literal(SqlValue value) => new()
    {
        Nodes =
        {
            new ExpressionNode
            {
                Op = ExpressionOp.Literal,
                Literal = UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(value)),
                Type = new SqlType(value.Kind).ToMessage(),
            },
        },
    };
}
