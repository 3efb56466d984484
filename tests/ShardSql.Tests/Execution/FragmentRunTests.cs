using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Execution;

public sealed class FragmentRunTests
{
    private static MemoryDatabase Accounts(int slice = FragmentRun.SliceRows, int answer = int.MaxValue)
    {
        var database = new MemoryDatabase(1) { SliceRows = slice, AnswerRows = answer };
        database.Run("CREATE TABLE accounts (id int PRIMARY KEY, owner varchar(10), balance int NOT NULL CHECK (balance >= 0))");
        database.Run("INSERT INTO accounts VALUES (1, 'a', 10), (2, 'b', 20), (3, 'a', 30)");
        return database;
    }

    [Fact]
    public void Insert_keyThatIsThere_is23505WithConstraintAndKey()
    {
        SqlException error = Accounts().Fails("INSERT INTO accounts VALUES (4, 'x', 1), (2, 'y', 1)");

        Assert.Equal(SqlStates.UniqueViolation, error.SqlState);
        Assert.Equal("accounts_pkey", error.Constraint);
        Assert.Equal("Key (id)=(2) already exists.", error.Detail);
    }

    [Fact]
    public void Insert_duplicateLongKey_isShownCutTo64Characters()
    {
        var database = new MemoryDatabase(1);
        database.Run("CREATE TABLE t (k text PRIMARY KEY)");
        string key = new('x', 100);
        database.Run("INSERT INTO t VALUES (@k)", ("k", SqlValue.FromText(key)));

        SqlException error = database.Fails("INSERT INTO t VALUES (@k)", ("k", SqlValue.FromText(key)));

        Assert.Equal($"Key (k)=({key[..64]}...) already exists.", error.Detail);
    }

    [Theory]
    [InlineData("INSERT INTO accounts VALUES (4, 'x', -1)", SqlStates.CheckViolation)]
    [InlineData("INSERT INTO accounts VALUES (4, 'x', NULL)", SqlStates.NotNullViolation)]
    [InlineData("INSERT INTO accounts VALUES (4, 'longer than ten', 1)", SqlStates.StringTooLong)]
    [InlineData("UPDATE accounts SET balance = balance - 15", SqlStates.CheckViolation)]
    [InlineData("UPDATE accounts SET balance = NULL WHERE id = 1", SqlStates.NotNullViolation)]
    [InlineData("UPDATE accounts SET balance = balance * 2000000000", SqlStates.NumericOutOfRange)]
    [InlineData("UPDATE accounts SET balance = 1 / (balance - 10)", SqlStates.DivisionByZero)]
    [InlineData("UPDATE accounts SET owner = owner || 'longer than ten'", SqlStates.StringTooLong)]
    public void Write_thatBreaksARule_writesNothing(string sql, string sqlState)
    {
        MemoryDatabase database = Accounts();
        string[] before = database.Text("SELECT * FROM accounts ORDER BY id");

        Assert.Equal(sqlState, database.Fails(sql).SqlState);
        Assert.Equal(before, database.Text("SELECT * FROM accounts ORDER BY id"));
    }

    [Fact]
    public void Update_withReturning_givesNewRowsAndCount()
    {
        MemoryDatabase database = Accounts(slice: 1, answer: 1);

        Assert.Equal(["1|11", "3|31"], [.. database
            .Text("UPDATE accounts SET balance = balance + 1 WHERE owner = 'a' RETURNING id, balance").Order()]);
        Assert.Equal(2, database.LastRowsAffected);
        Assert.Equal(["62"], database.Text("SELECT sum(balance) FROM accounts"));
    }

    [Fact]
    public void Delete_withReturning_givesOldRows()
    {
        MemoryDatabase database = Accounts();

        Assert.Equal(["2|b|20"], database.Text("DELETE FROM accounts WHERE id IN (2, 9) RETURNING *"));
        Assert.Equal(["2"], database.Text("SELECT count(*) FROM accounts"));
    }

    [Fact]
    public void Scan_withLimitAndNoFilter_readsNoMoreThanTheLimit()
    {
        MemoryDatabase database = Accounts();

        Assert.Equal(2, database.Run("SELECT id FROM accounts LIMIT 2").Count);
        Assert.Equal(2, database.RowsRead);
    }

    [Fact]
    public void Step_severalStatements_laterOnesSeeEarlierWrites()
    {
        MemoryDatabase database = Accounts();
        Fragment fragment = Combine(
            database,
            "INSERT INTO accounts VALUES (4, 'c', 40)",
            "UPDATE accounts SET balance = balance + 1 WHERE id IN (1, 4)",
            "DELETE FROM accounts WHERE id = 2",
            "SELECT id, balance FROM accounts ORDER BY id",
            "INSERT INTO accounts VALUES (2, 'again', 0)",
            "SELECT count(*), sum(balance) FROM accounts");

        (List<(int Statement, string Row)> output, FragmentRun run) = Drive(database, fragment);

        Assert.Equal([(3, "1|11"), (3, "3|30"), (3, "4|41"), (5, "4|82")], output);
        Assert.Equal([1, 2, 1, 0, 1, 0], run.RowsAffectedByStatement);
        Assert.Equal(3, run.Writes.Count);
    }

    [Fact]
    public void Step_insertOfWhatTheFragmentInserted_is23505()
    {
        MemoryDatabase database = Accounts();
        Fragment fragment = Combine(
            database, "INSERT INTO accounts VALUES (4, 'c', 40)", "INSERT INTO accounts VALUES (4, 'd', 40)");

        SqlException error = Assert.Throws<SqlException>(() => Drive(database, fragment));

        Assert.Equal(SqlStates.UniqueViolation, error.SqlState);
    }

    [Fact]
    public void Create_malformedFragment_is08P01()
    {
        using var account = MemoryAccount.ForStatement();

        SqlException error = Assert.Throws<SqlException>(
            () => FragmentRun.Create(new byte[] { 0xFF, 0xFF, 0xFF }, default, account));

        Assert.Equal(SqlStates.ProtocolViolation, error.SqlState);
    }

    [Fact]
    public void SupplyKeys_notAskedFor_isAnInvariant()
    {
        using var account = MemoryAccount.ForStatement();
        FragmentRun run = FragmentRun.Create(new Fragment().ToByteArray(), default, account);

        Assert.Throws<InvariantException>(() => run.SupplyKeys([]));
        Assert.Equal(FragmentState.Done, run.Step(1));
    }

    [Fact]
    public void Scan_rowsWrittenBeforeAColumnWasAdded_giveItsMissingValue()
    {
        MemoryDatabase database = Accounts();
        StatementPlan plan = database.Plan("SELECT * FROM accounts WHERE id = 1");
        Fragment fragment = Fragment.Parser.ParseFrom(plan.Tasks[0].Fragment.Span);
        ScanPlan scan = fragment.Statements[0].Scan;
        scan.Table.Columns.Add(new ColumnShape
        {
            Id = 4,
            Name = "added",
            Type = SqlType.Int32.ToMessage(),
            MissingValue = ByteString.CopyFrom(ValueCodec.ToBytes(SqlValue.FromInt32(99))),
        });
        scan.Output.Projection.Add(ByteString.CopyFrom(
            BoundExpression.Column(3, SqlType.Int32, true).ToMessage().ToByteArray()));
        scan.Output.Visible++;

        (List<(int Statement, string Row)> output, _) = Drive(database, fragment);

        Assert.Equal([(0, "1|a|10|99")], output);
    }

    private static Fragment Combine(MemoryDatabase database, params string[] statements)
    {
        var fragment = new Fragment();
        foreach (string sql in statements)
        {
            ShardTask task = Assert.Single(database.Plan(sql).Tasks);
            fragment.Statements.AddRange(Fragment.Parser.ParseFrom(task.Fragment.Span).Statements);
        }

        return fragment;
    }

    private static (List<(int Statement, string Row)> Output, FragmentRun Run) Drive(
        MemoryDatabase database, Fragment fragment)
    {
        using var account = MemoryAccount.ForStatement();
        FragmentRun run = FragmentRun.Create(fragment.ToByteArray(), default, account);
        var output = new List<(int, string)>();
        FragmentState state;
        do
        {
            state = run.Step(FragmentRun.SliceRows);
            database.Answer(run, state, 1);
            var batch = new ByteWriter();
            run.TakeOutput(batch);
            output.AddRange(MemoryDatabase.Decode(batch.WrittenSpan)
                .Select(row => (run.StatementIndex, string.Join('|', row.Select(v => v.ToText())))));
        }
        while (state != FragmentState.Done);
        return (output, run);
    }
}
