using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>Records that do not count, each with the reason.</summary>
internal static partial class SqlLogicExceptions
{
    private const string TypesDiffer =
        "PostgreSQL: a text that is no number, or bytes, cannot be compared with integers (22P02, 42883)";

    /// <summary>Records that contradict PostgreSQL, though they say that they are for it.</summary>
    private static readonly Dictionary<(string File, int Line), string> s_reasons = new()
    {
        [("evidence/in1.test", 279)] = TypesDiffer,
        [("evidence/in1.test", 290)] = TypesDiffer,
        [("evidence/in1.test", 313)] = TypesDiffer,
        [("evidence/in1.test", 324)] = TypesDiffer,
        [("random/expr/slt_good_0.test", 46601)] = "PostgreSQL: NULLIF(integer, numeric) is numeric, the result 58.2",
        [("random/expr/slt_good_0.test", 77844)] = "PostgreSQL: division by zero (22012)",
        [("evidence/slt_lang_update.test", 88)] = "PostgreSQL: multiple assignments to same column (42601)",
        [("evidence/slt_lang_update.test", 98)] = "follows from line 88",
        [("evidence/slt_lang_update.test", 104)] = "follows from line 88",
    };

    /// <summary>Why a record does not count; null: it does.</summary>
    public static string? Reason(string file, SqlLogicRecord record) =>
        s_reasons.TryGetValue((file, record.Line), out string? reason) ? reason
        : Reindex().IsMatch(record.Sql) ? "REINDEX: there are no collations that could change the order of an index"
        : null;

    [GeneratedRegex(@"^\s*REINDEX", RegexOptions.IgnoreCase)]
    private static partial Regex Reindex();
}
