using System;
using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Sql.Parsing;

/// <summary>SQL that is known but not had, with the nearest form that is.</summary>
internal static class Unsupported
{
    private const string NoDdl = "Of tables there are CREATE, DROP and ALTER TABLE: ADD, DROP and RENAME COLUMN, RENAME TO, ALTER COLUMN, CHECK, UNIQUE, FOREIGN KEY, SPILLOVER.";
    private const string NoJobs = "Of cluster statements there are SHOW, those of nodes, shards, segments, plans and jobs, TRANSFER LEADER and ALTER CLUSTER.";
    private const string NoProcedures = "Send the statements themselves, several in one text if need be.";
    private const string HotRows = "Of hot rows there is ENABLE SPILLOVER ON (columns).";
    private const int WordsBeforeChange = 3; // ALTER TABLE t

    private static readonly Dictionary<string, string?> s_heads = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ALTER"] = NoDdl,
        ["ANALYZE"] = "No statistics need to be gathered.",
        ["BACKUP"] = NoJobs,
        ["CALL"] = NoProcedures,
        ["CHECK"] = NoJobs,
        ["CLOSE"] = "A reader streams the rows of a SELECT.",
        ["COMMENT"] = null,
        ["COPY"] = "INSERT takes many rows in one statement.",
        ["DEALLOCATE"] = "Statements are prepared by the provider.",
        ["DECLARE"] = NoProcedures,
        ["DESCRIBE"] = "SHOW TABLES lists the tables.",
        ["DO"] = NoProcedures,
        ["EXEC"] = NoProcedures,
        ["EXECUTE"] = NoProcedures,
        ["FETCH"] = "A reader streams the rows of a SELECT.",
        ["FLUSH"] = NoJobs,
        ["GRANT"] = "Every session may do everything for now.",
        ["KILL"] = "Cancel the command that runs.",
        ["LISTEN"] = null,
        ["LOCK"] = "SELECT ... FOR UPDATE reserves rows.",
        ["MERGE"] = "INSERT, UPDATE and DELETE change rows.",
        ["MOVE"] = NoJobs,
        ["NOTIFY"] = null,
        ["PAUSE"] = NoJobs,
        ["PREPARE"] = "Statements are prepared by the provider.",
        ["REPLACE"] = "INSERT, UPDATE and DELETE change rows.",
        ["RESET"] = NoJobs,
        ["RESHARD"] = NoJobs,
        ["RESOLVE"] = NoJobs,
        ["RESTORE"] = NoJobs,
        ["RESUME"] = NoJobs,
        ["RETRY"] = NoJobs,
        ["REVERT"] = NoJobs,
        ["REVOKE"] = "Every session may do everything for now.",
        ["SPLIT"] = NoJobs,
        ["TABLE"] = "Write SELECT * FROM t.",
        ["TRANSFER"] = NoJobs,
        ["TRUNCATE"] = "Write DELETE FROM t.",
        ["UPSERT"] = "INSERT, UPDATE and DELETE change rows.",
        ["USE"] = "The database is chosen in the connection string.",
        ["VACUUM"] = "Old versions are removed as the horizon passes them.",
        ["VERIFY"] = NoJobs,
    };

    private static readonly HashSet<string> s_objects = new(StringComparer.OrdinalIgnoreCase)
    {
        "ADAPTER", "AGGREGATE", "CAST", "CHANGE", "COLLATION", "DATABASE", "DOMAIN", "EXTENSION", "FUNCTION", "GLOBAL",
        "LOCAL", "MATERIALIZED", "OPERATOR", "OR", "PLACEMENT", "PLAN", "POLICY", "PROCEDURE", "ROLE",
        "SCHEMA", "TEMP", "TEMPORARY", "TRIGGER", "TYPE", "UNLOGGED", "USER",
    };

    private static readonly Dictionary<string, string?> s_inside = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ARRAY"] = "Use IN with a list.",
        ["CASCADE"] = "Drop the tables one by one.",
        ["COLLATE"] = "Texts are ordered by their code points.",
        ["CUBE"] = "Use GROUP BY with expressions.",
        ["INTERVAL"] = null,
        ["LATERAL"] = "A query in the select list may read the other tables of FROM.",
        ["OVERLAPS"] = "Compare the ends.",
        ["PARTITION"] = "Use SHARD BY HASH or SHARD BY RANGE.",
        ["RESTRICT"] = "Leave it out.",
        ["ROLLUP"] = "Use GROUP BY with expressions.",
        ["SIMILAR"] = "Use LIKE.",
        ["TABLESAMPLE"] = "Choose rows by a condition on their key.",
        ["~"] = "Use LIKE or ILIKE.",
    };

    // What is known only by the word after it.
    private static readonly Dictionary<string, (string What, string Hint)> s_pairs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["FOR SHARE"] = ("FOR SHARE", "Every transaction is serializable: leave it out."),
        ["FOR KEY"] = ("FOR KEY SHARE", "Every transaction is serializable: leave it out."),
        ["FOR NO"] = ("FOR NO KEY UPDATE", "Every transaction is serializable: leave it out."),
        ["GROUPING SETS"] = ("GROUPING SETS", "Use GROUP BY with expressions, and UNION ALL."),
        ["ARRAY ["] = ("ARRAY", "Use IN with a list."),
        ["ENABLE PREFETCH"] = ("ENABLE PREFETCH", HotRows),
        ["DISABLE PREFETCH"] = ("DISABLE PREFETCH", HotRows),
        ["ENABLE CACHE"] = ("ENABLE CACHE", HotRows),
        ["DISABLE CACHE"] = ("DISABLE CACHE", HotRows),
    };

    /// <summary>What a statement of these words is, when its head is known but not had.</summary>
    public static (string What, string? Hint)? FindHead(IReadOnlyList<string> words)
    {
        string first = words[0];
        string second = words.Count > 1 ? words[1] : string.Empty;
        if (IsToldInside(words))
        {
            return null;
        }

        if (s_heads.TryGetValue(first, out string? hint))
        {
            return (first.ToUpperInvariant(), hint);
        }

        bool isDdl = Is(first, "CREATE") || Is(first, "DROP");
        if (isDdl && Is(second, "NODE"))
        {
            return ($"{first.ToUpperInvariant()} NODE", "ADD NODE n AT 'host:port' adds a node, REMOVE NODE n removes one.");
        }

        if (isDdl && s_objects.Contains(second))
        {
            return ($"{first.ToUpperInvariant()} {second.ToUpperInvariant()}", NoDdl);
        }

        return null;
    }

    /// <summary>Whether a statement is had although others of its head are not: what is wrong is told at its place.</summary>
    private static bool IsToldInside(IReadOnlyList<string> words) =>
        string.Join(' ', words.Take(2)).ToUpperInvariant() switch
        {
            "ALTER SHARD" or "MERGE SPILLOVER" => true,
            "ALTER TABLE" => s_pairs.ContainsKey($"{words[^2]} {words[^1]}") || SwitchesSpillover(words),
            _ => false,
        };

    private static bool SwitchesSpillover(IReadOnlyList<string> words) =>
        words.Zip(words.Skip(1)).Skip(WordsBeforeChange).Any(pair => Is(pair.Second, "SPILLOVER")
            && (Is(pair.First, "ENABLE") || Is(pair.First, "ALTER") || Is(pair.First, "DISABLE")));

    /// <summary>What a word is that the parser met inside of a statement, when it is known but not had.</summary>
    public static (string What, string? Hint)? FindInside(List<string> before, string word)
    {
        if (before.Count == 0)
        {
            return null;
        }

        if (word == "," && before.Count > 1 && Is(before[^2], "LIMIT"))
        {
            return ("LIMIT with two numbers", "Write LIMIT n OFFSET m.");
        }

        // FOR ends a query, and begins parts of other statements.
        string last = before[^1];
        if ((!Is(last, "FOR") || before.Exists(w => Is(w, "SELECT")))
            && s_pairs.TryGetValue($"{last} {word}", out (string What, string Hint) pair))
        {
            return pair;
        }

        if (last == "(" && (Is(word, "INSERT") || Is(word, "UPDATE") || Is(word, "DELETE")))
        {
            return ($"{word.ToUpperInvariant()} inside of a query",
                "Write the statements one after another in a transaction; RETURNING gives their rows.");
        }

        if (word == "(" && before.Count > 1 && (Is(before[^2], "FROM") || Is(before[^2], "JOIN")) && !Is(last, "LATERAL"))
        {
            return ("a function in FROM", "WITH RECURSIVE makes rows, VALUES lists them.");
        }

        if (Is(before.Count > 1 ? before[0] + before[1] : last, "CREATETABLE"))
        {
            return FindInTable(before, word);
        }

        // LATERAL and TABLESAMPLE pass for aliases, and the error is at the word after them.
        return s_inside.TryGetValue(word, out string? hint) ? (word.ToUpperInvariant(), hint)
            : s_inside.TryGetValue(last, out hint) ? (last.ToUpperInvariant(), hint)
            : null;
    }

    private static (string What, string? Hint)? FindInTable(List<string> before, string word)
    {
        if (Is(before[^1], "GENERATED") || (before.Count > 1 && Is(before[^2], "ALWAYS") && Is(before[^1], "AS")))
        {
            return ("GENERATED", "Write GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY, or give the value in the INSERT.");
        }

        return Is(word, "IDENTITY") || Is(word, "AUTO_INCREMENT")
            ? (word.ToUpperInvariant(), "Write GENERATED BY DEFAULT AS IDENTITY.")
            : Is(word, "AS") ? ("CREATE TABLE AS", "Create the table, then INSERT.")
            : s_inside.TryGetValue(word, out string? hint) ? (word.ToUpperInvariant(), hint) : null;
    }

    private static bool Is(string word, string keyword) => word.Equals(keyword, StringComparison.OrdinalIgnoreCase);
}
