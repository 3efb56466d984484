using System;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>Arithmetic of two values of one number type; overflow is 22003, division by zero 22012.</summary>
internal static class Arithmetic
{
    public static SqlValue Apply(ExpressionOp op, SqlValue left, SqlValue right) => left.Kind switch
    {
        SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 => Integers(op, left.AsInt64(), right.AsInt64(), left.Kind),
        SqlKind.Decimal => SqlValue.FromDecimal(Decimals(op, left.AsDecimal(), right.AsDecimal())),
        SqlKind.Real => ToReal(Doubles(op, left.AsDouble(), right.AsDouble()), left, right),
        SqlKind.Double => SqlValue.FromDouble(
            Checked(Doubles(op, left.AsDouble(), right.AsDouble()), left, right, SqlKind.Double)),
        _ => throw new InvalidOperationException("arithmetic is for numbers"),
    };

    public static SqlValue Negate(SqlValue value) => value.Kind switch
    {
        SqlKind.Decimal => SqlValue.FromDecimal(-value.AsDecimal()),
        SqlKind.Real => SqlValue.FromReal(-value.AsReal()),
        SqlKind.Double => SqlValue.FromDouble(-value.AsDouble()),
        _ => Narrow(-(Int128)value.AsInt64(), value.Kind),
    };

    /// <summary>A whole number as a value of a kind; 22003 where it does not fit.</summary>
    public static SqlValue Narrow(Int128 value, SqlKind kind) => kind switch
    {
        SqlKind.Int16 when value >= short.MinValue && value <= short.MaxValue => SqlValue.FromInt16((short)value),
        SqlKind.Int32 when value >= int.MinValue && value <= int.MaxValue => SqlValue.FromInt32((int)value),
        SqlKind.Int64 when value >= long.MinValue && value <= long.MaxValue => SqlValue.FromInt64((long)value),
        _ => throw OutOfRange(kind),
    };

    public static SqlException OutOfRange(SqlKind kind) =>
        new(SqlStates.NumericOutOfRange, $"{new SqlType(kind)} out of range");

    public static SqlException ByZero() => new(SqlStates.DivisionByZero, "division by zero");

    private static SqlValue Integers(ExpressionOp op, long left, long right, SqlKind kind)
    {
        if (op is ExpressionOp.Divide or ExpressionOp.Modulo && right == 0)
        {
            throw ByZero();
        }

        if (kind != SqlKind.Int64)
        {
            // Operands of 32 bits: no result leaves 64.
            return Narrow32(
                op switch
                {
                    ExpressionOp.Add => left + right,
                    ExpressionOp.Subtract => left - right,
                    ExpressionOp.Multiply => left * right,
                    ExpressionOp.Divide => left / right,
                    _ => left % right,
                },
                kind);
        }

        Int128 result = op switch
        {
            ExpressionOp.Add => (Int128)left + right,
            ExpressionOp.Subtract => (Int128)left - right,
            ExpressionOp.Multiply => (Int128)left * right,
            ExpressionOp.Divide => right == -1 ? -(Int128)left : left / right,
            _ => right == -1 ? 0 : left % right,
        };
        return Narrow(result, kind);
    }

    private static SqlValue Narrow32(long value, SqlKind kind) => kind switch
    {
        SqlKind.Int32 when value == (int)value => SqlValue.FromInt32((int)value),
        SqlKind.Int16 when value == (short)value => SqlValue.FromInt16((short)value),
        _ => throw OutOfRange(kind),
    };

    private static Decimal38 Decimals(ExpressionOp op, Decimal38 left, Decimal38 right) => op switch
    {
        ExpressionOp.Add => left + right,
        ExpressionOp.Subtract => left - right,
        ExpressionOp.Multiply => left * right,
        ExpressionOp.Divide => left / right,
        _ => left % right,
    };

    private static double Doubles(ExpressionOp op, double left, double right)
    {
        if (op is ExpressionOp.Divide or ExpressionOp.Modulo && right == 0)
        {
            throw ByZero();
        }

        return op switch
        {
            ExpressionOp.Add => left + right,
            ExpressionOp.Subtract => left - right,
            ExpressionOp.Multiply => left * right,
            ExpressionOp.Divide => left / right,
            _ => left % right,
        };
    }

    private static SqlValue ToReal(double result, SqlValue left, SqlValue right) =>
        SqlValue.FromReal((float)Checked((float)result, left, right, SqlKind.Real));

    private static double Checked(double result, SqlValue left, SqlValue right, SqlKind kind) =>
        double.IsFinite(result) || !double.IsFinite(left.AsDouble()) || !double.IsFinite(right.AsDouble())
            ? result
            : throw OutOfRange(kind);
}
