using System;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>The CHECK (c >= constant) of a column, which policy bounded_sum keeps.</summary>
internal static class ColumnBound
{
    /// <summary>Digits that a column may have: sums of quotas are 128-bit numbers.</summary>
    public const int PrecisionMax = 36;

    /// <summary>The constant, in the column's smallest unit; null: there is no such CHECK, or others are about the column.</summary>
    public static Int128? Of(TableDescriptor table, int ordinal, Binding constants)
    {
        ColumnDescriptor column = table.Columns[ordinal];
        TableCheck[] checks = [.. table.Checks.Where(check => Reads(check.Condition, column))];
        return checks is [var only] && ConstantOf(only.Condition, column) is { } constant
            && constants.Evaluate(constant) is { IsNull: false } value && Fits(value, column.Type)
                ? QuotaUnits.Of(value, column.Type)
                : null;
    }

    /// <summary>Whether a condition is about a column.</summary>
    public static bool Reads(Expression condition, ColumnDescriptor column) =>
        condition.Nodes.Any(node => node.Op == ExpressionOp.Column && node.Name == column.Name);

    private static bool Fits(SqlValue value, SqlType type) =>
        value.Kind is SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 or SqlKind.Decimal
        && SqlValue.Compare(SqlCast.To(value, type, isExplicit: true), value) == 0;

    /// <summary>The other side of <c>c >= x</c> or <c>x &lt;= c</c>, where it reads no column.</summary>
    private static Expression? ConstantOf(Expression condition, ColumnDescriptor column)
    {
        ExpressionNode[] nodes = [.. condition.Nodes];
        ExpressionNode[]? constant = nodes.Length < 3 ? null : nodes[^1].Op switch
        {
            ExpressionOp.GreaterOrEqual when IsColumn(nodes[0]) => nodes[1..^1],
            ExpressionOp.LessOrEqual when IsColumn(nodes[^2]) => nodes[..^2],
            _ => null,
        };
        return constant is null || constant.Any(static node => node.Op == ExpressionOp.Column)
            ? null
            : new Expression { Nodes = { constant } };

        bool IsColumn(ExpressionNode node) => node.Op == ExpressionOp.Column && node.Name == column.Name;
    }
}
