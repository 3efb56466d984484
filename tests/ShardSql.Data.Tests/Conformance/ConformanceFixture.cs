using System;
using System.Data.Common;
using System.Threading.Tasks;
using ShardSql.Gateway.Hosting;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>
/// A cluster with the table <c>select_value</c>: a column for each type, a row for each kind of value. Tests see it
/// through System.Data.Common alone, as code does that knows no provider.
/// </summary>
public sealed class ConformanceFixture : IAsyncLifetime
{
    private const string Definition = """
        CREATE TABLE select_value (
            id integer PRIMARY KEY, "Binary" bytes, "Boolean" boolean, "Date" date, "DateTime" timestamp,
            "DateTimeOffset" timestamptz, "Decimal" decimal, "Double" double precision, "Guid" uuid, "Int16" smallint,
            "Int32" integer, "Int64" bigint, "Single" real, "String" text, "Time" time, "Json" json);
        INSERT INTO select_value VALUES
            (0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (1, X'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, '{}'),
            (2, X'00', false, NULL, NULL, NULL, 0, 0, '00000000-0000-0000-0000-000000000000', 0, 0, 0, 0, '0', '00:00:00', '0'),
            (3, X'11', true, '1111-11-11', '1111-11-11 11:11:11.111', '1111-11-11 11:11:11.111+00', 1, 1,
                '11111111-1111-1111-1111-111111111111', 1, 1, 1, 1, '1', '11:11:11.111', '1'),
            (4, X'00', false, '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', 0.000000000000001, '2.23e-308',
                '33221100-5544-7766-9988-aabbccddeeff', -32768, -2147483648, -9223372036854775808, '1.18e-38', 'min', '00:00:00', '[]'),
            (5, X'ffff', true, '9999-12-31', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999+00',
                99999999999999999999.999999999999999, '1.79e308', 'ccddeeff-aabb-8899-7766-554433221100', 32767, 2147483647,
                9223372036854775807, '3.40e38', 'Grüße 😀', '23:59:59.999', '{"a": "😀"}')
        """;

    private EmbeddedCluster? _cluster;

    /// <summary>The connection string.</summary>
    public string ConnectionString => _cluster!.ConnectionString;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "conformance-" + Guid.NewGuid().ToString("N"), Nodes = 1, Shards = 2, Store = "memory",
        });
        await using DbConnection connection = Open();
        await using DbCommand command = Command(connection, Definition);
        Assert.Equal(6, await command.ExecuteNonQueryAsync());
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        ShardSqlConnection.ClearAllPools();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>A connection that is not open.</summary>
    public DbConnection Create()
    {
        DbConnection connection = ShardSqlFactory.Instance.CreateConnection()!;
        connection.ConnectionString = ConnectionString;
        return connection;
    }

    /// <summary>An open connection.</summary>
    public DbConnection Open()
    {
        DbConnection connection = Create();
        connection.Open();
        return connection;
    }

    /// <summary>A command of a text.</summary>
    public static DbCommand Command(DbConnection connection, string text)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    /// <summary>A parameter with a value.</summary>
    public static DbParameter Parameter(DbCommand command, string name, object? value)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
