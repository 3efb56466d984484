using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>Short forms of commands.</summary>
internal static class Statements
{
    /// <summary>Runs a command.</summary>
    /// <returns>Rows affected.</returns>
    public static async Task<int> ExecuteAsync(
        this ShardSqlConnection connection,
        string sql,
        ShardSqlTransaction? transaction = null,
        CancellationToken cancellationToken = default,
        params (string Name, object Value)[] parameters)
    {
        await using ShardSqlCommand command = Create(connection, sql, transaction, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs a query.</summary>
    /// <returns>All rows.</returns>
    public static async Task<List<object[]>> QueryAsync(
        this ShardSqlConnection connection,
        string sql,
        ShardSqlTransaction? transaction = null,
        CancellationToken cancellationToken = default,
        params (string Name, object Value)[] parameters)
    {
        await using ShardSqlCommand command = Create(connection, sql, transaction, parameters);
        await using ShardSqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<object[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Runs a command on a connection of its own.</summary>
    public static async Task<int> ExecuteAsync(this ShardSqlDataSource source, string sql)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        return await connection.ExecuteAsync(sql);
    }

    /// <summary>Runs a query on a connection of its own.</summary>
    public static async Task<List<object[]>> QueryAsync(this ShardSqlDataSource source, string sql)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        return await connection.QueryAsync(sql);
    }

    private static ShardSqlCommand Create(
        ShardSqlConnection connection,
        string sql,
        ShardSqlTransaction? transaction,
        (string Name, object Value)[] parameters)
    {
        ShardSqlCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
