using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Binds window functions: each becomes a column that is added to the row.</summary>
internal sealed class WindowBinder(ExpressionRewriter rows)
{
    /// <summary>Binds one, its arguments having been bound.</summary>
    public ExpressionNode Bind(ExpressionNode node, List<Expression> arguments)
    {
        var partition = new List<Expression>();
        foreach (Expression key in node.Window.PartitionBy)
        {
            partition.Add(rows.Rewrite(key));
        }

        var order = new List<(Expression Value, OrderItem Item)>();
        foreach (OrderItem item in node.Window.OrderBy)
        {
            order.Add((rows.Rewrite(item.Expression), item));
        }

        var call = new WindowCall { Start = FrameBoundKind.UnboundedPreceding, End = FrameBoundKind.CurrentRow };
        SqlType type = AddFunction(call, node, arguments);
        if (node.Window.Frame is { } frame)
        {
            AddFrame(call, frame, order, node);
        }

        uint place = rows.Stage.Add(new WindowGroup(partition, order), call);
        return BoundNodes.Column(place, type, isNullable: true, node.Position);
    }

    private static SqlType AddFunction(WindowCall call, ExpressionNode node, List<Expression> arguments)
    {
        if (Aggregates.IsAggregate(node.Name))
        {
            var whole = new Expression();
            foreach (Expression argument in arguments)
            {
                whole.Nodes.AddRange(argument.Nodes);
            }

            whole.Nodes.Add(new ExpressionNode
            {
                Op = ExpressionOp.Aggregate,
                Name = node.Name,
                Children = (uint)arguments.Count,
                Position = node.Position,
            });
            AggregateCall aggregate = AggregateCall.FromMessage(whole);
            call.Aggregate = aggregate.ToMessage().ToByteString();
            return aggregate.Type;
        }

        call.Function = node.Name;
        (int min, int max) = node.Name switch
        {
            "row_number" or "rank" or "dense_rank" or "percent_rank" or "cume_dist" => (0, 0),
            "ntile" or "first_value" or "last_value" => (1, 1),
            "nth_value" => (2, 2),
            "lag" or "lead" => (1, 3),
            _ => (-1, -1),
        };
        if (arguments.Count < min || arguments.Count > max)
        {
            throw new SqlException(
                SqlStates.UndefinedFunction,
                min < 0
                    ? $"{node.Name} is no window function"
                    : $"window function {node.Name} has another number of arguments",
                (int)node.Position);
        }

        return AddArguments(call, arguments);
    }

    private static SqlType AddArguments(WindowCall call, List<Expression> arguments)
    {
        bool counts = call.Function == "ntile";
        SqlType type = arguments.Count == 0 || counts ? SqlType.Int64 : BoundNodes.Bind(arguments[0]).Type;
        for (int i = 0; i < arguments.Count; i++)
        {
            bool isNumber = counts || (i == 1 && call.Function is "lag" or "lead" or "nth_value");
            BoundExpression bound = isNumber
                ? BoundExpression.AssignmentFromMessage(arguments[i], SqlType.Int64)
                : i == 2 ? BoundExpression.AssignmentFromMessage(arguments[i], new SqlType(type.Kind))
                : BoundNodes.Bind(arguments[i]);
            call.Arguments.Add(bound.ToMessage().ToByteString());
        }

        return call.Function switch
        {
            "percent_rank" or "cume_dist" => SqlType.Double,
            "ntile" => SqlType.Int32,
            _ => type,
        };
    }

    private void AddFrame(
        WindowCall call, WindowFrame frame, List<(Expression Value, OrderItem Item)> order, ExpressionNode node)
    {
        call.Rows = frame.Rows;
        call.Start = frame.Start.Kind;
        call.End = frame.End.Kind;
        if (call.Start == FrameBoundKind.UnboundedFollowing || call.End == FrameBoundKind.UnboundedPreceding
            || call.Start > call.End)
        {
            throw new SqlException(
                SqlStates.WindowingError, "the frame of a window ends before it starts", (int)node.Position);
        }

        call.StartOffset = Offset(frame.Start, frame.Rows, order, node);
        call.EndOffset = Offset(frame.End, frame.Rows, order, node);
    }

    /// <summary>Of ROWS the number of rows; of RANGE the value at which the frame ends.</summary>
    private ByteString Offset(
        FrameBound bound, bool isRows, List<(Expression Value, OrderItem Item)> order, ExpressionNode node)
    {
        if (bound.Offset is null)
        {
            return ByteString.Empty;
        }

        Expression offset = rows.Rewrite(bound.Offset);
        if (isRows)
        {
            return BoundExpression.AssignmentFromMessage(offset, SqlType.Int64).ToMessage().ToByteString();
        }

        if (order.Count != 1)
        {
            throw new SqlException(
                SqlStates.WindowingError, "RANGE with an offset needs exactly one ORDER BY column", (int)node.Position);
        }

        bool subtracts = (bound.Kind == FrameBoundKind.Preceding) != order[0].Item.Descending;
        return BoundNodes.Bind(BoundNodes.Apply(
            subtracts ? ExpressionOp.Subtract : ExpressionOp.Add, order[0].Value, offset)).ToMessage().ToByteString();
    }
}
