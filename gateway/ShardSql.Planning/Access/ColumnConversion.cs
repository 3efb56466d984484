using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>Brings constants to the type of the column that they are compared with, where that keeps the comparison.
/// </summary>
internal static class ColumnConversion
{
    /// <summary>Converts a constant to the kind of a column.</summary>
    public static Conversion Convert(SqlValue value, SqlKind kind, out SqlValue converted)
    {
        converted = value;
        if (value.IsNull)
        {
            return Conversion.Never;
        }

        if (value.Kind == kind)
        {
            return Conversion.Exact;
        }

        bool numbers = new SqlType(value.Kind).IsNumeric && new SqlType(kind).IsNumeric;
        if (numbers ? IsFloating(value.Kind) && !IsFloating(kind) : value.Kind != SqlKind.Text)
        {
            // With a double the comparison is one of doubles, which several decimals or bigints can equal.
            return Conversion.Unknown;
        }

        try
        {
            converted = SqlCast.To(value, new SqlType(kind), isExplicit: true);
            return !numbers || SqlValue.Compare(converted, value) == 0 ? Conversion.Exact : Conversion.Inexact;
        }
        catch (SqlException exception)
        {
            return numbers && exception.SqlState == SqlStates.NumericOutOfRange
                ? Conversion.Inexact
                : Conversion.Unknown;
        }
    }

    private static bool IsFloating(SqlKind kind) => kind is SqlKind.Real or SqlKind.Double;
}
