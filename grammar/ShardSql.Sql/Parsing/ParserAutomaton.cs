using System.Linq;
using System.Threading;
using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Dfa;
using ShardSql.Sql.Generated;

namespace ShardSql.Sql.Parsing;

/// <summary>
/// What the parser has learned about its grammar: ANTLR's decision automata and context cache. They only ever grow, by
/// what texts come in, so past a bound new parses begin with an empty one; running ones keep theirs.
/// </summary>
internal sealed class ParserAutomaton
{
    private const int MaxStates = 20_000;
    private const int ParsesBetweenChecks = 256;

    private static ParserAutomaton s_current = new();

    private readonly DFA[] _decisions =
        [.. ShardSqlParser._ATN.decisionToState.Select((state, i) => new DFA(state, i))];
    private readonly PredictionContextCache _contexts = new();
    private int _parses;

    private ParserAutomaton()
    {
    }

    /// <summary>The one for the next parse.</summary>
    public static ParserAutomaton Take()
    {
        ParserAutomaton current = Volatile.Read(ref s_current);
        if (Interlocked.Increment(ref current._parses) % ParsesBetweenChecks == 0
            && current._decisions.Sum(d => d.states.Count) > MaxStates)
        {
            Interlocked.CompareExchange(ref s_current, new ParserAutomaton(), current);
        }

        return current;
    }

    public ParserATNSimulator CreateSimulator(Parser parser) =>
        new(parser, ShardSqlParser._ATN, _decisions, _contexts);
}
