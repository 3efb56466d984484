using System.Collections.Generic;
using System.IO;
using System.Linq;
using Antlr4.Runtime;
using Antlr4.Runtime.Misc;
using ShardSql.Sql.Generated;

namespace ShardSql.Sql.Parsing;

/// <summary>Throws at the first syntax error.</summary>
internal sealed class SyntaxErrorListener(string text) : BaseErrorListener
{
    private const int MaxNamed = 8;

    public override void SyntaxError(
        TextWriter output,
        IRecognizer recognizer,
        IToken offendingSymbol,
        int line,
        int charPositionInLine,
        string msg,
        RecognitionException e)
    {
        var parser = (ShardSqlParser)recognizer;
        var stream = (CommonTokenStream)parser.TokenStream;
        List<string> statement = [];
        int start = offendingSymbol.StartIndex;
        for (int i = offendingSymbol.TokenIndex - 1; i >= 0; i--)
        {
            IToken token = stream.Get(i);
            if (token.Type == ShardSqlLexer.SEMICOLON)
            {
                break;
            }

            statement.Add(token.Text);
            start = token.StartIndex;
        }

        statement.Reverse();
        throw SyntaxErrors.At(text, start, statement, offendingSymbol, Expected(parser, e));
    }

    private static List<string> Expected(ShardSqlParser parser, RecognitionException? e)
    {
        IntervalSet expected = e?.GetExpectedTokens() ?? parser.GetExpectedTokens();
        List<string> names = [.. expected.ToArray()
            .Where(t => t != TokenConstants.EOF)
            .Select(t => ShardSqlLexer.DefaultVocabulary.GetLiteralName(t)?.Trim('\'') ?? Describe(t))
            .Where(n => n.Length > 0)
            .Distinct()];
        if (names.Contains("a name"))
        {
            // Where a name may stand, every free keyword may too.
            names.RemoveAll(n => n.Length > 1 && char.IsAsciiLetterUpper(n[0]) && n.All(char.IsAsciiLetterUpper)
                && IsFree(n));
        }

        return names.Count <= MaxNamed && names is not [";"] ? names : [];
    }

    private static bool IsFree(string keyword) => Keywords.IsFree(keyword);

    private static string Describe(int type) => type switch
    {
        ShardSqlLexer.IDENTIFIER => "a name",
        ShardSqlLexer.PARAMETER => "a parameter",
        ShardSqlLexer.STRING => "a string",
        ShardSqlLexer.INTEGER_NUMBER or ShardSqlLexer.DECIMAL_NUMBER => "a number",
        ShardSqlLexer.NOT_EQUAL => "<>",
        _ => string.Empty,
    };
}
