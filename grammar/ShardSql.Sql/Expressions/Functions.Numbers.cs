using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <content>Functions of numbers, GREATEST and LEAST.</content>
internal static partial class Functions
{
    private static IEnumerable<Function> NumberFunctions()
    {
        SqlType real = SqlType.Double;
        FunctionBody ceiling = a => OfNumber(a[0], d => d.Ceiling(), Math.Ceiling);
        FunctionBody power = a => SqlValue.FromDouble(Power(a[0].AsDouble(), a[1].AsDouble()));
        yield return new Function("abs", 1, 1, SameNumber, a => Abs(a[0]));
        yield return new Function("sign", 1, 1, DecimalOrDouble, a => OfNumber(
            a[0], d => new Decimal38(d.Sign, 0), d => double.IsNaN(d) ? d : Math.Sign(d)));
        yield return new Function("ceil", 1, 1, DecimalOrDouble, ceiling);
        yield return new Function("ceiling", 1, 1, DecimalOrDouble, ceiling);
        yield return new Function(
            "floor", 1, 1, DecimalOrDouble, a => OfNumber(a[0], d => d.Floor(), Math.Floor));
        yield return new Function("round", 1, 2, RoundType, a => OfNumber(
            a[0], a.Length > 1 ? Rounder(a[1].AsInt32()) : d => d.Round(0), d => Math.Round(d)));
        yield return new Function("trunc", 1, 2, RoundType, a => OfNumber(
            a[0], a.Length > 1 ? Cutter(a[1].AsInt32()) : d => d.Truncate(0), Math.Truncate));
        yield return new Function("mod", 2, 2, ModType, a => Arithmetic.Apply(ExpressionOp.Modulo, a[0], a[1]));
        yield return new Function("power", 2, 2, DoubleType, power);
        yield return new Function("pow", 2, 2, DoubleType, power);
        yield return new Function("sqrt", 1, 1, DoubleType, a => a[0].AsDouble() < 0
            ? throw new SqlException(SqlStates.InvalidArgumentForPower, "cannot take the root of a negative number")
            : SqlValue.FromDouble(Math.Sqrt(a[0].AsDouble())));
        yield return new Function("greatest", 1, Many, Same, a => Extreme(a, 1), TakesNulls: true);
        yield return new Function("least", 1, Many, Same, a => Extreme(a, -1), TakesNulls: true);

        SqlType? DoubleType(Node[] arguments) => Fixed(real, real)(arguments);
    }

    private static SqlType? RoundType(Node[] arguments) => arguments.Length == 1
        ? DecimalOrDouble(arguments)
        : Fixed(SqlType.Decimal, SqlType.Decimal, SqlType.Int32)(arguments);

    private static SqlType? ModType(Node[] arguments) =>
        SameNumber(arguments) is { Kind: not (SqlKind.Real or SqlKind.Double) } type ? type : null;

    private static Func<Decimal38, Decimal38> Rounder(int scale) =>
        d => d.Round(Math.Clamp(scale, -Decimal38.MaxDigits, Decimal38.MaxDigits));

    private static Func<Decimal38, Decimal38> Cutter(int scale) =>
        d => scale < 0 ? CutWhole(d.Truncate(0), scale)
            : scale >= d.Scale ? d.Round(scale) : d.Truncate(Math.Min(scale, Decimal38.MaxDigits));

    private static Decimal38 CutWhole(Decimal38 value, int scale)
    {
        if (scale < -Decimal38.MaxDigits)
        {
            return Decimal38.Zero;
        }

        Int128 unit = Decimal38.PowerOfTen(-scale);
        return new Decimal38(value.Unscaled / unit * unit, 0);
    }

    private static SqlValue OfNumber(
        SqlValue value, Func<Decimal38, Decimal38> ofDecimal, Func<double, double> ofDouble) =>
        value.Kind == SqlKind.Decimal
            ? SqlValue.FromDecimal(ofDecimal(value.AsDecimal()))
            : SqlValue.FromDouble(ofDouble(value.AsDouble()));

    private static SqlValue Abs(SqlValue value) => value.Kind switch
    {
        SqlKind.Decimal => SqlValue.FromDecimal(value.AsDecimal().Abs()),
        SqlKind.Real => SqlValue.FromReal(Math.Abs(value.AsReal())),
        SqlKind.Double => SqlValue.FromDouble(Math.Abs(value.AsDouble())),
        _ => Arithmetic.Narrow(Int128.Abs(value.AsInt64()), value.Kind),
    };

    private static double Power(double x, double y)
    {
        if ((x == 0 && y < 0) || (x < 0 && double.IsFinite(y) && y != Math.Floor(y)))
        {
            throw new SqlException(SqlStates.InvalidArgumentForPower, "the power is not a real number");
        }

        double result = Math.Pow(x, y);
        return double.IsFinite(result) || !double.IsFinite(x) || !double.IsFinite(y)
            ? result
            : throw Arithmetic.OutOfRange(SqlKind.Double);
    }

    /// <summary>The largest or smallest that is not NULL.</summary>
    private static SqlValue Extreme(ReadOnlySpan<SqlValue> values, int sign)
    {
        SqlValue best = values[0];
        foreach (SqlValue value in values)
        {
            if (!value.IsNull && (best.IsNull || SqlValue.Compare(value, best) * sign > 0))
            {
                best = value;
            }
        }

        return best;
    }
}
