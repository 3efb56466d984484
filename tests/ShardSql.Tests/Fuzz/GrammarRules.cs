using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

using ShardSql.Tests.Tidy;

namespace ShardSql.Tests.Fuzz;

/// <summary>
/// The grammar as its own files say it, so that sentences follow the language as it grows. Reads what the two files
/// use of ANTLR's notation: alternatives, groups, ? * +, labels, and keywords that are one literal.
/// </summary>
internal sealed partial class GrammarRules
{
    private readonly Dictionary<string, GrammarNode> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal);
    private string[] _tokens = [];
    private int _at;

    private GrammarRules()
    {
    }

    /// <summary>More than any sentence needs.</summary>
    public const int Unreachable = 10_000;

    /// <summary>Keywords and operators by the name of their token.</summary>
    public IReadOnlyDictionary<string, string> Words => _words;

    /// <summary>The bodies of the parser's rules.</summary>
    public IReadOnlyDictionary<string, GrammarNode> Rules => _rules;

    /// <summary>Reads grammar/*.g4.</summary>
    public static GrammarRules Read()
    {
        var rules = new GrammarRules();
        foreach (Match word in LiteralToken().Matches(Repository.Read("grammar/ShardSqlLexer.g4")))
        {
            rules._words.TryAdd(word.Groups["name"].Value, word.Groups["text"].Value);
        }

        rules.ReadParser(Repository.Read("grammar/ShardSqlParser.g4"));
        rules.Measure();
        return rules;
    }

    /// <summary>The body of a rule; null for a token.</summary>
    public GrammarNode? Rule(string name) => _rules.GetValueOrDefault(name);

    /// <summary>How many rules deep the shortest sentence of a part is.</summary>
    public int Depth(GrammarNode node)
    {
        if (node.Repeat is '?' or '*')
        {
            return 0;
        }

        if (node.Name is not null)
        {
            return _rules.ContainsKey(node.Name) ? _depths.GetValueOrDefault(node.Name, Unreachable) : 0;
        }

        int best = Unreachable;
        foreach (IReadOnlyList<GrammarNode> alternative in node.Alternatives)
        {
            best = Math.Min(best, Depth(alternative));
        }

        return best;
    }

    /// <summary>The same of an alternative.</summary>
    public int Depth(IReadOnlyList<GrammarNode> alternative)
    {
        int deepest = 0;
        foreach (GrammarNode node in alternative)
        {
            deepest = Math.Max(deepest, Depth(node));
        }

        return deepest;
    }

    private void Measure()
    {
        bool isChanged = true;
        while (isChanged)
        {
            isChanged = false;
            foreach ((string name, GrammarNode body) in _rules)
            {
                int depth = Depth(body) + 1;
                if (depth < _depths.GetValueOrDefault(name, Unreachable))
                {
                    _depths[name] = depth;
                    isChanged = true;
                }
            }
        }
    }

    private void ReadParser(string text)
    {
        var tokens = new List<string>();
        foreach (Match token in Token().Matches(text[text.IndexOf(';', StringComparison.Ordinal)..]))
        {
            // Comments, options, actions and the labels of alternatives say nothing about sentences.
            if (!token.Value.StartsWith("//", StringComparison.Ordinal) && token.Value[0] is not ('{' or '#' or '/'))
            {
                tokens.Add(token.Value);
            }
        }

        _tokens = [.. tokens, ";"];
        while (_at + 1 < _tokens.Length)
        {
            if (_tokens[_at + 1] == ":")
            {
                string name = _tokens[_at];
                _at += 2;
                _rules[name] = ReadAlternatives();
            }
            else
            {
                _at++;
            }
        }
    }

    private GrammarNode ReadAlternatives()
    {
        var alternatives = new List<IReadOnlyList<GrammarNode>>();
        var current = new List<GrammarNode>();
        while (_tokens[_at] is not (";" or ")"))
        {
            string token = _tokens[_at++];
            if (token == "|")
            {
                alternatives.Add(current);
                current = [];
            }
            else if (token is not ("?" or "=" or "+="))
            {
                current.Add(ReadItem(token));
            }
        }

        alternatives.Add(current);
        return new GrammarNode(null, '1', alternatives);
    }

    private GrammarNode ReadItem(string token)
    {
        GrammarNode node;
        if (token == "(")
        {
            node = ReadAlternatives();
            _at++;
        }
        else
        {
            node = new GrammarNode(token, '1', []);
        }

        if (_tokens[_at] is "?" or "*" or "+")
        {
            node = node with { Repeat = _tokens[_at++][0] };
        }

        return node;
    }

    [GeneratedRegex(@"^(?<name>[A-Z_]+)\s*:\s*'(?<text>[^'\\]+)'(\s*\|\s*'[^'\\]+')?\s*;", RegexOptions.Multiline)]
    private static partial Regex LiteralToken();

    [GeneratedRegex(@"//[^\n]*|/\*[\s\S]*?\*/|\{[^}]*\}|#\s*\w+|\w+|\+=|[:|;()?*+=]")]
    private static partial Regex Token();
}
