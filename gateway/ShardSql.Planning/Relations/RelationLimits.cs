using System.Globalization;
using ShardSql.Sql;

namespace ShardSql.Planning.Relations;

/// <summary>How large a query of many parts may be: trees come from the network, and plans are walked recursively.
/// </summary>
internal static class RelationLimits
{
    /// <summary>Tables and queries in one FROM; 54001.</summary>
    public const int FromPartsMax = 64;

    /// <summary>Queries of one chain of set operations; 54001.</summary>
    public const int SetTermsMax = 256;

    /// <summary>Nodes of a condition that is made of another one: a larger one stays where it was written.</summary>
    public const int MadeConditionNodesMax = 256;

    /// <summary>54001 where there are more.</summary>
    public static void Check(int count, int limit, string what, uint position)
    {
        if (count > limit)
        {
            throw new SqlException(
                SqlStates.StatementTooComplex,
                string.Create(CultureInfo.InvariantCulture, $"{count} {what} exceed the limit of {limit}"),
                (int)position);
        }
    }

    /// <summary>The error of a tree that no text gives.</summary>
    public static SqlException Malformed() => new(SqlStates.ProtocolViolation, "malformed query");
}
