using System.Globalization;

using ShardSql.Sql;

namespace ShardSql.Planning.Queries;

/// <summary>Numbers in GROUP BY and ORDER BY that stand for an item of the select list.</summary>
internal static class SelectPosition
{
    /// <summary>The index of the item that a number stands for.</summary>
    /// <param name="ordinal">The number, from 1 on.</param>
    /// <param name="items">How many items there are.</param>
    /// <param name="clause">Where it stands, for the error.</param>
    /// <param name="position">Of the number in the text.</param>
    /// <exception cref="SqlException">42P10: there is no such item.</exception>
    public static int IndexOf(long ordinal, int items, string clause, uint position) => ordinal >= 1 && ordinal <= items
        ? (int)ordinal - 1
        : throw new SqlException(
            SqlStates.InvalidColumnReference,
            string.Create(CultureInfo.InvariantCulture, $"{clause} position {ordinal} is not in the select list"),
            (int)position);
}
