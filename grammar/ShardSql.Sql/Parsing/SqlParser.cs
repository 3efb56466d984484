using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Runtime.CompilerServices;
using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Misc;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>
/// Text to statements. Every input gives a batch or a <see cref="SqlException"/> with its position, line and column.
/// </summary>
public static class SqlParser
{
    /// <summary>Rises with every change of the tree that a text gives; peers of other versions exchange text.</summary>
    public const int GrammarVersion = 17;

    /// <summary>Parses a text of any number of statements.</summary>
    public static ParsedBatch Parse(string text) => Parse(text, ReadOnlyDictionary<string, SqlKind>.Empty, out _);

    /// <summary>Parses a text in which some parameters stand for whole lists of values of a kind, each once, as
    /// <see cref="Expressions.ParameterList"/> says. Null where one of them stands elsewhere than as the items of an IN.
    /// </summary>
    public static ParsedBatch? ParseWithLists(string text, IReadOnlyDictionary<string, SqlKind> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ParsedBatch batch = Parse(text, lists, out int inPlace);
        return inPlace == lists.Count && lists.Keys.All(batch.ParameterNames.Contains) ? batch : null;
    }

    private static ParsedBatch Parse(string text, IReadOnlyDictionary<string, SqlKind> lists, out int inPlace)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            TextScan.Check(text);
            return Build(text, lists, out inPlace);
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

    private static ParsedBatch Build(string text, IReadOnlyDictionary<string, SqlKind> lists, out int inPlace)
    {
        var lexer = new ShardSqlLexer(new AntlrInputStream(text));
        lexer.RemoveErrorListeners();
        var tokens = new CommonTokenStream(lexer);
        var parser = new GuardedParser(tokens, ParserAutomaton.Take());
        var builder = new StatementBuilder(lists);
        ParsedBatch batch = builder.Build(ParseTree(parser, tokens, text));
        inPlace = builder.ListsInPlace;
        return batch;
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
