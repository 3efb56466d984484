using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Values of every type go to disk on three shards and come back.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TypeTests(ClusterFixture cluster)
{
    private const long TicksPerMicrosecond = 10;

    private static readonly Dictionary<string, object[]> s_values = new()
    {
        ["boolean"] = [false, true],
        ["smallint"] = [short.MinValue, (short)-1, (short)0, short.MaxValue],
        ["integer"] = [int.MinValue, -1, 0, int.MaxValue],
        ["bigint"] = [long.MinValue, -1L, 0L, long.MaxValue],
        ["decimal(38,9)"] =
            [decimal.MinValue, -0.000000001m, 0m, 1.5m, 12345678901234567890.123456789m, decimal.MaxValue],
        ["decimal"] = [-1e-15m, 0m, 1e-15m, 79228162514264337593543950335m],
        ["real"] = [float.MinValue, -0.1f, 0f, 1.25f, float.MaxValue],
        ["double precision"] = [double.MinValue, -0.1, 0.0, 2.23e-308, 1.79e308],
        ["text"] = ["", "a", "a'b", "zürich", "€", "😀"],
        ["varchar(5)"] = ["", "abcde", "äöüßé"],
        ["bytes"] = [Array.Empty<byte>(), new byte[] { 0 }, new byte[] { 0, 255, 1 }, new byte[] { 255 }],
        ["uuid"] = [Guid.Empty, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), Guid.AllBitsSet],
        ["date"] = [DateOnly.MinValue, new DateOnly(1969, 12, 31), new DateOnly(2024, 2, 29), DateOnly.MaxValue],
        ["time"] = [TimeOnly.MinValue, new TimeOnly(
            12, 34, 56, 789), new TimeOnly(TimeOnly.MaxValue.Ticks / TicksPerMicrosecond * TicksPerMicrosecond)],
        ["timestamp"] = [DateTime.MinValue, new DateTime(
            1969, 12, 31, 23, 59, 59, 999), new DateTime(9999, 12, 31, 23, 59, 59, 999)],
        ["timestamptz"] =
        [
            DateTimeOffset.MinValue,
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero),
        ],
        ["json"] = ["{\"a\": [1, null, \"b\"]}", "null", "[]"],
    };

    public static TheoryData<string> Types => [.. s_values.Keys];

    public static TheoryData<string> KeyTypes => [.. s_values.Keys.Where(type => type != "json")];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Values_of_a_type_go_to_storage_and_back(string type)
    {
        object[] values = s_values[type];
        string table = await cluster.CreateTableAsync($"(id integer PRIMARY KEY, v {type}, w {type})");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        for (int i = 0; i < values.Length; i++)
        {
            await InsertAsync(connection, $"INSERT INTO {table} (id, v) VALUES (@id, @v)", i, values[i]);
        }

        var command = new ShardSqlCommand($"SELECT v, w FROM {table} ORDER BY id", connection);
        await using ShardSqlDataReader reader = await command.ExecuteReaderAsync();
        foreach (object value in values)
        {
            Assert.True(await reader.ReadAsync());
            Assert.Equal(value, Read(reader, value));
            Assert.True(reader.IsDBNull(1));
        }

        Assert.False(await reader.ReadAsync());
    }

    [Theory]
    [MemberData(nameof(KeyTypes))]
    public async Task Keys_of_a_type_are_found_and_are_in_order(string type)
    {
        object[] values = s_values[type];
        string table = await cluster.CreateTableAsync($"(v {type} PRIMARY KEY, id integer) SHARD BY HASH (v)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        for (int i = values.Length - 1; i >= 0; i--)
        {
            await InsertAsync(connection, $"INSERT INTO {table} (id, v) VALUES (@id, @v)", i, values[i]);
        }

        for (int i = 0; i < values.Length; i++)
        {
            await using ShardSqlCommand byKey = With(connection, $"SELECT id FROM {table} WHERE v = @v", i, values[i]);
            Assert.Equal(i, await byKey.ExecuteScalarAsync());
            await using ShardSqlCommand below =
                With(connection, $"SELECT count(*) FROM {table} WHERE v < @v", i, values[i]);
            Assert.Equal((long)i, await below.ExecuteScalarAsync());
        }

        IEnumerable<int> order = await connection.QueryAsync<int>($"SELECT id FROM {table} ORDER BY v DESC");
        Assert.Equal(Enumerable.Range(0, values.Length).Reverse(), order);
    }

    [Fact]
    public async Task A_decimal_of_more_digits_than_the_client_has_is_kept_exactly_and_read_rounded()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, v decimal(38,15))");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 99999999999999999999.999999999999999)");
        Assert.Equal(1L, await cluster.ScalarAsync<long>(
            $"SELECT count(*) FROM {table} WHERE v = 99999999999999999999.999999999999999"));
        Assert.Equal(100000000000000000000m, await cluster.ScalarAsync<decimal>($"SELECT v FROM {table}"));
    }

    [Fact]
    public async Task An_offset_is_kept_as_its_instant()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, v timestamptz)");
        var there = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(14));
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, @there)", new { there });
        Assert.Equal(
            there.UtcDateTime, (await cluster.ScalarAsync<DateTimeOffset>($"SELECT v FROM {table}")).UtcDateTime);
    }

    private static async Task InsertAsync(ShardSqlConnection connection, string text, int id, object value)
    {
        await using ShardSqlCommand command = With(connection, text, id, value);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static ShardSqlCommand With(ShardSqlConnection connection, string text, int id, object value)
    {
        var command = new ShardSqlCommand(text, connection);
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("v", value);
        return command;
    }

    private static object Read(ShardSqlDataReader reader, object expected) => expected switch
    {
        DateOnly => reader.GetFieldValue<DateOnly>(0),
        TimeOnly => reader.GetFieldValue<TimeOnly>(0),
        _ => reader.GetValue(0),
    };
}
