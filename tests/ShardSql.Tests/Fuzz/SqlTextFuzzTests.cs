using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;

using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Tests.Fuzz;

/// <summary>
/// Any text at all through parser, planner and executor: statements, plans and rows, or an error of the catalogue with a
/// place inside the text; nothing else, and never without end.
/// </summary>
public sealed class SqlTextFuzzTests
{
    private const int Texts = 12_500;
    private const int TextsPerDatabase = 500;
    private const int MostShown = 2_000;

    /// <summary>How long one text may take before it counts as one that never ends; a machine under load included.
    /// </summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static readonly HashSet<string> s_states =
    [
        .. typeof(SqlStates).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetValue(null)!)
            .Except([SqlStates.InternalError, SqlStates.DataCorrupted, SqlStates.Success, SqlStates.ProtocolViolation]),
    ];

    private readonly ITestOutputHelper _output;
    private readonly SqlTextMaker _maker = new();
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private MemoryDatabase _database = NewDatabase();
    private string _text = string.Empty;
    private int _input;
    private Exception? _failure;

    public SqlTextFuzzTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public void Any_text_gives_rows_or_a_catalogued_error_with_its_place()
    {
        var worker = new Thread(RunAll) { IsBackground = true };
        worker.Start();
        int seen = -1;
        while (!worker.Join(s_patience))
        {
            int now = Volatile.Read(ref _input);
            Assert.True(now != seen, FuzzRun.Say(now, $"no end after {s_patience}: {Shown()}"));
            seen = now;
        }

        _output.WriteLine(string.Join(", ", _outcomes.Select(o => $"{o.Key} {o.Value}")));
        Assert.True(_failure is null, FuzzRun.Say(_input, $"{Shown()}\n{_failure}"));

        // A fuzz that never gets past the parser proves little.
        int planned = _outcomes.GetValueOrDefault("planned");
        Assert.True(planned > _input / 10, $"only {planned} of {_input} texts were planned");
        Assert.True(_outcomes.Count > 15, $"only {_outcomes.Count} kinds of outcome");
    }

    [Fact]
    public void Rules_of_the_grammar_all_end_somewhere()
    {
        GrammarRules rules = GrammarRules.Read();
        Assert.True(rules.Rules.Count > 50, $"{rules.Rules.Count} rules");
        Assert.DoesNotContain(rules.Rules.Values, rule => rules.Depth(rule) >= GrammarRules.Unreachable);
    }

    private static MemoryDatabase NewDatabase()
    {
        var database = new MemoryDatabase(3);
        database.Run("CREATE TABLE h (id bigint PRIMARY KEY, a int, b text, c decimal(10,2), d double precision, e boolean, "
            + "f timestamptz, g uuid, h bytes, name varchar(10), CHECK (a < 1000))");
        database.Run("CREATE TABLE r (id int PRIMARY KEY, a int NOT NULL DEFAULT 7, b text, \"Mixed\" int) "
            + "SHARD BY RANGE (id) SPLIT AT VALUES (5), (10)");
        database.Run("CREATE TABLE two (a int, b text, c date, PRIMARY KEY (a, b)) SHARD BY HASH (b)");
        database.Run("CREATE TABLE ref (id int PRIMARY KEY, name text) REFERENCE");
        database.Run("CREATE TABLE one (id int PRIMARY KEY, x json) SINGLE");
        database.Run("INSERT INTO h (id, a, b, c, d, e) VALUES (1, 1, 'a', 1.5, 1, TRUE), (2, 2, 'b', 2.5, 2, FALSE), "
            + "(3, NULL, NULL, NULL, NULL, NULL), (4, 4, 'é', -4, -4.5, TRUE)");
        database.Run("INSERT INTO r VALUES (1, 1, 'x', 1), (7, 2, 'y', NULL), (12, 3, NULL, 3)");
        database.Run("INSERT INTO two VALUES (1, 'a', DATE '2024-02-29'), (1, 'b', NULL), (2, 'a', DATE '0001-01-01')");
        database.Run("INSERT INTO ref VALUES (1, 'one'), (2, NULL)");
        return database;
    }

    private void RunAll()
    {
        try
        {
            int count = FuzzRun.Count(Texts);
            for (int i = 0; i < count; i++)
            {
                if (i % TextsPerDatabase == 0)
                {
                    _database = NewDatabase();
                }

                Volatile.Write(ref _input, i);
                Prng random = FuzzRun.For(i);
                Volatile.Write(ref _text, _maker.Make(random));
                RunOne(_text, random);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void RunOne(string text, Prng random)
    {
        IReadOnlyList<Statement> statements;
        try
        {
            statements = SqlParser.Parse(text).Statements;
        }
        catch (SqlException error)
        {
            Check(error, text, isSyntax: true);
            return;
        }

        if (statements.Count == 0)
        {
            Count("empty");
        }

        PlanningContext context = _database.Context(Parameters(random));
        foreach (Statement statement in statements.Take(20))
        {
            try
            {
                StatementPlan plan = Planner.Plan(statement, context);
                Count("planned");
                Assert.NotEmpty(plan.ExplainLines);
                if (plan.Ddl is null)
                {
                    _database.Run(plan);
                    Count("run");
                }
            }
            catch (SqlException error)
            {
                Check(error, text, isSyntax: false);
            }
        }
    }

    private void Check(SqlException error, string text, bool isSyntax)
    {
        Count((isSyntax ? "parser " : "planner ") + error.SqlState);
        Assert.True(s_states.Contains(error.SqlState), $"{error.SqlState} {error.Message}");
        Assert.InRange(error.Position, 0, text.Length + 1);
        Assert.NotEmpty(error.Message);
        Assert.True(error.SqlState != SqlStates.SyntaxError || error.Position > 0, "a syntax error has a place: " + error.Message);
        if (isSyntax && error.Position > 0)
        {
            Assert.Equal(SqlException.Locate(text, error.Position), (error.Line, error.Column));
        }
    }

    private static (string Name, SqlValue Value)[] Parameters(Prng random) =>
    [
        ("p0", SqlValue.FromInt32(random.Next(10))),
        ("p1", SqlValue.FromText("a")),
        ("p2", SqlValue.Null),
        ("p3", random.Next(2) == 0 ? SqlValue.FromBoolean(true) : SqlValue.FromInt64(long.MaxValue)),
    ];

    private string Shown() => _text.Length <= MostShown ? _text : $"{_text[..MostShown]}… ({_text.Length} characters)";

    private void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
}
