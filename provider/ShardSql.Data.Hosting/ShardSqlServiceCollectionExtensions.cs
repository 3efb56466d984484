using System;
using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ShardSql.Data;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers ShardSql with a service collection.</summary>
public static class ShardSqlServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="ShardSqlDataSource"/> as a singleton, as itself and as <see cref="DbDataSource"/>, and
    /// connections of it, as <see cref="ShardSqlConnection"/> and <see cref="DbConnection"/>, that are not open yet.
    /// What is registered already stays.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="connectionLifetime">Of the connections; each user of a transient one disposes its own.</param>
    /// <param name="serviceKey">Tells clusters apart: then everything is registered under this key.</param>
    public static IServiceCollection AddShardSqlDataSource(
        this IServiceCollection services,
        string connectionString,
        ServiceLifetime connectionLifetime = ServiceLifetime.Transient,
        object? serviceKey = null) =>
        services.AddShardSqlDataSource(connectionString, static (_, _) => { }, connectionLifetime, serviceKey);

    /// <summary>As the other overload; the action sets what a connection string cannot say.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="connectionString">The connection string; null where the action sets its parts.</param>
    /// <param name="configure">Called once, before the data source is built.</param>
    /// <param name="connectionLifetime">Of the connections; each user of a transient one disposes its own.</param>
    /// <param name="serviceKey">Tells clusters apart: then everything is registered under this key.</param>
    public static IServiceCollection AddShardSqlDataSource(
        this IServiceCollection services,
        string? connectionString,
        Action<ShardSqlDataSourceBuilder> configure,
        ServiceLifetime connectionLifetime = ServiceLifetime.Transient,
        object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddShardSqlDataSource(
            connectionString, (_, builder) => configure(builder), connectionLifetime, serviceKey);
    }

    /// <summary>As the other overloads; the action may ask for services, such as a conflict handler.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="connectionString">The connection string; null where the action sets its parts.</param>
    /// <param name="configure">Called once, before the data source is built.</param>
    /// <param name="connectionLifetime">Of the connections; each user of a transient one disposes its own.</param>
    /// <param name="serviceKey">Tells clusters apart: then everything is registered under this key.</param>
    public static IServiceCollection AddShardSqlDataSource(
        this IServiceCollection services,
        string? connectionString,
        Action<IServiceProvider, ShardSqlDataSourceBuilder> configure,
        ServiceLifetime connectionLifetime = ServiceLifetime.Transient,
        object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        Add<ShardSqlDataSource>(ServiceLifetime.Singleton, provider =>
        {
            var builder = new ShardSqlDataSourceBuilder(connectionString);
            configure(provider, builder);
            return builder.Build();
        });
        Add<DbDataSource>(ServiceLifetime.Singleton, provider => Source(provider, serviceKey));
        Add<ShardSqlConnection>(connectionLifetime, provider => Source(provider, serviceKey).CreateConnection());
        Add<DbConnection>(connectionLifetime, provider => serviceKey is null
            ? provider.GetRequiredService<ShardSqlConnection>()
            : provider.GetRequiredKeyedService<ShardSqlConnection>(serviceKey));
        return services;

        void Add<T>(ServiceLifetime lifetime, Func<IServiceProvider, T> make)
            where T : class => services.TryAdd(serviceKey is null
                ? new ServiceDescriptor(typeof(T), make, lifetime)
                : new ServiceDescriptor(typeof(T), serviceKey, (provider, _) => make(provider), lifetime));
    }

    private static ShardSqlDataSource Source(IServiceProvider provider, object? serviceKey) => serviceKey is null
        ? provider.GetRequiredService<ShardSqlDataSource>()
        : provider.GetRequiredKeyedService<ShardSqlDataSource>(serviceKey);
}
