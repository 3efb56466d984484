using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Readers;

public sealed class ReaderTests
{
    private const string Rows = "SELECT rows FROM t";

    [Fact]
    public async Task Rows_come_in_order_over_batches()
    {
        using var gateway = new FakeGateway();
        gateway.On(Rows, FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int32), FakeResult.Column("s", SqlType.Text)],
            Enumerable.Range(0, 1000).Select(i => new[]
            {
                SqlValue.FromInt32(i), SqlValue.FromText(i.ToString(CultureInfo.InvariantCulture)),
            }),
            rowsPerBatch: 7));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(i % 2 == 0 ? await reader.ReadAsync() : reader.Read());
            Assert.Equal(i, reader.GetInt32(0));
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), reader["s"]);
        }

        Assert.False(await reader.ReadAsync());
        Assert.False(reader.Read());
        Assert.False(await reader.NextResultAsync());
    }

    [Fact]
    public async Task A_million_rows_stay_within_the_window_and_arrive_whole()
    {
        using var gateway = new FakeGateway();
        gateway.On(Rows, FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int64)],
            Enumerable.Range(0, 1_000_000).Select(i => new[] { SqlValue.FromInt64(i) }),
            rowsPerBatch: 256));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=65536");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        long sum = 0;
        while (await reader.ReadAsync())
        {
            sum += reader.GetInt64(0);
        }

        Assert.Equal(499_999_500_000, sum);
        Assert.InRange(gateway.LastSession.MostInFlight, 1, 65536);
    }

    [Fact]
    public async Task A_stalled_reader_holds_the_server_back_and_another_session_goes_on()
    {
        using var gateway = new FakeGateway();
        int made = 0;
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Rows, FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int64)],
            Enumerable.Range(0, 1_000_000).Select(i =>
            {
                Interlocked.Increment(ref made);
                return new[] { SqlValue.FromInt64(i) };
            }),
            rowsPerBatch: 16));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=4096");
        await using ShardSqlConnection stalled = await source.OpenConnectionAsync();
        await using ShardSqlConnection other = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(Rows, stalled).ExecuteReaderAsync();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(1, await new ShardSqlCommand("SELECT 1", other).ExecuteScalarAsync());
        }

        Assert.True(Volatile.Read(ref made) < 5000, "the server ran ahead of the window");
    }

    [Fact]
    public async Task A_gateway_that_oversteps_the_window_loses_the_session()
    {
        using var gateway = new FakeGateway();
        var blob = new byte[4 * 1024 * 1024];
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Rows, async statement =>
        {
            await statement.Session.SendAsync(new ServerFrame
            {
                RequestId = 1,
                ResultHeader = new ResultHeader { Columns = { FakeResult.Column("b", SqlType.Bytes) } },
            });
            for (int i = 0; i < 4; i++)
            {
                RowBatch batch = FakeResult.Batch([[SqlValue.FromBytes(blob)]]);
                await statement.Session.SendAsync(new ServerFrame { RequestId = 1, RowBatch = batch });
            }

            return FakeResult.Int32();
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=4096");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        await connection.SessionLost.WaitAsync(TimeSpan.FromSeconds(60));
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(async () =>
        {
            while (await reader.ReadAsync())
            {
            }
        });
        Assert.Equal(SqlStates.ConnectionFailure, error.SqlState);
    }

    [Fact]
    public async Task Access_off_a_row_is_an_InvalidOperationException_exactly()
    {
        using var gateway = new FakeGateway();
        gateway.On(Rows, FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        Assert.Throws<InvalidOperationException>(() => reader.GetInt32(0));
        Assert.Throws<InvalidOperationException>(() => reader.IsDBNull(0));
        Assert.True(reader.Read());
        Assert.Throws<IndexOutOfRangeException>(() => reader.GetInt32(1));
        Assert.Throws<IndexOutOfRangeException>(() => reader.GetInt32(-1));
        Assert.Equal(
            "There is no column named 'xyz'.",
            Assert.Throws<IndexOutOfRangeException>(() => reader["xyz"]).Message);
        Assert.False(reader.Read());
        Assert.Throws<InvalidOperationException>(() => reader.GetValue(0));
        Assert.Throws<InvalidOperationException>(() => reader.GetValues(new object[1]));
        reader.Close();
        Assert.True(reader.IsClosed);
        Assert.Throws<InvalidOperationException>(() => reader.GetInt32(0));
        Assert.Throws<InvalidOperationException>(() => reader.FieldCount);
        Assert.Throws<InvalidOperationException>(() => reader.HasRows);
        Assert.Throws<InvalidOperationException>(() => reader.Read());
        Assert.Throws<InvalidOperationException>(() => reader.NextResult());
        Assert.Throws<InvalidOperationException>(() => reader.GetName(0));
        Assert.Equal(-1, reader.RecordsAffected);
    }

    [Fact]
    public async Task Names_prefer_the_same_case_and_duplicates_give_the_first()
    {
        using var gateway = new FakeGateway();
        gateway.On(Rows, FakeResult.Of(
            [FakeResult.Column("Id", SqlType.Int32), FakeResult.Column("id", SqlType.Int32),
                FakeResult.Column("id", SqlType.Int32)],
            [[SqlValue.FromInt32(1), SqlValue.FromInt32(2), SqlValue.FromInt32(3)]]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        Assert.Equal((0, 1, 0), (reader.GetOrdinal("Id"), reader.GetOrdinal("id"), reader.GetOrdinal("ID")));
        Assert.Equal(3, reader.FieldCount);
    }

    [Fact]
    public async Task HasRows_and_types_are_known_before_the_first_read()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On("SELECT 2", FakeResult.Int32()).On(
            "DELETE FROM t", FakeResult.Written(3));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using (ShardSqlDataReader one = new ShardSqlCommand("SELECT 1", connection).ExecuteReader())
        {
            Assert.True(one.HasRows);
            Assert.Equal(typeof(int), one.GetFieldType(0));
            Assert.Equal("integer", one.GetDataTypeName(0));
        }

        await using (ShardSqlDataReader none = new ShardSqlCommand("SELECT 2", connection).ExecuteReader())
        {
            Assert.False(none.HasRows);
            Assert.Equal(1, none.FieldCount);
        }

        await using ShardSqlDataReader written = new ShardSqlCommand("DELETE FROM t", connection).ExecuteReader();
        Assert.False(written.HasRows);
        Assert.Equal(0, written.FieldCount);
        Assert.Equal(3, written.RecordsAffected);
        Assert.Null(written.GetSchemaTable());
        Assert.Empty(written.GetColumnSchema());
        Assert.False(written.Read());
    }

    [Fact]
    public async Task NextResult_goes_over_statements_without_rows()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On("SELECT 2", FakeResult.Int32(2)).On(
            "DELETE FROM t", FakeResult.Written(3));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(
            "DELETE FROM t; SELECT 1; DELETE FROM t; SELECT 2; SELECT 1", connection).ExecuteReaderAsync();
        var seen = new List<int>();
        do
        {
            while (await reader.ReadAsync())
            {
                seen.Add(reader.GetInt32(0));
            }
        }
        while (await reader.NextResultAsync());

        Assert.Equal([1, 2, 1], seen);
        Assert.Equal(6, reader.RecordsAffected);
        Assert.False(reader.NextResult());
        Assert.Throws<IndexOutOfRangeException>(() => reader.GetName(0));
    }

    [Theory]
    [InlineData(CommandBehavior.Default, new[] { 1, 2, 3, 2 })]
    [InlineData(CommandBehavior.SequentialAccess, new[] { 1, 2, 3, 2 })]
    [InlineData(CommandBehavior.SingleResult, new[] { 1, 2, 3 })]
    [InlineData(CommandBehavior.SingleRow, new[] { 1 })]
    [InlineData(
        CommandBehavior.SequentialAccess | CommandBehavior.SingleResult | CommandBehavior.SingleRow, new[] { 1 })]
    public async Task Behaviours_limit_what_is_shown_and_not_what_is_run(CommandBehavior behavior, int[] expected)
    {
        using var gateway = new FakeGateway();
        bool ran = false;
        gateway.On("SELECT 1", FakeResult.Int32(1, 2, 3)).On("SELECT 2", FakeResult.Int32(2)).On("DELETE FROM t", _ =>
        {
            ran = true;
            return FakeResult.Written(1);
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var seen = new List<int>();
        await using (ShardSqlDataReader reader = await new ShardSqlCommand(
            "SELECT 1; SELECT 2; DELETE FROM t", connection)
            .ExecuteReaderAsync(behavior))
        {
            do
            {
                while (await reader.ReadAsync())
                {
                    seen.Add(reader.GetInt32(0));
                }
            }
            while (await reader.NextResultAsync());
        }

        Assert.Equal(expected, seen);
        Assert.True(ran);
    }

    [Fact]
    public async Task CloseConnection_closes_the_connection_with_the_reader()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlDataReader reader = await new ShardSqlCommand("SELECT 1", connection).ExecuteReaderAsync(
            CommandBehavior.CloseConnection);
        await reader.DisposeAsync();
        Assert.Equal(ConnectionState.Closed, connection.State);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_rows_is_thrown_by_read_and_the_connection_stays_usable()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(
            "DELETE FROM t", FakeResult.Failing("22012", "division by zero"));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using (
            ShardSqlDataReader reader = await new ShardSqlCommand("SELECT 1; DELETE FROM t", connection)
                .ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
            ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => reader.NextResultAsync());
            Assert.Equal("22012", error.SqlState);
            Assert.Equal(1, error.StatementIndex);
        }

        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task After_an_error_a_reader_has_no_more_results()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1))
            .On("DELETE FROM t", FakeResult.Failing("22012", "division by zero"));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(
            "SELECT 1; DELETE FROM t; SELECT 1", connection).ExecuteReaderAsync();
        await Assert.ThrowsAsync<ShardSqlException>(() => reader.NextResultAsync());
        Assert.False(reader.IsClosed);
        Assert.False(await reader.ReadAsync());
        Assert.False(await reader.NextResultAsync());
    }

    [Fact]
    public async Task Malformed_rows_are_08P01()
    {
        using var gateway = new FakeGateway();
        gateway.On(
            Rows, FakeResult.Of(
                [FakeResult.Column("a", SqlType.Int32), FakeResult.Column("b", SqlType.Int32)],
                [[SqlValue.FromInt32(1)]]))
            .On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand(Rows, connection).ExecuteScalarAsync());
        Assert.Equal(SqlStates.ProtocolViolation, error.SqlState);
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Columns_are_described()
    {
        using var gateway = new FakeGateway();
        Column id = FakeResult.Column("number", SqlType.Int64, nullable: false);
        id.Table = "account";
        id.BaseColumn = "id";
        id.IsKey = true;
        gateway.On(
            Rows, FakeResult.Of(
                [id, FakeResult.Column("sum", SqlType.DecimalOf(12, 2)), FakeResult.Column("v", SqlType.Varchar(9))],
                []));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        DbColumn[] columns = [.. await reader.GetColumnSchemaAsync()];
        Assert.Equal(
            ("number", "id", "account", true, false), (
                columns[0].ColumnName, columns[0].BaseColumnName, columns[0].BaseTableName, columns[0].IsKey,
                columns[0].AllowDBNull));
        Assert.True(columns[0].IsAliased);
        Assert.Equal(
            (12, 2, typeof(decimal), true), (
                columns[1].NumericPrecision, columns[1].NumericScale, columns[1].DataType, columns[1].IsExpression));
        Assert.Equal((9, "varchar(9)"), (columns[2].ColumnSize, columns[2].DataTypeName));
        DataTable table = reader.GetSchemaTable()!;
        Assert.Equal(3, table.Rows.Count);
        Assert.Equal("id", table.Rows[0][SchemaTableColumn.BaseColumnName]);
        Assert.Equal(typeof(decimal), table.Rows[1][SchemaTableColumn.DataType]);
    }

    [Fact]
    public async Task GetBytes_and_GetChars_copy_what_fits()
    {
        using var gateway = new FakeGateway();
        gateway.On(Rows, FakeResult.Of(
            [FakeResult.Column("b", SqlType.Bytes), FakeResult.Column("s", SqlType.Text)],
            [[SqlValue.FromBytes([1, 2, 3]), SqlValue.FromText("abc")]]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand(Rows, connection).ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        var bytes = new byte[4];
        Assert.Equal(3, reader.GetBytes(0, 0, null, 0, 0));
        Assert.Equal(2, reader.GetBytes(0, 1, bytes, 1, 3));
        Assert.Equal([0, 2, 3, 0], bytes);
        Assert.Equal(0, reader.GetBytes(0, 9, bytes, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.GetBytes(0, -1, bytes, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.GetBytes(0, 0, bytes, 5, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.GetBytes(0, 0, bytes, 1, 4));
        var chars = new char[2];
        Assert.Equal(2, reader.GetChars(1, 1, chars, 0, 2));
        Assert.Equal("bc", new string(chars));
        await using Stream stream = reader.GetStream(0);
        Assert.Equal(3, stream.Length);
        Assert.Equal("abc", await reader.GetTextReader(1).ReadToEndAsync());
    }
}
