using System.Collections.Generic;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>Records that contradict PostgreSQL, though they say that they are for it, each with the reason.</summary>
internal static class SqlLogicExceptions
{
    private static readonly Dictionary<(string File, int Line), string> s_reasons = [];

    /// <summary>Why a record does not count; null: it does.</summary>
    public static string? Reason(string file, SqlLogicRecord record) => s_reasons.GetValueOrDefault((file, record.Line));
}
