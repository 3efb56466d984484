using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>A script of sqlite.org/sqllogictest, as the engine "postgresql" reads it.</summary>
internal static class SqlLogicFile
{
    private const string Engine = "postgresql";

    /// <summary>The folder of the scripts, beside the repository; null where there is none.</summary>
    public static string? Folder
    {
        get
        {
            for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                if (File.Exists(Path.Combine(at.FullName, "ShardSql.sln")))
                {
                    string[] candidates =
                    [
                        Path.Combine(at.FullName, "..", "shared", "sqllogictest", "test"),
                        Path.Combine(at.FullName, "..", "..", "shared", "sqllogictest", "test"),
                    ];
                    return candidates.FirstOrDefault(Directory.Exists);
                }
            }

            return null;
        }
    }

    /// <summary>The records that are for this engine, and how many are for others.</summary>
    public static (List<SqlLogicRecord> Records, int Skipped) Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var records = new List<SqlLogicRecord>();
        int skipped = 0;
        bool isSkipped = false;
        for (int at = 0; at < lines.Length;)
        {
            string[] words = Words(lines[at]);
            if (words.Length == 0 || words[0] is "hash-threshold")
            {
                at++;
                continue;
            }

            switch (words[0])
            {
                case "skipif":
                    isSkipped |= words[1] == Engine;
                    at++;
                    continue;
                case "onlyif":
                    isSkipped |= words[1] != Engine;
                    at++;
                    continue;
                case "halt" when !isSkipped:
                    return (records, skipped);
                case "halt":
                    isSkipped = false;
                    at++;
                    continue;
            }

            SqlLogicRecord record = ReadRecord(lines, ref at, words);
            if (isSkipped)
            {
                skipped++;
                isSkipped = false;
            }
            else
            {
                records.Add(record);
            }
        }

        return (records, skipped);
    }

    private static SqlLogicRecord ReadRecord(string[] lines, ref int at, string[] words)
    {
        int line = at + 1;
        at++;
        var sql = new List<string>();
        while (at < lines.Length && lines[at].Length > 0 && lines[at] != "----")
        {
            sql.Add(lines[at++]);
        }

        var expected = new List<string>();
        if (at < lines.Length && lines[at] == "----")
        {
            at++;
            while (at < lines.Length && lines[at].Length > 0)
            {
                expected.Add(lines[at++]);
            }
        }

        string text = string.Join('\n', sql);
        return words[0] == "statement"
            ? new SqlLogicRecord(line, text, null, words[1] == "error", "nosort", [])
            : new SqlLogicRecord(line, text, words[1], false, words.Length > 2 ? words[2] : "nosort", expected);
    }

    private static string[] Words(string line)
    {
        int comment = line.IndexOf('#', StringComparison.Ordinal);
        return (comment < 0 ? line : line[..comment])
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}
