using System;
using System.Runtime.CompilerServices;
using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Misc;
using ShardSql.Sql.Generated;

namespace ShardSql.Sql.Parsing;

/// <summary>
/// Text to statements. Every input gives a batch or a <see cref="SqlException"/> with its position, line and column.
/// </summary>
public static class SqlParser
{
    /// <summary>Rises with every change of the tree that a text gives; peers of other versions exchange text.</summary>
    public const int GrammarVersion = 9;

    /// <summary>Parses a text of any number of statements.</summary>
    public static ParsedBatch Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            TextScan.Check(text);
            return Build(text);
        }
        catch (SqlException e) when (e.Position > 0 && e.Line == 0)
        {
            throw e.WithLocation(text);
        }
        catch (InsufficientExecutionStackException)
        {
            throw new SqlException(SqlStates.StatementTooComplex, "the statement needs more stack than there is");
        }
    }

    private static ParsedBatch Build(string text)
    {
        var lexer = new ShardSqlLexer(new AntlrInputStream(text));
        lexer.RemoveErrorListeners();
        var tokens = new CommonTokenStream(lexer);
        var parser = new GuardedParser(tokens, ParserAutomaton.Take());
        return new StatementBuilder().Build(ParseTree(parser, tokens, text));
    }

    /// <summary>SLL prediction is much faster and nearly always enough; what it refuses, full LL decides.</summary>
    private static ShardSqlParser.BatchContext ParseTree(GuardedParser parser, CommonTokenStream tokens, string text)
    {
        parser.RemoveErrorListeners();
        parser.ErrorHandler = new BailErrorStrategy();
        parser.Interpreter.PredictionMode = PredictionMode.SLL;
        try
        {
            return parser.batch();
        }
        catch (ParseCanceledException)
        {
            tokens.Seek(0);
            parser.Reset();
            parser.ErrorHandler = new DefaultErrorStrategy();
            parser.AddErrorListener(new SyntaxErrorListener(text));
            parser.Interpreter.PredictionMode = PredictionMode.LL;
            return parser.batch();
        }
    }
}
