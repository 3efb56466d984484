using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>
/// Random sentences of the grammar. Names are drawn from the catalog of the fuzz, so that a good part of them binds;
/// past its budget of depth a sentence takes the shortest way out.
/// </summary>
internal sealed class SentenceMaker
{
    private const int MostWords = 600;
    private const int LeeWay = 2;
    private const int MostOverrun = 20;

    private static readonly string[] s_columns = ["id", "a", "b", "c", "d", "e", "f", "g", "h", "name", "\"Mixed\"", "x"];

    private static readonly string[] s_tables =
        ["h", "h", "h", "h", "r", "r", "two", "two", "ref", "ref", "one", "[h]", "H", "public.h"];

    private static readonly string[] s_wrongTables = ["missing", "shard.tables", "other.h", "\"T\""];

    private static readonly string[] s_types =
    [
        "int", "bigint", "smallint", "text", "varchar(5)", "decimal(10,2)", "numeric", "double precision", "real",
        "boolean", "bytes", "uuid", "date", "time", "timestamp", "timestamptz", "json", "timestamp with time zone",
    ];

    private static readonly string[] s_wrongTypes =
        ["nothing", "decimal(99)", "varchar(0)", "decimal(5,9)", "int(4)", "varchar(99999999999)"];

    /// <summary>What makes nearly every sentence one that is refused.</summary>
    private static readonly string[] s_rare =
    [
        "WITH", "USING", "FROM", "FOREIGN", "UNIQUE", "REFERENCES", "COLLATE", "selectStatement", "EXISTS", "ANY", "ALL",
        "setOperator", "joinedTable", "FOR", "CONSTRAINT", "starCall", "DISTINCT", "queryPrimary",
    ];

    private static readonly string[] s_functions =
    [
        "count", "sum", "min", "max", "avg", "lower", "upper", "length", "abs", "round", "floor", "coalesce", "nullif",
        "now", "substr", "replace", "concat", "mod", "power", "sqrt", "date_trunc", "greatest", "left", "right",
        "gen_random_uuid", "octet_length", "lpad", "repeat", "nothing", "string_agg", "bool_and", "to_char", "ascii",
    ];

    private static readonly string[] s_words =
    [
        "NODES", "TABLES", "SEGMENTS", "SHARDS", "CLUSTER", "day", "hour", "year", "epoch", "json", "format", "a", "b",
        "t", "id", "ignore", "timezone",
    ];

    private readonly GrammarRules _rules;
    private readonly Prng _random;
    private readonly StringBuilder _text = new();
    private int _wordCount;

    public SentenceMaker(GrammarRules rules, Prng random)
    {
        _rules = rules;
        _random = random;
    }

    /// <summary>A sentence of a rule.</summary>
    public string Make(string rule, int depth)
    {
        _text.Clear();
        _wordCount = 0;
        Write(rule, depth);
        return _text.ToString();
    }

    private void Write(string name, int depth)
    {
        if (Named(name) is { } text)
        {
            Add(text);
        }
        else if (_rules.Rule(name) is { } body)
        {
            WriteOnce(body, depth - 1);
        }
        else if (name != "EOF")
        {
            Add(_rules.Words.TryGetValue(name, out string? word) ? word : name);
        }
    }

    private void Write(GrammarNode node, int depth)
    {
        bool isShort = depth <= 0 || _wordCount > MostWords;
        int times = node.Repeat switch
        {
            '?' => isShort || _random.Next(3) != 0 || IsAvoided(node) ? 0 : 1,
            '*' => isShort || IsAvoided(node) ? 0 : Few(),
            '+' => isShort ? 1 : 1 + Few(),
            _ => 1,
        };
        for (int i = 0; i < times; i++)
        {
            WriteOnce(node, depth);
        }
    }

    private void WriteOnce(GrammarNode node, int depth)
    {
        if (node.Name is not null)
        {
            Write(node.Name, depth);
            return;
        }

        foreach (GrammarNode part in Choose(node, depth))
        {
            Write(part, depth);
        }
    }

    private IReadOnlyList<GrammarNode> Choose(GrammarNode node, int depth)
    {
        var open = new List<IReadOnlyList<GrammarNode>>();
        int least = GrammarRules.Unreachable;
        foreach (IReadOnlyList<GrammarNode> alternative in node.Alternatives)
        {
            int needed = _rules.Depth(alternative);
            least = Math.Min(least, needed);
            if (needed <= depth && _wordCount <= MostWords && !(alternative.Count > 0 && IsAvoided(alternative[0])))
            {
                open.Add(alternative);
            }
        }

        if (open.Count == 0)
        {
            // For a while one or two rules deeper, so that not every sentence ends in parameters.
            int leeWay = depth > -MostOverrun && _wordCount <= MostWords ? LeeWay : 0;
            open.AddRange(node.Alternatives.Where(a => _rules.Depth(a) <= least + leeWay));
        }

        return open[_random.Next(open.Count)];
    }

    /// <summary>Whether a part begins with what is mostly refused, and is to be left out this time.</summary>
    private bool IsAvoided(GrammarNode node)
    {
        while (node.Name is null && node.Alternatives is [[var first, ..], ..])
        {
            node = first;
        }

        return s_rare.Contains(node.Name) && _random.Next(12) != 0;
    }

    private int Few()
    {
        int times = 0;
        while (times < 6 && _random.Next(3) == 0)
        {
            times++;
        }

        return times;
    }

    /// <summary>The rules and tokens whose text has a meaning to the binder.</summary>
    private string? Named(string name)
    {
        switch (name)
        {
            case "tableName":
                return _random.Next(15) == 0 ? Any(s_wrongTables) : Any(s_tables);
            case "columnName":
                return Any(s_columns);
            case "columnReference":
                return _random.Next(6) == 0 ? $"{Any(s_tables)}.{Any(s_columns)}" : Any(s_columns);
            case "typeName":
                return _random.Next(25) == 0 ? Any(s_wrongTypes) : Any(s_types);
            case "functionName":
                return Any(s_functions);
            case "identifier":
                return _random.Next(2) == 0 ? Any(s_columns) : Any(s_words);
            case "INTEGER_NUMBER":
                return FuzzValues.Integer(_random);
            case "DECIMAL_NUMBER":
                return FuzzValues.Decimal(_random);
            case "STRING":
                return FuzzValues.Quoted(_random);
            case "ESCAPE_STRING":
                return "E" + FuzzValues.Quoted(_random);
            case "BYTES_STRING":
                return $"X'{_random.Next(256).ToString("x2", CultureInfo.InvariantCulture)}'";
            case "PARAMETER":
                return _random.Next(20) == 0 ? "@missing" : "@p" + _random.Next(4).ToString(CultureInfo.InvariantCulture);
            case "IDENTIFIER" or "QUOTED_IDENTIFIER" or "BRACKET_IDENTIFIER":
                return Any(s_columns);
            default:
                return null;
        }
    }

    private string Any(string[] words) => words[_random.Next(words.Length)];

    private void Add(string word)
    {
        _wordCount++;
        if (_text.Length > 0)
        {
            _text.Append(' ');
        }

        _text.Append(word);
    }
}
