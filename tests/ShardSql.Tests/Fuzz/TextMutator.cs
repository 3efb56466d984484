using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>Texts that are nearly statements: tokens or bytes of good ones lost, doubled, moved and mixed.</summary>
internal sealed partial class TextMutator
{
    private static readonly string[] s_strays =
    [
        ";", "(", ")", ",", ".", "*", "'", "\"", "[", "]", "@", "@p0", "--", "/*", "*/", "::", "||", "=", "<>", "\\", "$1",
        "\0", "\uD800", "é", "0x1F", "1e", "E'\\", "X'0'", "NULL", "NOT", "CASE", "END", "SELECT", "FROM", "WHERE", "IN", "-",
    ];

    private readonly IReadOnlyList<string> _corpus;
    private readonly Prng _random;

    public TextMutator(IReadOnlyList<string> corpus, Prng random)
    {
        _corpus = corpus;
        _random = random;
    }

    /// <summary>A text with some of its tokens in disorder.</summary>
    public string Tokens(string text)
    {
        List<string> tokens = Split(text);
        for (int changes = 1 + _random.Next(3); changes > 0 && tokens.Count > 0; changes--)
        {
            ChangeToken(tokens);
        }

        return string.Join(_random.Next(10) == 0 ? string.Empty : " ", tokens);
    }

    /// <summary>A text with some of its bytes in disorder.</summary>
    public string Bytes(string text)
    {
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(text)];
        for (int changes = 1 + _random.Next(4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = _random.Next(bytes.Count);
            switch (_random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(1 + _random.Next(6), bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(1 + _random.Next(12), bytes.Count - at)));
                    break;
            }
        }

        // Latin-1 keeps the bytes as characters, the other puts replacement characters where they are no UTF-8.
        return _random.Next(2) == 0 ? Encoding.Latin1.GetString([.. bytes]) : Encoding.UTF8.GetString([.. bytes]);
    }

    private static List<string> Split(string text) => [.. Token().Matches(text).Select(match => match.Value)];

    private void ChangeToken(List<string> tokens)
    {
        int at = _random.Next(tokens.Count);
        int other = _random.Next(tokens.Count);
        switch (_random.Next(7))
        {
            case 0:
                tokens.RemoveAt(at);
                break;
            case 1:
                tokens.Insert(at, tokens[at]);
                break;
            case 2:
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
            case 3:
                tokens.Insert(at, s_strays[_random.Next(s_strays.Length)]);
                break;
            case 4:
                List<string> donor = Split(_corpus[_random.Next(_corpus.Count)]);
                int from = _random.Next(donor.Count);
                tokens.InsertRange(at, donor.Skip(from).Take(1 + _random.Next(5)));
                break;
            case 5:
                tokens[at] = _random.Next(2) == 0 ? FuzzValues.Integer(_random) : FuzzValues.Quoted(_random);
                break;
            default:
                tokens.RemoveRange(Math.Min(at, other), Math.Abs(at - other));
                break;
        }
    }

    [GeneratedRegex(@"'(?:[^']|'')*'|""[^""]*""|\[[^\]]*\]|@?\w+|::|\|\||<>|<=|>=|\S")]
    private static partial Regex Token();
}
