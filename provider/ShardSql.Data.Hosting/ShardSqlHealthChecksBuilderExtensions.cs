using System;
using System.Collections.Generic;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ShardSql.Data;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of ShardSql.</summary>
public static class ShardSqlHealthChecksBuilderExtensions
{
    private const string DefaultName = "shardsql";

    /// <summary>Adds a check of the <see cref="ShardSqlDataSource"/> that is registered.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">Reported when no gateway answers; null: unhealthy.</param>
    /// <param name="tags">Tags of the check.</param>
    /// <param name="timeout">How long the check may take; null: as long as the connection string says.</param>
    /// <param name="serviceKey">The key under which the data source is registered.</param>
    public static IHealthChecksBuilder AddShardSql(
        this IHealthChecksBuilder builder,
        string name = DefaultName,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null,
        object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new ShardSqlHealthCheck(serviceKey is null
                ? provider.GetRequiredService<ShardSqlDataSource>()
                : provider.GetRequiredKeyedService<ShardSqlDataSource>(serviceKey)),
            failureStatus,
            tags,
            timeout));
    }
}
