using System;
using System.Globalization;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>Keys of rows as statements write them: values of the primary key, in its order.</summary>
public static class SpilloverKeys
{
    /// <summary>The values in the order of the row key; 42601 where there are more or fewer.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">The key as it is written.</param>
    /// <param name="evaluate">Gives the value of an expression.</param>
    public static SqlValue[] Of(TableDescriptor table, ExpressionRow row, Func<Expression, SqlValue> evaluate)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(evaluate);
        if (row.Values.Count != table.PrimaryKey.Count)
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a key of table \"{table.Name}\" has {table.PrimaryKey.Count} values, not {row.Values.Count}"),
                (int)row.Position);
        }

        var values = new SqlValue[table.Columns.Count];
        for (int i = 0; i < row.Values.Count; i++)
        {
            int ordinal = table.PrimaryKey[i];
            values[ordinal] = SqlCast.To(evaluate(row.Values[i]), table.Columns[ordinal].Type, isExplicit: false);
        }

        return [.. table.KeyColumns.Select(ordinal => values[ordinal])];
    }
}
