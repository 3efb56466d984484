using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Tests.Tidy;

namespace ShardSql.Tests.Fuzz;

/// <summary>One text of the fuzz for each number: sentences of the grammar, statements of the planner's scripts whole or
/// in disorder, noise, and what is far too large.</summary>
internal sealed class SqlTextMaker
{
    private const int DeepestSentence = 26;

    private static readonly string[] s_nesting =
        ["(", "NOT ", "- ", "CASE WHEN TRUE THEN ", "abs(", "(SELECT ", "CAST(", "1 + (", "a IN (", "((", "- - NOT ("];

    private static readonly string[] s_chains =
        [" + 1", " - 1", " AND TRUE", " OR a = 1", " || 'x'", "::int", ", 1", " IS NULL", ", a AS b", "; SELECT 1", " * -1"];

    private readonly GrammarRules _rules = GrammarRules.Read();
    private readonly List<string> _corpus = ReadCorpus();

    public string Make(Prng random)
    {
        string known = _corpus[random.Next(_corpus.Count)];
        var mutator = new TextMutator(_corpus, random);
        switch (random.Next(1000))
        {
            case < 400:
                return Sentence(random);
            case < 450:
                return mutator.Tokens(Sentence(random));
            case < 800:
                return mutator.Tokens(known);
            case < 920:
                return mutator.Bytes(known);
            case < 960:
                return known.Insert(random.Next(known.Length), FuzzValues.Noise(random, 1 + random.Next(20)));
            case < 996:
                return Deep(random, random.Next(1, 260));
            case < 998:
                return Deep(random, random.Next(1, 20_000));
            default:
                return Large(random);
        }
    }

    private string Sentence(Prng random) => new SentenceMaker(_rules, random).Make(
        random.Next(8) == 0 ? "batch" : "explainable", random.Next(8, DeepestSentence));

    /// <summary>The statements of the planner's golden scripts.</summary>
    private static List<string> ReadCorpus() =>
    [
        .. Repository.Files(".txt")
            .Where(path => path.Contains("Planning/testdata/", StringComparison.Ordinal))
            .SelectMany(path => Repository.Read(path).Split('\n'))
            .Where(line => line.StartsWith("> ", StringComparison.Ordinal))
            .Select(line => line[2..]),
    ];

    private static string Deep(Prng random, int times)
    {
        string open = s_nesting[random.Next(s_nesting.Length)];
        string close = random.Next(3) == 0
            ? string.Empty : open.StartsWith("CASE", StringComparison.Ordinal) ? " END" : open.Contains('(', StringComparison.Ordinal) ? ")" : string.Empty;
        var text = new StringBuilder("SELECT ");
        text.Insert(text.Length, open, times).Append('1').Insert(text.Length, close, times);
        return text.Append(" FROM h").ToString();
    }

    private static string Large(Prng random)
    {
        var text = new StringBuilder();
        switch (random.Next(6))
        {
            case 0:
                text.Append("SELECT a FROM h WHERE id IN (1").Insert(text.Length, ", 7", random.Next(9_900, 10_010)).Append(')');
                break;
            case 1:
                text.Append("SELECT '").Append('x', random.Next(1 << 20)).Append('\'');
                break;
            case 2:
                text.Append("SELECT ").Append('9', random.Next(100_000));
                break;
            case 3:
                text.Append("INSERT INTO h (id) VALUES (1)").Insert(text.Length, ", (2)", random.Next(10_000));
                break;
            case 4:
                text.Append("SELECT ").Append(FuzzValues.Noise(random, random.Next(10_000)));
                break;
            default:
                string link = s_chains[random.Next(s_chains.Length)];
                text.Append("SELECT 1").Insert(text.Length, link, random.Next(11_000));
                break;
        }

        return text.ToString();
    }
}
