using System;
using System.Collections.Generic;
using System.Globalization;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// Expression messages to bound expressions: names become places, operands get their types with casts inserted where
/// they are implicit, constants are folded. Untyped literals and NULL parameters take the type that their surroundings
/// need. Bound nodes are refused: a client could name a place that is not there.
/// </summary>
public static class ExpressionBinder
{
    /// <summary>
    /// Binds an expression. Parameters are numbered by their place in a <see cref="ParameterSet"/>; of another
    /// dictionary, by the ordinal order of their names.
    /// </summary>
    public static BoundExpression Bind(
        Expression tree, IExpressionScope scope, IReadOnlyDictionary<string, SqlType>? parameterTypes)
    {
        Node node = new NodeBuilder(scope, ParameterSet.From(parameterTypes)).Build(tree);
        return new BoundExpression(Coercion.Settle(node));
    }

    /// <summary>Binds a condition: 42804 unless it is boolean.</summary>
    public static BoundExpression BindCondition(
        Expression tree, IExpressionScope scope, IReadOnlyDictionary<string, SqlType>? parameterTypes, string clause)
    {
        Node node = new NodeBuilder(scope, ParameterSet.From(parameterTypes)).Build(tree);
        return new BoundExpression(NodeBuilder.Condition(node, clause));
    }

    /// <summary>Binds a value for a column: converts it as an assignment does.</summary>
    public static BoundExpression BindAssignment(
        Expression tree,
        IExpressionScope scope,
        IReadOnlyDictionary<string, SqlType>? parameterTypes,
        SqlType target)
    {
        Node node = new NodeBuilder(scope, ParameterSet.From(parameterTypes)).Build(tree);
        return new BoundExpression(Coercion.To(node, target, CastContext.Assignment));
    }

    /// <summary>Evaluates a LIMIT or OFFSET to a number, null for NULL: 2201W or 2201X when it is negative.</summary>
    public static long? EvaluateCount(
        Expression tree,
        IReadOnlyDictionary<string, SqlType>? parameterTypes,
        ReadOnlySpan<SqlValue> parameters,
        bool isOffset)
    {
        SqlValue value = BindAssignment(tree, RowScope.Empty, parameterTypes, SqlType.Int64).Evaluate([], parameters);
        if (value.IsNull)
        {
            return null;
        }

        return value.AsInt64() >= 0
            ? value.AsInt64()
            : throw new SqlException(
                isOffset ? SqlStates.InvalidOffset : SqlStates.InvalidLimit,
                isOffset ? "OFFSET must not be negative" : "LIMIT must not be negative",
                (int)tree.Nodes[^1].Position);
    }
}

/// <summary>Builds nodes from a post-order list, checking its shape and limits: it may come from the network.</summary>
internal sealed partial class NodeBuilder(IExpressionScope scope, ParameterSet parameters, bool allowsBound = false)
{
    public Node Build(Expression tree)
    {
        CheckShape(tree);
        var stack = new List<Node>();
        foreach (ExpressionNode message in tree.Nodes)
        {
            int first = stack.Count - (int)message.Children;
            Node[] children = stack.GetRange(first, (int)message.Children).ToArray();
            stack.RemoveRange(first, children.Length);
            RefuseLists(message.Op, children);
            Node node = Locate(message, children);
            stack.Add(Folding.Fold(node));
        }

        Require(ParameterListNode.Of(stack[0]) is null);
        return stack[0] is RowNode row
            ? throw new SqlException(
                SqlStates.FeatureNotSupported, "a row stands only in a comparison", row.Position)
            : stack[0];
    }

    public static Node Condition(Node node, string clause)
    {
        if (!node.IsUntyped && node.Type.Kind != SqlKind.Boolean)
        {
            throw new SqlException(
                SqlStates.DatatypeMismatch, $"argument of {clause} must be boolean, not {node.Type}", node.Position);
        }

        return Coercion.To(node, SqlType.Boolean, CastContext.Implicit);
    }

    /// <summary>Checks shape and limits, and that no node is bound yet.</summary>
    public static void CheckUnbound(Expression tree)
    {
        CheckShape(tree);
        foreach (ExpressionNode node in tree.Nodes)
        {
            Require(node.Op is not (ExpressionOp.BoundColumn or ExpressionOp.BoundParameter));
        }
    }

    private static void CheckShape(Expression tree)
    {
        if (tree.Nodes.Count > SqlLimits.MaxExpressionNodes)
        {
            throw new SqlException(SqlStates.StatementTooComplex, string.Create(
                CultureInfo.InvariantCulture,
                $"expression of {tree.Nodes.Count} nodes exceeds {SqlLimits.MaxExpressionNodes}"));
        }

        int depth = ExpressionShape.Depth(tree.Nodes);
        if (depth is < 0 or > SqlLimits.MaxExpressionDepth)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed expression");
        }
    }

    /// <summary>Errors of binding without a place of their own get that of the node.</summary>
    private Node Locate(ExpressionNode message, Node[] children)
    {
        try
        {
            return Make(message, children);
        }
        catch (SqlException e) when (e.Position == 0 && message.Position > 0)
        {
            throw new SqlException(e.SqlState, e.Message, (int)message.Position)
            {
                Hint = e.Hint,
                Detail = e.Detail,
                Table = e.Table,
                ColumnName = e.ColumnName,
            };
        }
    }

    private Node Make(ExpressionNode message, Node[] children)
    {
        int position = (int)message.Position;
        switch (message.Op)
        {
            case ExpressionOp.Literal:
                return Literal(message);
            case ExpressionOp.Column:
                return new ColumnNode(
                    scope.Resolve(message.Schema, message.Qualifier, message.Name, position), position);
            case ExpressionOp.BoundColumn or ExpressionOp.BoundParameter when !allowsBound:
                throw Malformed();
            case ExpressionOp.BoundColumn:
                return new ColumnNode(
                    new ColumnBinding((int)message.Ordinal, SqlType.FromMessage(message.Type), message.Flag), position);
            case ExpressionOp.Parameter:
                return Parameter(message);
            case ExpressionOp.BoundParameter:
                return message.Flag
                    ? List((int)message.Ordinal, message)
                    : new ParameterNode((int)message.Ordinal, SqlType.FromMessage(message.Type), position);
            case ExpressionOp.Default:
                throw new SqlException(SqlStates.SyntaxError, "DEFAULT is not allowed here", position);
            case ExpressionOp.Aggregate:
                throw new SqlException(
                    SqlStates.GroupingError, $"aggregate {message.Name} is not allowed here", position);
            case ExpressionOp.Window:
                throw new SqlException(
                    SqlStates.WindowingError, $"window function {message.Name} is not allowed here", position);
            case ExpressionOp.Query or ExpressionOp.Exists or ExpressionOp.Any or ExpressionOp.All:
                throw new SqlException(SqlStates.FeatureNotSupported, "a query is not allowed here", position)
                {
                    Hint = "Read its result first, then pass it as a parameter.",
                };
            case ExpressionOp.AggregateItem:
                Require(children.Length >= 2 && message.Name.Length == 2 * (children.Length - 2));
                return AggregateItemNode.Bind(children, message.Name, position);
            case ExpressionOp.Row:
                return children.Length > 0 ? new RowNode(children, position) : throw Malformed();
            case ExpressionOp.Cast:
                Require(children.Length == 1 && message.Type is not null);
                return Cast(children[0], SqlType.FromMessage(message.Type), message.Flag, position);
            case ExpressionOp.Function:
                return Call(message.Name, children, position);
            default:
                RefuseRows(message.Op, children);
                return MakeOperator(message, children, position);
        }
    }

    private static ConstantNode Literal(ExpressionNode message)
    {
        SqlValue value = ValueCodec.FromBytes(message.Literal.Span);
        SqlType type = message.Type is null ? new SqlType(value.Kind) : SqlType.FromMessage(message.Type);
        Require(type.Kind == value.Kind);
        bool isUntyped = message.Type is null && !value.IsNull && value.Kind == SqlKind.Text;
        return new ConstantNode(value, type, (int)message.Position, isUntyped);
    }

    private Node Parameter(ExpressionNode message)
    {
        int ordinal = parameters.OrdinalOf(message.Name);
        if (message.Flag && ordinal >= 0)
        {
            Require(parameters.TypeAt(ordinal).Kind == SqlKind.Bytes);
            return List(ordinal, message);
        }

        return ordinal >= 0
            ? new ParameterNode(ordinal, parameters.TypeAt(ordinal), (int)message.Position)
            : throw new SqlException(
                SqlStates.UndefinedParameter, $"parameter @{message.Name} not supplied", (int)message.Position);
    }

    private static ParameterListNode List(int ordinal, ExpressionNode message)
    {
        Require(message.Type is not null);
        SqlType type = SqlType.FromMessage(message.Type);
        Require(type.Kind != SqlKind.Null);
        return new ParameterListNode(ordinal, type, (int)message.Position);
    }

    /// <summary>A list is no value: it stands among the items of IN alone.</summary>
    private static void RefuseLists(ExpressionOp op, Node[] children)
    {
        for (int i = 0; i < children.Length; i++)
        {
            Require(ParameterListNode.Of(children[i]) is null
                || op == ExpressionOp.Cast || (i > 0 && op is ExpressionOp.In or ExpressionOp.NotIn));
        }
    }

    private static Node Cast(Node child, SqlType type, bool isAssignment, int position)
    {
        Require(type.Kind != SqlKind.Null);
        Node cast = Coercion.To(child, type, isAssignment ? CastContext.Assignment : CastContext.Explicit);
        return cast is CastNode inserted && inserted.Position != position
            ? new CastNode(inserted.Children[0], type, isAssignment, position)
            : cast;
    }

    private static Node Call(string name, Node[] arguments, int position)
    {
        if (SequenceFunctions.Bind(name, arguments, position) is { } ofSequence)
        {
            return ofSequence;
        }

        if (ContextFunctions.TryGetType(name, out SqlType type))
        {
            return arguments.Length == 0
                ? new ContextCallNode(name, type, position)
                : throw Functions.Unknown(name, arguments, position);
        }

        if (Functions.Find(name) is not { } function
            || arguments.Length < function.Min || arguments.Length > function.Max
            || Array.Exists(arguments, a => a is RowNode)
            || function.Type(arguments) is not { } result)
        {
            throw Functions.Unknown(name, arguments, position);
        }

        return new FunctionNode(function, arguments, result, position);
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw Malformed();
        }
    }

    private static SqlException Malformed() => new(SqlStates.ProtocolViolation, "malformed expression");
}
