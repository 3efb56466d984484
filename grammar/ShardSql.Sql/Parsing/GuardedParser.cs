using System.Globalization;
using System.Runtime.CompilerServices;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;

namespace ShardSql.Sql.Parsing;

/// <summary>The generated parser with a guard on its own stack: no text can make it overflow.</summary>
internal sealed class GuardedParser : ShardSqlParser
{
    private int _depth;

    public GuardedParser(ITokenStream input, ParserAutomaton automaton)
        : base(input) => Interpreter = automaton.CreateSimulator(this);

    public override void EnterRule(ParserRuleContext localctx, int state, int ruleIndex)
    {
        Deepen(localctx);
        base.EnterRule(localctx, state, ruleIndex);
    }

    public override void ExitRule()
    {
        _depth--;
        base.ExitRule();
    }

    public override void EnterRecursionRule(ParserRuleContext localctx, int state, int ruleIndex, int precedence)
    {
        Deepen(localctx);
        base.EnterRecursionRule(localctx, state, ruleIndex, precedence);
    }

    public override void UnrollRecursionContexts(ParserRuleContext parentctx)
    {
        _depth--;
        base.UnrollRecursionContexts(parentctx);
    }

    public override void Reset()
    {
        _depth = 0;
        base.Reset();
    }

    private void Deepen(ParserRuleContext context)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > SqlLimits.MaxRuleDepth)
        {
            throw new SqlException(
                SqlStates.StatementTooComplex,
                string.Create(
                    CultureInfo.InvariantCulture, $"nesting of the grammar's rules exceeds {SqlLimits.MaxRuleDepth}"),
                (context.Start?.StartIndex ?? 0) + 1);
        }
    }
}
