using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Execution;

public sealed class StatementRunTests
{
    private const int Rows = 1_000_000;
    private const int BatchRows = 1_000;

    [Theory]
    [InlineData(SourceMode.Concat)]
    [InlineData(SourceMode.OrderedMerge)]
    public void Step_aMillionRowsOfTwoSources_streamInBoundedMemory(SourceMode mode)
    {
        using var account = new MemoryAccount("statement", 1024 * 1024);
        StatementRun run = StatementRun.Create(
            new StatementRunPlan { Sources = 2, Mode = mode, MergeOrder = [new SortKey { Column = 0 }] }, account);
        long[] next = [0, 1];
        long rows = 0;
        long last = -1;
        var output = new ByteWriter();
        StatementRunState state;
        while ((state = run.Step(256)) != StatementRunState.Done || run.HasOutput)
        {
            if (state == StatementRunState.NeedSource)
            {
                int source = run.NeededSource;
                byte[] batch = Batch(next[source], BatchRows);
                next[source] += 2 * BatchRows;
                run.Supply(source, batch, BatchRows, exhausted: next[source] >= Rows);
            }

            output.Clear();
            rows += run.TakeOutput(output);
            foreach (SqlValue[] row in MemoryDatabase.Decode(output.WrittenSpan))
            {
                Assert.True(mode == SourceMode.Concat || row[0].AsInt64() == last + 1);
                last = row[0].AsInt64();
            }
        }

        Assert.Equal(Rows, rows);
        Assert.InRange(account.PeakBytes, 1, 128 * 1024);
        Assert.Equal(0, account.UsedBytes);
    }

    [Fact]
    public void Step_mergeWithOneSourceMissing_asksForIt()
    {
        using var account = MemoryAccount.ForStatement();
        StatementRun run = StatementRun.Create(
            new StatementRunPlan
            {
                Sources = 3,
                Mode = SourceMode.OrderedMerge,
                MergeOrder = [new SortKey { Column = 0 }],
            },
            account);

        Assert.Equal(StatementRunState.NeedSource, run.Step(10));
        Assert.Equal([0, 1, 2], run.NeededSources);
        run.Supply(0, Batch(0, 1), 1, exhausted: true);
        run.Supply(2, default, 0, exhausted: true);
        Assert.Equal(StatementRunState.NeedSource, run.Step(10));
        Assert.Equal([1], run.NeededSources);
        run.Supply(1, Batch(1, 1), 1, exhausted: true);
        Assert.Equal(StatementRunState.Done, run.Step(10));
        var output = new ByteWriter();
        Assert.Equal(2, run.TakeOutput(output));
    }

    [Fact]
    public void Step_limitReached_isSatedAndDoneWithoutTheRest()
    {
        using var account = MemoryAccount.ForStatement();
        StatementRun run = StatementRun.Create(
            new StatementRunPlan
            {
                Sources = 1,
                Output = new OutputStage { Visible = 1, Limited = true, Limit = 2 },
            },
            account);

        run.Supply(0, Batch(0, 5), 5, exhausted: false);

        Assert.Equal(StatementRunState.Done, run.Step(10));
        Assert.True(run.IsSated);
        var output = new ByteWriter();
        Assert.Equal(2, run.TakeOutput(output));
    }

    [Fact]
    public void Step_malformedRows_is08P01()
    {
        using var account = MemoryAccount.ForStatement();
        StatementRun run = StatementRun.Create(
            new StatementRunPlan { Sources = 1, Output = new OutputStage { Visible = 1 } }, account);
        run.Supply(0, new byte[] { 5, 1 }, 1, exhausted: true);

        SqlException error = Assert.Throws<SqlException>(() => { run.Step(10); });

        Assert.Equal(SqlStates.ProtocolViolation, error.SqlState);
    }

    [Theory]
    [InlineData("SELECT * FROM t ORDER BY b")]
    [InlineData("SELECT b, count(*) FROM t GROUP BY b")]
    [InlineData("SELECT DISTINCT b FROM t")]
    [InlineData("SELECT count(DISTINCT b) FROM t")]
    [InlineData("UPDATE t SET b = b || 'y'")]
    public void Statement_beyondItsMemory_is53200WithLimitAndNeed(string sql)
    {
        MemoryDatabase database = Wide(limit: 100_000);

        SqlException error = database.Fails(sql);

        Assert.Equal(SqlStates.OutOfMemory, error.SqlState);
        Assert.Contains("limit 100000 bytes, needed 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1000"], database.Text("SELECT count(*) FROM t WHERE b NOT LIKE '%y'"));
    }

    [Fact]
    public void Statement_topOfMany_keepsOnlyTheBest()
    {
        MemoryDatabase database = Wide(limit: 100_000);

        Assert.Equal(10, database.Run("SELECT * FROM t ORDER BY b DESC LIMIT 10").Count);
        Assert.InRange(database.PeakBytes, 1, 50_000);
    }

    [Fact]
    public void Insert_returningOverSeveralShards_keepsTheOrderOfTheStatement()
    {
        var database = new MemoryDatabase(4);
        database.Run("CREATE TABLE t (a int PRIMARY KEY, b int DEFAULT 7)");

        Assert.Equal(
            ["9|7", "1|7", "8|7", "2|7", "7|7", "3|7"],
            database.Text("INSERT INTO t (a) VALUES (9), (1), (8), (2), (7), (3) RETURNING a, b"));
        Assert.True(database.LastPlan.Tasks.Count > 1);
        Assert.Equal(6, database.LastRowsAffected);
    }

    private static MemoryDatabase Wide(long limit)
    {
        var database = new MemoryDatabase(2) { StatementLimitBytes = limit };
        database.Run("CREATE TABLE t (a int PRIMARY KEY, b text)");
        for (int i = 0; i < 1000; i += 100)
        {
            IEnumerable<string> rows = Enumerable.Range(i, 100).Select(n => $"({n}, '{n:D4}{new string('x', 300)}')");
            database.Run($"INSERT INTO t VALUES {string.Join(", ", rows)}");
        }

        return database;
    }

    /// <summary>Rows of every second number.</summary>
    private static byte[] Batch(long first, int rows)
    {
        var writer = new ByteWriter(16 * rows);
        for (int i = 0; i < rows; i++)
        {
            RowCodec.Write(writer, [SqlValue.FromInt64(first + (2 * i))]);
        }

        return writer.ToArray();
    }
}
