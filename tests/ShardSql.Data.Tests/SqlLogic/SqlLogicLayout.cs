using System;
using System.Text.RegularExpressions;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>How the tables of the scripts are placed: the answers must be the same.</summary>
public enum SqlLogicLayout
{
    /// <summary>All on one shard.</summary>
    OneShard,

    /// <summary>On four shards by hash.</summary>
    FourByHash,

    /// <summary>On four shards by ranges of the primary key, where there is one.</summary>
    FourByRange,
}

/// <summary>Adds the placement to statements.</summary>
internal static partial class SqlLogicPlacement
{
    /// <summary>The statement as the layout wants it.</summary>
    public static string Apply(SqlLogicLayout layout, string sql)
    {
        if (layout != SqlLogicLayout.FourByRange || !sql.StartsWith("CREATE TABLE", StringComparison.OrdinalIgnoreCase))
        {
            return sql;
        }

        Match key = PrimaryKey().Match(sql);
        return key.Success
            ? $"{sql} SHARD BY RANGE ({key.Groups[1].Value}) SPLIT AT VALUES (2), (4), (7)"
            : sql;
    }

    [GeneratedRegex(@"(\w+)\s+INT(?:EGER)?\s+PRIMARY\s+KEY", RegexOptions.IgnoreCase)]
    private static partial Regex PrimaryKey();
}
