using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;
using Xunit;

namespace ShardSql.Tests.Planning;

public sealed class PlannerTests
{
    private static MemoryDatabase Accounts()
    {
        var database = new MemoryDatabase(3);
        database.Run("CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance int NOT NULL)");
        database.Run("CREATE TABLE owners (name text PRIMARY KEY, since timestamptz DEFAULT now(), token uuid) REFERENCE");
        return database;
    }

    [Fact]
    public void Plan_pointRead_needsNeitherFilterNorParameters()
    {
        StatementPlan plan = Accounts().Plan("SELECT owner FROM accounts WHERE id = @id", ("ID", SqlValue.FromInt64(5)));

        ShardTask task = Assert.Single(plan.Tasks);
        Assert.True(task.Parameters.IsEmpty);
        var fragment = ShardSql.Execution.Plans.Fragment.Parser.ParseFrom(task.Fragment.Span);
        Assert.True(fragment.Statements[0].Scan.Filter.IsEmpty);
        Assert.Single(fragment.Statements[0].Scan.Access.Keys);
    }

    [Fact]
    public void Plan_guards_nameTheVersionsAndEpochsUsed()
    {
        MemoryDatabase database = Accounts();
        StatementPlan plan = database.Plan("SELECT * FROM accounts");

        uint table = database.State.Catalog.Require("accounts").Id;
        Assert.All(plan.Tasks, task => Assert.Equal([new TableGuard(table, 1)], task.Tables));
        Assert.Equal(
            database.State.Map.Segments.Select(s => new SegmentGuard(s.Id, s.Epoch)),
            plan.Tasks.SelectMany(task => task.Segments));
    }

    [Fact]
    public void Plan_referenceTable_isReadWhereTheTransactionIs()
    {
        MemoryDatabase database = Accounts();
        PlanningContext context = database.Context() with { PreferredShard = new ShardId(2) };

        StatementPlan plan = Planner.Plan(
            SqlParser.Parse("SELECT * FROM owners").Statements[0], context);

        Assert.Equal(new ShardId(2), Assert.Single(plan.Tasks).Shard);
    }

    [Fact]
    public void Insert_intoReferenceTable_writesTheSameRowEverywhereAndCountsOnce()
    {
        MemoryDatabase database = Accounts();

        Assert.Equal(["x"], database.Text(
            "INSERT INTO owners (name, token) VALUES ('x', gen_random_uuid()) RETURNING name"));

        Assert.Equal(1, database.LastRowsAffected);
        byte[] row = Assert.Single(database.Rows(1)).Value;
        Assert.Equal(row, Assert.Single(database.Rows(2)).Value);
        Assert.Equal(row, Assert.Single(database.Rows(3)).Value);
    }

    [Fact]
    public void Update_ofReferenceTable_returnsItsRowsOnce()
    {
        MemoryDatabase database = Accounts();
        database.Run("INSERT INTO owners (name) VALUES ('x'), ('y')");

        Assert.Equal(2, database.Run("UPDATE owners SET token = gen_random_uuid() RETURNING name").Count);
        Assert.Equal(2, database.LastRowsAffected);
        Assert.Equal(database.Rows(1).Values, database.Rows(3).Values);
    }

    [Fact]
    public void Plan_longInList_isOneKeyEach()
    {
        MemoryDatabase database = Accounts();
        (string, SqlValue)[] parameters =
            [.. Enumerable.Range(0, 1000).Select(i => ($"ids{i}", SqlValue.FromInt32(i)))];
        string list = string.Join(",", Enumerable.Range(0, 1000).Select(i => $"@ids{i}"));
        database.Run("INSERT INTO accounts VALUES (5, 'a', 1), (999, 'b', 2), (1000, 'c', 3)");

        Assert.Equal(2, database.Run($"SELECT * FROM accounts WHERE id IN ({list})", parameters).Count);
        Assert.Equal(1000, database.RowsRead);
    }

    [Fact]
    public void Plan_emptyListOfDapper_touchesNoShard()
    {
        MemoryDatabase database = Accounts();

        StatementPlan plan = database.Plan(
            "SELECT * FROM accounts WHERE id IN (SELECT @ids WHERE 1 = 0)", ("ids", SqlValue.Null));

        Assert.Empty(plan.Tasks);
        Assert.Empty(database.Run(plan));
    }

    [Fact]
    public void Select_overNoShard_stillCounts() =>
        Assert.Equal(["0|NULL"], Accounts().Text("SELECT count(*), sum(balance) FROM accounts WHERE id = NULL"));

    [Theory]
    [InlineData("SELECT 1 + 1, 'x'", "2|x")]
    [InlineData("SELECT count(*), sum(5)", "1|5")]
    [InlineData("SELECT now() = now()", "true")]
    [InlineData("SELECT @p || '!'", "hi!")]
    public void Select_withoutFrom_runsAtTheGateway(string sql, string expected)
    {
        MemoryDatabase database = Accounts();

        Assert.Equal([expected], database.Text(sql, ("p", SqlValue.FromText("hi"))));
        Assert.Empty(database.LastPlan.Tasks);
    }

    [Theory]
    [InlineData("SELECT table_name FROM shard.tables WHERE placement = 'HASH' ORDER BY table_name DESC", "SELECT")]
    [InlineData("SHOW TABLES WHERE placement = 'HASH' ORDER BY table_name DESC LIMIT 3", "SHOW")]
    public void Plan_ofASystemTable_readsItAsASource(string sql, string tag)
    {
        StatementPlan plan = Accounts().Plan(sql);

        Assert.Equal((StatementKind.Query, tag), (plan.Kind, plan.Tag));
        Assert.Equal(VirtualTables.Tables, Assert.Single(plan.Relation!.Sources).Virtual);
        Assert.Empty(plan.Tasks);
    }

    [Fact]
    public void InformationSchema_rowsHaveTheColumnsThatTheirTableNames()
    {
        MemoryDatabase database = Accounts();
        database.Run("CREATE VIEW v (a, b) AS SELECT id, owner FROM accounts");

        Assert.All(InformationSchema.All, table => Assert.All(
            InformationSchemaRows.Of(table, database.State, "db"),
            row => Assert.Equal(
                table.Columns.Select(c => c.Type.Kind), row.Select(v => v.Kind))));
        IReadOnlyList<SqlValue[]> columns =
            InformationSchemaRows.Of(InformationSchema.Columns, database.State, "db");
        Assert.Equal(["a", "b"], columns.Where(c => c[2].AsText() == "v").Select(c => c[3].AsText()));
        SqlValue[] view = Assert.Single(InformationSchemaRows.Of(InformationSchema.Views, database.State, "db"));
        Assert.Equal("SELECT id, owner FROM accounts", view[3].AsText());
    }

    [Fact]
    public void VirtualRows_haveTheColumnsThatTheirTableNames()
    {
        MemoryDatabase database = Accounts();
        database.Run("CREATE TABLE r (d date PRIMARY KEY) SHARD BY RANGE (d) SPLIT AT VALUES ('2024-01-01')");
        IReadOnlyList<SqlValue[]> segments = [.. VirtualRows.Segments(database.State, static s => $"n{s.Value}")
            .Where(static row => row[1].AsText() == "r")];

        Assert.All(segments, row => Assert.Equal(VirtualTables.Segments.Columns.Count, row.Length));
        Assert.All(
            VirtualRows.Tables(database.State),
            row => Assert.Equal(VirtualTables.Tables.Columns.Count, row.Length));
        Assert.Equal(["NULL..(2024-01-01)", "(2024-01-01)..NULL"], segments.Select(r => $"{r[6]}..{r[7]}"));
        Assert.Equal(8, VirtualRows.Segments(database.State, static s => "n1").Count);
    }

    [Fact]
    public void TryCombine_statementsOfOneShard_areOneTask()
    {
        MemoryDatabase database = Accounts();
        StatementPlan[] plans =
        [
            database.Plan("INSERT INTO accounts VALUES (1, 'a', 5)"),
            database.Plan("UPDATE accounts SET balance = balance + @x WHERE id = 1", ("x", SqlValue.FromInt32(3))),
            database.Plan("SELECT balance * @y FROM accounts WHERE id = 1", ("y", SqlValue.FromInt32(10))),
        ];

        ShardTask task = TaskCombiner.TryCombine(plans)!;
        using var account = MemoryAccount.ForStatement();
        FragmentRun run = FragmentRun.Create(task.Fragment, task.Parameters, account);
        FragmentState state;
        while ((state = run.Step(10)) != FragmentState.Done)
        {
            database.Answer(run, state, task.Shard.Value);
        }

        var output = new ByteWriter();
        run.TakeOutput(output);
        Assert.Equal(80, MemoryDatabase.Decode(output.WrittenSpan)[0][0].AsInt32());
        Assert.Single(task.Segments);
        Assert.Null(TaskCombiner.TryCombine([.. plans, database.Plan("SELECT * FROM accounts")]));
    }

    [Fact]
    public void Plan_sameContext_givesTheSameBytes()
    {
        MemoryDatabase database = Accounts();
        const string sql = "SELECT owner, sum(balance) FROM accounts WHERE id IN (3, 1, 2) GROUP BY owner ORDER BY 2";

        IEnumerable<string> first = database.Plan(sql).Tasks.Select(t => Convert.ToHexString(t.Fragment.Span));
        IEnumerable<string> again = database.Plan(sql).Tasks.Select(t => Convert.ToHexString(t.Fragment.Span));

        Assert.Equal(first, again);
    }

    [Fact]
    public void Insert_keyBeyondItsLimit_is54000()
    {
        var database = new MemoryDatabase(1);
        database.Run("CREATE TABLE t (k text PRIMARY KEY)");

        SqlException error = database.Fails(
            "INSERT INTO t VALUES (@k)", ("k", SqlValue.FromText(new string('x', ConstraintErrors.KeyBytesMax))));

        Assert.Equal(SqlStates.ProgramLimitExceeded, error.SqlState);
        Assert.Contains("the limit is 4096", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateTable_twoChangesOfOneState_writeTheSameHeader()
    {
        MemoryDatabase database = Accounts();
        DdlChange first = database.Plan("CREATE TABLE x (a int PRIMARY KEY)").Ddl!;
        DdlChange second = database.Plan("CREATE TABLE y (a int PRIMARY KEY)").Ddl!;

        Assert.Equal(first.ExpectedHeader, second.ExpectedHeader);
        Assert.NotEqual(first.ExpectedHeader, first.After.Catalog.Header);
        Assert.Equal(first.After.Map.Version, first.After.Catalog.Header.MapVersion);
    }
}
