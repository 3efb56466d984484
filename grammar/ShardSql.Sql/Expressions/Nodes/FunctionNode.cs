using System;
using System.Runtime.CompilerServices;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>A call of a function of the registry.</summary>
internal sealed class FunctionNode(Function function, Node[] arguments, SqlType type, int position)
    : Node(type, position, arguments)
{
    private const int BufferSize = 4;

    public override bool IsNullable => true;

    public override SqlValue Evaluate(in Frame frame)
    {
        if (Children.Length > BufferSize)
        {
            return Call(frame, new SqlValue[Children.Length]);
        }

        var buffer = default(ArgumentBuffer);
        return Call(frame, ((Span<SqlValue>)buffer)[..Children.Length]);
    }

    protected override ExpressionNode ToMessage()
    {
        ExpressionNode message = Message(ExpressionOp.Function, Children.Length);
        message.Name = function.Name;
        return message;
    }

    private SqlValue Call(in Frame frame, Span<SqlValue> arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Children[i].Evaluate(frame);
            if (arguments[i].IsNull && !function.TakesNulls)
            {
                return SqlValue.NullOf(Type.Kind);
            }
        }

        return function.Body(arguments);
    }

    [InlineArray(BufferSize)]
    private struct ArgumentBuffer
    {
        private SqlValue _first;
    }
}
