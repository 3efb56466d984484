using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ShardSql.Data;

/// <summary>
/// Healthy when a gateway answers and every shard has a leader; degraded when some shard has none, so that some
/// statements cannot run; else what was registered for failure.
/// </summary>
public sealed class ShardSqlHealthCheck : IHealthCheck
{
    private const string Question = "SELECT shards, shards_with_leader FROM shard.cluster_details";

    private readonly ShardSqlDataSource _source;

    /// <summary>A check of a cluster.</summary>
    public ShardSqlHealthCheck(ShardSqlDataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
    }

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            ShardSqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await AskAsync(connection, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ShardSqlException error)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{error.SqlState}: {error.Message}", error);
        }
    }

    private static async Task<HealthCheckResult> AskAsync(
        ShardSqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new ShardSqlCommand(Question, connection);
        await using (command.ConfigureAwait(false))
        {
            ShardSqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                int shards = reader.GetInt32(0);
                int served = reader.GetInt32(1);
                var data = new Dictionary<string, object>
                {
                    ["gateway"] = connection.DataSource, ["shards"] = shards, ["shards_with_leader"] = served,
                };
                return served == shards
                    ? HealthCheckResult.Healthy($"{served} of {shards} shards are served", data)
                    : HealthCheckResult.Degraded($"{served} of {shards} shards are served", data: data);
            }
        }
    }
}
