using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Statements;
using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>A plan with a statement bound before is the plan that binding it anew gives.</summary>
public sealed class PlanCacheTests
{
    private readonly MemoryDatabase _database = new(3);
    private readonly PlanCache _cache = new(64, new StatementLog());

    public PlanCacheTests()
    {
        _database.Run("CREATE TABLE a (id int PRIMARY KEY, owner text, balance bigint NOT NULL DEFAULT 5, CHECK (balance > -100))");
        _database.Run("CREATE TABLE o (c int, n int, total bigint, PRIMARY KEY (c, n)) SHARD BY HASH (c)");
        _database.Run("CREATE TABLE r (id int PRIMARY KEY, name text, seen timestamptz DEFAULT now()) REFERENCE");
    }

    public static TheoryData<string> Statements =>
    [
        "SELECT * FROM a WHERE id = @x",
        "SELECT owner FROM a WHERE id = @x AND balance > @y",
        "SELECT owner FROM a WHERE id IN (@x, @y, 4) ORDER BY id LIMIT @y",
        "SELECT owner AS w, COUNT(*), SUM(balance + @x) FROM a GROUP BY owner HAVING COUNT(*) > @y ORDER BY 1 OFFSET @y",
        "SELECT DISTINCT owner FROM a WHERE id BETWEEN @x AND @y LIMIT 3",
        "SELECT COUNT(DISTINCT owner) FROM a",
        "SELECT n, total FROM o WHERE c = @x ORDER BY n LIMIT 10",
        "SELECT n, total FROM o WHERE c = @x AND n > @y ORDER BY n DESC",
        "SELECT n FROM o WHERE (c, n) > (@x, @y) ORDER BY c, n LIMIT @x",
        "SELECT n FROM o WHERE c = @x OR n = @y",
        "SELECT @x + @y AS s WHERE @x > 1",
        "SELECT name FROM r WHERE id = @x",
        "UPDATE a SET balance = balance + @y, owner = DEFAULT WHERE id = @x RETURNING id, balance * @y",
        "UPDATE a SET balance = @y WHERE owner = 'x' AND id > @x",
        "UPDATE r SET name = 'y' WHERE id = @x RETURNING name",
        "DELETE FROM o WHERE c = @x AND n = @y RETURNING total",
        "DELETE FROM r WHERE id = @x RETURNING id",
        "INSERT INTO a (id, owner) VALUES (@x, 'a'), (@y, 'b') RETURNING id, owner",
        "INSERT INTO a VALUES (@x, NULL, @y)",
        "INSERT INTO r (id, name) VALUES (@x, 'n') RETURNING id",
    ];

    [Theory]
    [MemberData(nameof(Statements))]
    public void Plan_withWhatWasBound_isThePlanBoundAnew(string text)
    {
        Statement statement = Parse(text);
        SqlValue[] values =
        [
            SqlValue.FromInt32(1), SqlValue.FromInt32(2), SqlValue.FromInt32(7), SqlValue.FromInt32(-3),
            SqlValue.NullOf(SqlKind.Int32), SqlValue.FromInt64(2), SqlValue.FromInt64(1L << 40), SqlValue.FromDouble(1.5),
        ];
        foreach (SqlValue x in values)
        {
            foreach (SqlValue y in values)
            {
                (string, SqlValue)[] parameters = [("x", x), ("y", y)];
                Assert.Equal(
                    Describe(() => Planner.Plan(statement, Context(parameters))),
                    Describe(() => _cache.Plan(statement, Context(parameters))));
            }
        }

        Assert.True(_cache.Hits > 20, $"{_cache.Hits} hits");
    }

    [Fact]
    public void Plan_ofTheSameTreeAgain_isSharedWhoeverBringsIt()
    {
        Statement one = Parse("SELECT * FROM a WHERE id = 1");
        Statement other = Parse("SELECT * FROM a WHERE id = 1");
        _cache.Plan(one, Context());
        Assert.Equal(0, _cache.Count);
        _cache.Plan(one, Context());
        Assert.Equal((1, 0L), (_cache.Count, _cache.Hits));
        _cache.Plan(other, Context());
        Assert.Equal((1, 1L), (_cache.Count, _cache.Hits));
    }

    [Fact]
    public void Plan_afterAChangeOfTheCatalog_isBoundToTheNewTable()
    {
        Statement all = Parse("SELECT * FROM a WHERE id = 1");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(3, _cache.Plan(all, Context()).Columns.Count);
        }

        _database.Run("DROP TABLE a");
        Assert.Equal(
            SqlStates.UndefinedTable, Assert.Throws<SqlException>(() => _cache.Plan(all, Context())).SqlState);
        _database.Run("CREATE TABLE a (id int PRIMARY KEY, other text)");
        StatementPlan plan = _cache.Plan(all, Context());
        Assert.Equal(["id", "other"], plan.Columns.Select(column => column.Name));
        Assert.Equal(_database.State.Catalog.Require("a").Id, plan.Tasks[0].Tables[0].TableId);
    }

    [Theory]
    [InlineData("UPDATE r SET seen = now() WHERE id = 1")]
    [InlineData("SELECT * FROM r WHERE seen < now()")]
    [InlineData("UPDATE r SET seen = DEFAULT")]
    public void Plan_thatHoldsAValueOfItsTime_isNotKept(string text)
    {
        Statement statement = Parse(text);
        var seen = new HashSet<string>();
        for (int i = 0; i < 4; i++)
        {
            PlanningContext context = Context() with { NowMicroseconds = i };
            seen.Add(Describe(() => _cache.Plan(statement, context)));
        }

        Assert.Equal((4, 0), (seen.Count, _cache.Count));
    }

    [Fact]
    public void Plan_ofInsert_evaluatesItsFunctionsEachTime()
    {
        Statement statement = Parse("INSERT INTO r (id) VALUES (@x)");
        var seen = new HashSet<string>();
        for (int i = 0; i < 4; i++)
        {
            PlanningContext context = Context(("x", SqlValue.FromInt32(1))) with { NowMicroseconds = i };
            seen.Add(Describe(() => _cache.Plan(statement, context)));
        }

        Assert.Equal((4, 1, 2L), (seen.Count, _cache.Count, _cache.Hits));
    }

    [Fact]
    public void Cache_isBoundedAndForgetsTheLeastRecentlyUsed()
    {
        Statement first = Parse("SELECT 0 AS x FROM a");
        for (int i = 0; i < 200; i++)
        {
            Statement statement = Parse($"SELECT {i} AS x FROM a");
            _cache.Plan(statement, Context());
            _cache.Plan(statement, Context());
            _cache.Plan(first, Context());
        }

        Assert.Equal(64, _cache.Count);
        long hits = _cache.Hits;
        _cache.Plan(first, Context());
        _cache.Plan(Parse("SELECT 1 AS x FROM a"), Context());
        Assert.Equal(hits + 1, _cache.Hits);
    }

    [Fact]
    public void Plan_ofALongStatement_isNotKept()
    {
        Statement statement = Parse("SELECT id FROM a WHERE id IN (" + string.Join(", ", Enumerable.Range(0, 2_000)) + ")");
        for (int i = 0; i < 3; i++)
        {
            Assert.NotEmpty(_cache.Plan(statement, Context()).Tasks);
        }

        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public async Task Sessions_of_a_gateway_share_what_is_bound()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession one = await gateway.OpenAsync();
        await using TestSession two = await gateway.OpenAsync();
        (await one.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v int)")).Ok();
        for (int i = 0; i < 10; i++)
        {
            (await one.RunAsync("INSERT INTO a VALUES (@i, @i)", ("i", SqlValue.FromInt32(i)))).Ok();
        }

        for (int i = 0; i < 10; i++)
        {
            TestReply read = (await two.RunAsync("SELECT v FROM a WHERE id = @i", ("i", SqlValue.FromInt32(i)))).Ok();
            Assert.Equal(i, read.Rows[0][0].AsInt32());
        }

        Assert.Equal(16, gateway.Server.Services.Planner.Hits);
    }

    [Fact]
    public async Task Lists_ofOneToAThousandValues_shareOnePlan()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v int)")).Ok();
        (await session.RunAsync("INSERT INTO a VALUES (3, 1), (500, 2), (998, 3)")).Ok();
        long before = gateway.Server.Services.Planner.Bindings;
        int kept = gateway.Server.Services.Planner.Kept;
        await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{gateway.Name}");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        for (int count = 1; count <= 1_000; count++)
        {
            string[] names = [.. Enumerable.Range(0, count).Select(i => $"ids{i + 1}")];
            await using var command = new ShardSqlCommand(
                $"SELECT count(*) FROM a WHERE id IN (@{string.Join(",@", names)})", connection);
            for (int i = 0; i < count; i++)
            {
                command.Parameters.AddWithValue(names[i], i);
            }

            Assert.Equal(count > 998 ? 3L : count > 500 ? 2L : count > 3 ? 1L : 0L, await command.ExecuteScalarAsync());
        }

        // The first is bound and not kept, as it may never come again; the second is; the others find it.
        Assert.Equal((2L, 1), (gateway.Server.Services.Planner.Bindings - before, gateway.Server.Services.Planner.Kept - kept));
    }

    [Fact]
    public async Task Statement_thatComesAgain_isNeitherParsedNorBound()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v int)")).Ok();
        long bindings = 0;
        long parses = 0;
        for (int i = 0; i < 50; i++)
        {
            (await session.RunAsync("SELECT v FROM a WHERE id = @i", ("i", SqlValue.FromInt32(i)))).Ok();
            (bindings, parses) = i == 1
                ? (gateway.Server.Services.Planner.Bindings, gateway.Server.Services.Texts.Parses) : (bindings, parses);
        }

        Assert.Equal(bindings, gateway.Server.Services.Planner.Bindings);
        Assert.Equal(parses, gateway.Server.Services.Texts.Parses);
        (await session.RunAsync("SELECT v FROM a WHERE id = @other", ("other", SqlValue.FromInt32(1)))).Ok();
        Assert.Equal(bindings + 1, gateway.Server.Services.Planner.Bindings);
    }

    private static Statement Parse(string text) => SqlParser.Parse(text).Statements.Single();

    private PlanningContext Context(params (string Name, SqlValue Value)[] parameters) =>
        _database.Context(parameters) with { NextId = static () => new byte[16] };

    /// <summary>All that an execution depends on, or the error.</summary>
    private static string Describe(Func<StatementPlan> planning)
    {
        StatementPlan plan;
        try
        {
            plan = planning();
        }
        catch (SqlException error)
        {
            return $"{error.SqlState} {error.Message}";
        }

        var lines = new List<string>
        {
            $"{plan.Kind} {plan.Tag} {plan.IsByKey} {plan.Notice}",
            string.Join(", ", plan.Columns),
            $"{plan.RunPlan.Sources} {plan.RunPlan.Mode} {plan.RunPlan.Output} {plan.RunPlan.Aggregation} "
                + string.Join(", ", plan.RunPlan.Parameters.Select(value => value.ToText())),
        };
        foreach (ShardTask task in plan.Tasks)
        {
            lines.Add($"{task.Shard} {Convert.ToHexString(task.Fragment.Span)} {Convert.ToHexString(task.Parameters.Span)} "
                + $"{string.Join(", ", task.Segments)} {string.Join(", ", task.Tables)} {task.CountsRows}");
        }

        lines.AddRange(plan.ExplainLines);
        return string.Join('\n', lines);
    }
}
