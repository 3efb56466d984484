using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Data;
using ShardSql.Shell.Editing;
using ShardSql.Shell.Printing;

namespace ShardSql.Shell;

/// <summary>
/// Completes the shell's commands, keywords of the grammar, tables and columns. After a word that a table must follow
/// there are tables only, after a name and a dot the columns of that table.
/// </summary>
internal sealed class SqlCompleter(Func<Dictionary<string, IReadOnlyList<string>>> readNames) : ICompleter
{
    private static readonly string[] s_keywords =
        [.. Sql.Parsing.Keywords.Reserved.Concat(Sql.Parsing.Keywords.Free).Order(StringComparer.Ordinal)];
    private static readonly string[] s_beforeTables = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "VIEW", "REFERENCES"];
    private Dictionary<string, IReadOnlyList<string>>? _names;

    /// <summary>Every keyword of the grammar, in upper case.</summary>
    public static IReadOnlyList<string> Keywords => s_keywords;

    /// <summary>The names may be others: they are asked for again at the next Tab.</summary>
    public void Forget() => _names = null;

    /// <inheritdoc />
    public Completion Complete(string line, int cursor)
    {
        string before = line[..cursor];
        int start = WordStart(before);
        string word = before[start..];
        if (before.TrimStart().StartsWith('\\'))
        {
            return OfCommand(before, start, word);
        }

        int dot = word.LastIndexOf('.');
        if (dot >= 0)
        {
            return OfColumns(line, start + dot + 1, word[..dot], word[(dot + 1)..]);
        }

        IEnumerable<string> names = IsTableNext(before[..start])
            ? Names().Keys
            : Names().Keys.Concat(Names().Values.SelectMany(columns => columns)).Concat(LikeTyped(word));
        return new Completion(start, Matching(names, word));
    }

    private Completion OfCommand(string before, int start, string word)
    {
        string command = before.TrimStart();
        if (!command.Contains(' ', StringComparison.Ordinal))
        {
            int at = before.Length - command.Length;
            return new Completion(at, Matching(MetaCommands.Names, command));
        }

        IEnumerable<string> names = command[..command.IndexOf(' ', StringComparison.Ordinal)] switch
        {
            "\\d" => Names().Keys,
            "\\format" => Enum.GetNames<OutputFormat>().Select(name => name.ToLowerInvariant()),
            "\\x" or "\\timing" => ["on", "off"],
            _ => [],
        };
        return new Completion(start, Matching(names, word));
    }

    /// <summary>Columns of a table, or of the table that a name stands for: FROM orders o, FROM orders AS o.</summary>
    private Completion OfColumns(string line, int start, string name, string word)
    {
        if (!Names().TryGetValue(name.ToLowerInvariant(), out IReadOnlyList<string>? columns))
        {
            string[] words = line.Split([' ', '\t', ',', '(', ')', ';'], StringSplitOptions.RemoveEmptyEntries);
            for (int i = 1; i < words.Length && columns is null; i++)
            {
                bool isAlias = words[i].Equals(name, StringComparison.OrdinalIgnoreCase);
                int of = words[i - 1].Equals("AS", StringComparison.OrdinalIgnoreCase) && i > 1 ? i - 2 : i - 1;
                _ = isAlias && Names().TryGetValue(words[of].ToLowerInvariant(), out columns);
            }
        }

        return new Completion(start, Matching(columns ?? [], word));
    }

    private static int WordStart(string before)
    {
        int at = before.Length;
        while (at > 0 && (char.IsLetterOrDigit(before[at - 1]) || before[at - 1] is '_' or '$' or '#' or '.'))
        {
            at--;
        }

        return at;
    }

    private static bool IsTableNext(string before)
    {
        string[] words = before.Split([' ', '\t', '('], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0
            && before.Length > 0
            && Array.Exists(s_beforeTables, word => word.Equals(words[^1], StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Keywords in the case in which the word was begun.</summary>
    private static IEnumerable<string> LikeTyped(string word) => word.Length > 0 && char.IsLower(word[^1])
        ? s_keywords.Select(keyword => keyword.ToLowerInvariant())
        : s_keywords;

    private static string[] Matching(IEnumerable<string> names, string word) =>
    [
        .. names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private Dictionary<string, IReadOnlyList<string>> Names()
    {
        try
        {
            return _names ??= readNames();
        }
        catch (ShardSqlException)
        {
            // Completion without names is better than an error in the middle of a line; the next Tab asks again.
            return [];
        }
    }
}
