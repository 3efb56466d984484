using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>A bound expression of a plan together with the parameters it reads.</summary>
internal sealed class RowExpression
{
    private readonly BoundExpression _bound;
    private readonly SqlValue[] _parameters;
    private readonly int _column;

    private RowExpression(BoundExpression bound, SqlValue[] parameters)
    {
        _bound = bound;
        _parameters = parameters;
        _column = bound.ColumnOrdinal ?? -1;
    }

    /// <summary>An expression that is bound already.</summary>
    public static RowExpression Of(BoundExpression bound, SqlValue[] parameters) => new(bound, parameters);

    /// <summary>The expression in some bytes; 08P01 where there is none.</summary>
    public static RowExpression Required(ByteString bytes, SqlValue[] parameters)
    {
        try
        {
            return new RowExpression(
                BoundExpression.FromMessage(Expression.Parser.ParseFrom(bytes)), parameters);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed expression: " + exception.Message);
        }
    }

    /// <summary>The expression in some bytes; null where there are none.</summary>
    public static RowExpression? Optional(ByteString bytes, SqlValue[] parameters) =>
        bytes.IsEmpty ? null : Required(bytes, parameters);

    /// <summary>Each of a list.</summary>
    public static RowExpression[] All(IReadOnlyList<ByteString> list, SqlValue[] parameters)
    {
        var expressions = new RowExpression[list.Count];
        for (int i = 0; i < expressions.Length; i++)
        {
            expressions[i] = Required(list[i], parameters);
        }

        return expressions;
    }

    /// <summary>The value for a row.</summary>
    public SqlValue Evaluate(SqlValue[] row) =>
        _column >= 0 ? row[_column] : _bound.Evaluate(row, _parameters);
}
