using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Data.Tests.Cluster;
using Xunit;

namespace ShardSql.Data.Tests.DapperUse;

/// <summary>What Dapper's own suite asks of a provider, feature by feature, on a real cluster; sync and async.</summary>
[Collection(ClusterCollection.Name)]
public sealed class DapperFeatureTests(ClusterFixture cluster) : IAsyncLifetime
{
    private ShardSqlConnection _connection = null!;
    private string _table = "";

    private enum Colour : short
    {
        Red = 1,
        Green = 2,
    }

    public async Task InitializeAsync()
    {
        _table = await cluster.CreateTableAsync(
            "(id integer PRIMARY KEY, name text, colour smallint, amount decimal(10,2), born date, owner integer)");
        _connection = await cluster.Source.OpenConnectionAsync();
        await _connection.ExecuteAsync(
            $"INSERT INTO {_table} VALUES (@Id, @Name, @Colour, @Amount, @Born, @Owner)",
            new object[]
            {
                new { Id = 1, Name = "Ann", Colour = Colour.Red, Amount = 1.5m, Born = new DateOnly(2000, 2, 29), Owner = (int?)2 },
                new { Id = 2, Name = "Bob", Colour = Colour.Green, Amount = 2m, Born = new DateOnly(1999, 1, 1), Owner = (int?)null },
                new { Id = 3, Name = (string?)null, Colour = Colour.Green, Amount = 0m, Born = new DateOnly(2001, 1, 1), Owner = (int?)1 },
            });
    }

    public async Task DisposeAsync() => await _connection.DisposeAsync();

    [Fact]
    public async Task First_and_single_say_what_they_miss()
    {
        string byId = $"SELECT name FROM {_table} WHERE id = @id";
        Assert.Equal("Ann", _connection.QueryFirst<string>(byId, new { id = 1 }));
        Assert.Equal("Bob", await _connection.QuerySingleAsync<string>(byId, new { id = 2 }));
        Assert.Null(_connection.QueryFirstOrDefault<string>(byId, new { id = 9 }));
        Assert.Null(await _connection.QuerySingleOrDefaultAsync<string>(byId, new { id = 3 }));
        Assert.Throws<InvalidOperationException>(() => _connection.QueryFirst<string>(byId, new { id = 9 }));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _connection.QuerySingleAsync<string>($"SELECT name FROM {_table}"));
        Assert.Equal(3, await _connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {_table}"));
    }

    [Fact]
    public async Task Lists_of_any_length_and_type_find_their_rows()
    {
        foreach (int length in (int[])[0, 1, 2, 3, 7, 64, 1_000, 9_000])
        {
            int[] ids = [.. Enumerable.Range(0, length).Select(i => (i * 2) + 1)];
            int[] expected = [.. ids.Where(id => id <= 3)];
            Assert.Equal(expected, await _connection.QueryAsync<int>($"SELECT id FROM {_table} WHERE id IN @ids ORDER BY id", new { ids }));
            if (length > 0)
            {
                // Dapper's empty list is a query of an untyped NULL, which = refuses here as in PostgreSQL.
                Assert.Equal(
                    expected,
                    await _connection.QueryAsync<int>($"SELECT id FROM {_table} WHERE id = ANY (@ids) ORDER BY id", new { ids }));
            }

            Assert.Equal(
                Enumerable.Range(1, 3).Except(ids),
                await _connection.QueryAsync<int>($"SELECT id FROM {_table} WHERE NOT (id IN @ids) ORDER BY id", new { ids }));
        }

        Assert.Equal(
            [2], await _connection.QueryAsync<int>(
                $"SELECT id FROM {_table} WHERE name IN @names AND colour IN @colours AND amount IN @amounts AND owner IS NULL",
                new { names = new[] { "Ann", "Bob" }, colours = new[] { Colour.Green }, amounts = new[] { 2m, 3m } }));
        Assert.Equal(1, await _connection.ExecuteAsync($"DELETE FROM {_table} WHERE id IN @ids", new { ids = new long[] { 3, 4 } }));
        Assert.Empty(await _connection.QueryAsync<int>(
            $"SELECT id FROM {_table} WHERE id NOT IN @ids", new { ids = new int?[] { 7, null } }));
    }

    [Fact]
    public async Task Error_behind_a_list_names_its_place_in_the_text_that_was_sent()
    {
        string text = $"SELECT id FROM {_table} WHERE id IN (@ids1,@ids2,@ids3) AND nope = 1";
        await using var command = new ShardSqlCommand(text, _connection);
        for (int i = 1; i <= 3; i++)
        {
            command.Parameters.AddWithValue($"ids{i}", i);
        }

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => command.ExecuteScalarAsync());
        Assert.Equal(text.IndexOf("nope", StringComparison.Ordinal) + 1, error.Position);
    }

    [Fact]
    public async Task Rows_map_to_classes_records_tuples_and_dynamic()
    {
        string all = $"SELECT id AS \"Id\", name AS \"Name\", colour AS \"Colour\", amount AS \"Amount\" FROM {_table} ORDER BY id";
        Row[] rows = [.. _connection.Query<Row>(all)];
        Assert.Equal([new Row(1, "Ann", 1, 1.5m), new Row(2, "Bob", 2, 2m), new Row(3, null, 2, 0m)], rows);
        Thing thing = (await _connection.QueryAsync<Thing>(all)).First();
        Assert.Equal((1, "Ann", Colour.Red), (thing.Id, thing.Name, thing.Colour));
        (int id, string? name) = _connection.QueryFirst<(int, string?)>($"SELECT id, name FROM {_table} ORDER BY id");
        Assert.Equal((1, "Ann"), (id, name));
        dynamic first = (await _connection.QueryAsync($"SELECT id, name FROM {_table} ORDER BY id")).First();
        Assert.Equal(1, (int)first.id);
        Assert.Equal("Ann", (string)first.name);
        var asDictionary = (IDictionary<string, object?>)_connection.QueryFirst($"SELECT id, name FROM {_table} WHERE id = 3");
        Assert.Null(asDictionary["name"]);
    }

    [Fact]
    public async Task One_row_maps_to_several_objects()
    {
        string text = $"SELECT id AS \"Id\", name AS \"Name\", 7 AS \"Number\", amount AS \"Amount\" FROM {_table} WHERE id = 1";
        Thing mapped = (await _connection.QueryAsync<Thing, Part, Thing>(text, (thing, part) =>
        {
            thing.Part = part;
            return thing;
        }, splitOn: "Number")).Single();
        Assert.Equal(("Ann", 7, 1.5m), (mapped.Name, mapped.Part!.Number, mapped.Part.Amount));
        Assert.Equal(7, _connection.Query<Thing, Part, int>(text, (_, part) => part.Number, splitOn: "Number").Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Several_results_are_read_one_after_the_other(bool isBuffered)
    {
        string text = $"SELECT id FROM {_table} ORDER BY id; SELECT count(*) FROM {_table}; SELECT name FROM {_table} WHERE id = @id";
        using (SqlMapper.GridReader grid = _connection.QueryMultiple(text, new { id = 2 }))
        {
            Assert.Equal([1, 2, 3], grid.Read<int>(isBuffered).ToArray());
            Assert.Equal(3, grid.ReadSingle<long>());
            Assert.Equal("Bob", grid.ReadFirst<string>());
            Assert.True(grid.IsConsumed);
        }

        await using SqlMapper.GridReader again = await _connection.QueryMultipleAsync(text, new { id = 1 });
        Assert.Equal(3, (await again.ReadAsync<int>(isBuffered)).Count());
        Assert.Equal(3, await again.ReadFirstAsync<long>());
        Assert.Equal("Ann", await again.ReadSingleOrDefaultAsync<string>());
    }

    [Fact]
    public async Task Lists_of_parameters_expand()
    {
        string byIds = $"SELECT id FROM {_table} WHERE id IN @ids ORDER BY id";
        Assert.Equal([1, 3], await _connection.QueryAsync<int>(byIds, new { ids = new[] { 1, 3, 7 } }));
        Assert.Empty(await _connection.QueryAsync<int>(byIds, new { ids = Array.Empty<int>() }));
        Assert.Equal([2, 3], _connection.Query<int>($"SELECT id FROM {_table} WHERE id NOT IN @ids ORDER BY id", new { ids = new List<int> { 1 } }));
        Assert.Equal([2], _connection.Query<int>($"SELECT id FROM {_table} WHERE name IN @names", new { names = new[] { "Bob", "Eve" } }));
        int[] many = [.. Enumerable.Range(0, 2_000)];
        Assert.Equal(3, _connection.Query<int>(byIds, new { ids = many }).Count());
    }

    [Fact]
    public async Task Literals_are_written_into_the_text()
    {
        Assert.Equal("Bob", await _connection.QuerySingleAsync<string>(
            $"SELECT name FROM {_table} WHERE id = {{=id}} AND colour = {{=colour}}", new { id = 2, colour = Colour.Green }));
        Assert.Equal(2, _connection.ExecuteScalar<int>($"SELECT count(*) FROM {_table} WHERE colour = @colour", new { colour = Colour.Green }));
    }

    [Fact]
    public async Task Dynamic_parameters_carry_types_and_templates()
    {
        var parameters = new DynamicParameters(new { id = 1 });
        parameters.Add("name", "Ann", DbType.String, size: 100);
        parameters.Add("nothing", null, DbType.Int32);
        Assert.Equal(1, await _connection.ExecuteScalarAsync<int>(
            $"SELECT count(*) FROM {_table} WHERE id = @id AND name = @name AND @nothing IS NULL", parameters));
        var text = new DbString { Value = "Bob", Length = 20, IsAnsi = false };
        Assert.Equal(2, _connection.ExecuteScalar<int>($"SELECT id FROM {_table} WHERE name = @text", new { text }));
    }

    [Fact]
    public async Task Values_of_each_kind_come_back_as_they_went()
    {
        var given = new
        {
            B = true, S = (short)-5, I = int.MinValue, L = long.MaxValue, D = 12.50m, F = 1.25f, R = -2.5e300, T = "Grüße",
            C = 'x', X = new byte[] { 0, 255 }, G = Guid.NewGuid(), Y = new DateOnly(2024, 2, 29), H = new TimeOnly(23, 59, 58),
            Z = TimeSpan.FromMinutes(90), M = new DateTime(2024, 5, 6, 7, 8, 9), O = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero),
            N = (int?)null,
        };
        var row = (IDictionary<string, object?>)await _connection.QuerySingleAsync(
            "SELECT @B AS \"B\", @S AS \"S\", @I AS \"I\", @L AS \"L\", @D AS \"D\", @F AS \"F\", @R AS \"R\", @T AS \"T\", @C AS \"C\", @X AS \"X\", "
                + "@G AS \"G\", @Z AS \"Z\", @M AS \"M\", @O AS \"O\", @N AS \"N\"",
            given);
        object?[] expected = [given.B, given.S, given.I, given.L, given.D, given.F, given.R, given.T, "x", given.X, given.G, given.Z, given.M, given.O, null];
        Assert.Equal(expected, row.Values);
        Assert.Equal(given.Y, _connection.ExecuteScalar<DateOnly>("SELECT @Y", new { given.Y }));
        Assert.Equal(given.H, await _connection.QuerySingleAsync<TimeOnly>("SELECT @H", new { given.H }));
        Assert.Equal('x', _connection.QuerySingle<char>("SELECT @C", new { given.C }));
        Assert.Null(await _connection.QuerySingleAsync<int?>("SELECT @N", new { given.N }));
        Assert.Equal(given.X, _connection.ExecuteScalar<byte[]>("SELECT @X", new { given.X }));
    }

    [Fact]
    public async Task Type_handlers_convert_both_ways()
    {
        SqlMapper.AddTypeHandler(new MoneyHandler());
        await _connection.ExecuteAsync($"UPDATE {_table} SET amount = @amount WHERE id = 1", new { amount = new Money(799) });
        Assert.Equal(new Money(799), await _connection.QuerySingleAsync<Money>($"SELECT amount FROM {_table} WHERE id = 1"));
    }

    [Fact]
    public async Task Readers_load_tables_and_stream_rows()
    {
        using var table = new DataTable();
        table.Load(await _connection.ExecuteReaderAsync($"SELECT id, name, amount FROM {_table} ORDER BY id"));
        Assert.Equal(["1", "2", "3"], table.Rows.Cast<DataRow>().Select(row => Convert.ToString(row[0], CultureInfo.InvariantCulture)));
        Assert.Equal(typeof(decimal), table.Columns[2].DataType);
        Assert.Equal([1, 2, 3], _connection.Query<int>($"SELECT id FROM {_table} ORDER BY id", buffered: false).ToArray());
        int rows = 0;
        await foreach (Thing thing in _connection.QueryUnbufferedAsync<Thing>($"SELECT id FROM {_table}"))
        {
            rows += thing.Id > 0 ? 1 : 0;
        }

        Assert.Equal(3, rows);
    }

    [Fact]
    public async Task Repeated_and_cancelled_commands_leave_the_connection_usable()
    {
        Assert.Equal(3, await _connection.ExecuteAsync(
            $"UPDATE {_table} SET amount = amount + @by WHERE id = @id",
            Enumerable.Range(1, 3).Select(id => new { id, by = 1m })));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _connection.QueryAsync<int>(
            new CommandDefinition($"SELECT id FROM {_table}", cancellationToken: cancelled.Token)));
        Assert.Equal(6.5m, await _connection.ExecuteScalarAsync<decimal>($"SELECT sum(amount) FROM {_table}"));
    }

    [Fact]
    public async Task Pipelined_commands_run_one_behind_the_other()
    {
        var sets = Enumerable.Range(1, 3).Select(id => new { id, by = 1m });
        Assert.Equal(3, await _connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE {_table} SET amount = amount + @by WHERE id = @id", sets, flags: CommandFlags.Pipelined)));
        Assert.Equal(6.5m, await _connection.ExecuteScalarAsync<decimal>($"SELECT sum(amount) FROM {_table}"));
    }

    [Fact]
    public async Task Transactions_are_passed_along_and_undone()
    {
        await using (ShardSqlTransaction transaction = await _connection.BeginTransactionAsync())
        {
            Assert.Equal(3, await _connection.ExecuteAsync($"DELETE FROM {_table}", transaction: transaction));
            Assert.Throws<InvalidOperationException>(() => _connection.Execute($"DELETE FROM {_table}"));
            await transaction.RollbackAsync();
        }

        Assert.Equal(3, _connection.ExecuteScalar<int>($"SELECT count(*) FROM {_table}"));
    }

    private sealed record Row(int Id, string? Name, short Colour, decimal Amount);

    private sealed record Money(long Cents);

    private sealed class Thing
    {
        public int Id { get; set; }

        public string? Name { get; set; }

        public Colour Colour { get; set; }

        public Part? Part { get; set; }
    }

    private sealed class Part
    {
        public int Number { get; set; }

        public decimal Amount { get; set; }
    }

    private sealed class MoneyHandler : SqlMapper.TypeHandler<Money>
    {
        public override Money Parse(object value) => new((long)((decimal)value * 100));

        public override void SetValue(IDbDataParameter parameter, Money? value)
        {
            parameter.DbType = DbType.Decimal;
            parameter.Value = value is null ? DBNull.Value : value.Cents / 100m;
        }
    }
}
