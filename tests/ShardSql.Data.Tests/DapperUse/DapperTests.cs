using System;
using System.Collections.Generic;
using System.Data;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Data.Tests.Fake;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.DapperUse;

public sealed class DapperTests
{
    private enum Colour
    {
        Red,
        Green,
    }

    [Fact]
    public async Task Query_maps_rows_to_objects()
    {
        using FakeGateway gateway = GatewayWithPeople();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Person[] people =
        [
            .. await connection.QueryAsync<Person>(
                "SELECT id, name, born FROM person WHERE id > @least", new { least = 1L }),
        ];
        Assert.Equal([new Person(2, "Ann", new DateTime(2000, 2, 3)), new Person(3, null, null)], people);
        Person first = connection.QueryFirst<Person>(
            "SELECT id, name, born FROM person WHERE id > @least", new { least = 1L });
        Assert.Equal(2, first.Id);
        Person second = await connection.QueryFirstAsync<Person>(
            "SELECT id, name, born FROM person WHERE id > @least", new { least = 2L });
        Assert.Equal(3, second.Id);
    }

    [Fact]
    public async Task Connections_that_are_closed_are_opened_and_closed_by_Dapper()
    {
        using FakeGateway gateway = GatewayWithPeople();
        await using var connection = new ShardSqlConnection(gateway.ConnectionString);
        Assert.Equal(2, (await connection.QueryAsync<Person>(
            "SELECT id, name, born FROM person WHERE id > @least", new { least = 1L })).Count());
        Assert.Equal(ConnectionState.Closed, connection.State);
    }

    [Fact]
    public async Task Lists_expand_and_an_empty_list_runs()
    {
        using var gateway = new FakeGateway();
        var lists = new Dictionary<string, SqlKind> { ["ids$$0"] = SqlKind.Int64 };
        gateway.On("SELECT id FROM person WHERE id IN (@ids$$0)", lists, statement =>
                FakeResult.Single(
                    "id", SqlType.Int64, ParameterList.Decode(statement.Parameters["ids$$0"].AsBytes(), SqlKind.Int64)))
            .On("SELECT id FROM person WHERE id IN (SELECT @ids WHERE 1 = 0)", FakeResult.Single("id", SqlType.Int64));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        const string Text = "SELECT id FROM person WHERE id IN @ids";
        Assert.Equal([7L, 8L, 9L], await connection.QueryAsync<long>(Text, new { ids = new long[] { 7, 8, 9 } }));
        Assert.Equal([5L], await connection.QueryAsync<long>(Text, new { ids = new long[] { 5 } }));
        Assert.Empty(await connection.QueryAsync<long>(Text, new { ids = Array.Empty<long>() }));
    }

    [Fact]
    public async Task QueryMultiple_reads_each_result()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On("SELECT 2", FakeResult.Int32(2, 3));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using (SqlMapper.GridReader grid = await connection.QueryMultipleAsync("SELECT 1; SELECT 2"))
        {
            Assert.Equal(1, await grid.ReadSingleAsync<int>());
            Assert.Equal([2, 3], await grid.ReadAsync<int>());
        }

        using (SqlMapper.GridReader grid = connection.QueryMultiple("SELECT 1; SELECT 2"))
        {
            Assert.Equal(1, grid.ReadSingle<int>());
            Assert.Equal([2, 3], grid.Read<int>(buffered: false));
        }
    }

    [Fact]
    public async Task Execute_over_many_parameter_sets_prepares_once()
    {
        using var gateway = new FakeGateway();
        long sum = 0;
        gateway.On("INSERT INTO t (a, b) VALUES (@a, @b)", statement =>
        {
            sum += statement.Parameters["a"].AsInt32();
            return FakeResult.Written(1);
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        int written = await connection.ExecuteAsync(
            "INSERT INTO t (a, b) VALUES (@a, @b)", Enumerable.Range(1, 10).Select(
                i => new { a = i, b = (string?)null }));
        Assert.Equal((10, 55), (written, sum));
        Assert.Equal(1, gateway.LastSession.Executes.Count(execute => execute.Statements[0].Tree is not null));
    }

    [Fact]
    public async Task Values_of_every_kind_go_there_and_back()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT @v AS v", statement =>
            FakeResult.Single("v", new SqlType(statement.Parameters["v"].Kind), statement.Parameters["v"]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await SameAsync(true);
        await SameAsync((short)4);
        await SameAsync(4);
        await SameAsync(4L);
        await SameAsync(4.25m);
        await SameAsync(4.25f);
        await SameAsync(4.25);
        await SameAsync("text");
        await SameAsync(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
        await SameAsync(new byte[] { 1, 2 });
        await SameAsync(new DateTime(2026, 1, 2, 3, 4, 5));
        await SameAsync(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await SameAsync(new TimeSpan(1, 2, 3));
        await SameAsync(Colour.Green);

        async Task SameAsync<T>(T value) =>
            Assert.Equal(value, await connection.QuerySingleAsync<T>("SELECT @v AS v", new { v = value }));
    }

    [Fact]
    public async Task A_transaction_is_passed_along()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Written(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        Assert.Equal(1, await connection.ExecuteAsync("DELETE FROM t", transaction: transaction));
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ExecuteAsync("DELETE FROM t"));
        await transaction.CommitAsync();
    }

    [Fact]
    public async Task A_DataTable_loads_from_a_reader()
    {
        using FakeGateway gateway = GatewayWithPeople();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var table = new DataTable();
        using (
            IDataReader reader = await connection.ExecuteReaderAsync(
                "SELECT id, name, born FROM person WHERE id > @least", new { least = 1L }))
        {
            table.Load(reader);
        }

        Assert.Equal(2, table.Rows.Count);
        Assert.Equal(typeof(DateTime), table.Columns["born"]!.DataType);
        var command = new ShardSqlCommand("SELECT id, name, born FROM person WHERE id > @least", connection);
        command.Parameters.AddWithValue("least", 1L);
        using var adapter = new ShardSqlDataAdapter(command);
        var filled = new DataTable();
        Assert.Equal(2, adapter.Fill(filled));
    }

    [Fact]
    public async Task Sixty_four_synchronous_callers_on_pool_threads_make_progress()
    {
        const int Callers = 64;
        const int CallsEach = 20;
        using var gateway = new FakeGateway();
        gateway.On("SELECT @n", statement => FakeResult.Single("n", SqlType.Int32, statement.Parameters["n"]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        int done = 0;
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < CallsEach; i++)
            {
                using ShardSqlConnection connection = source.OpenConnection();
                Assert.Equal(i, connection.QuerySingle<int>("SELECT @n", new { n = i }));
                Interlocked.Increment(ref done);
            }
        }))];
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal(Callers * CallsEach, done);
    }

    private static FakeGateway GatewayWithPeople()
    {
        var gateway = new FakeGateway();
        gateway.On("SELECT id, name, born FROM person WHERE id > @least", statement => FakeResult.Of(
            [FakeResult.Column("id", SqlType.Int64), FakeResult.Column("name", SqlType.Text),
                FakeResult.Column("born", SqlType.Date)],
            new SqlValue[][]
            {
                [SqlValue.FromInt64(2), SqlValue.FromText("Ann"), SqlValue.FromDate(new DateOnly(2000, 2, 3))],
                [SqlValue.FromInt64(3), SqlValue.NullOf(Sql.Tree.SqlKind.Text), SqlValue.NullOf(Sql.Tree.SqlKind.Date)],
            }.Where(row => row[0].AsInt64() > statement.Parameters["least"].AsInt64())));
        return gateway;
    }

    private sealed record Person(long Id, string? Name, DateTime? Born);
}
