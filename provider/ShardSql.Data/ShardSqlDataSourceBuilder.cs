using System;
using ShardSql.Data.Options;

namespace ShardSql.Data;

/// <summary>Builds a <see cref="ShardSqlDataSource"/>: a connection string and what cannot be written in one.</summary>
public sealed class ShardSqlDataSourceBuilder
{
    private ShardSqlConflictHandler? _conflictHandler;
    private TimeProvider _time = TimeProvider.System;

    /// <summary>Begins with a connection string.</summary>
    public ShardSqlDataSourceBuilder(string? connectionString = null) =>
        ConnectionStringBuilder = new ShardSqlConnectionStringBuilder(connectionString);

    /// <summary>The connection string in parts.</summary>
    public ShardSqlConnectionStringBuilder ConnectionStringBuilder { get; }

    /// <summary>The connection string.</summary>
    public string ConnectionString => ConnectionStringBuilder.ConnectionString;

    /// <summary>
    /// Sets who decides on conflicts in <c>ExecuteInTransactionAsync</c>, and <c>Conflict Strategy=Handler</c> with it.
    /// </summary>
    public ShardSqlDataSourceBuilder UseConflictHandler(ShardSqlConflictHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _conflictHandler = handler;
        ConnectionStringBuilder.ConflictStrategy = ShardSqlConflictStrategy.Handler;
        return this;
    }

    /// <summary>Sets the clock that timeouts, lifetimes and pauses run by.</summary>
    public ShardSqlDataSourceBuilder UseTimeProvider(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _time = timeProvider;
        return this;
    }

    /// <summary>The data source. Nothing is connected yet.</summary>
    public ShardSqlDataSource Build()
    {
        if (ConnectionStringBuilder.ConflictStrategy == ShardSqlConflictStrategy.Handler && _conflictHandler is null)
        {
            throw new InvalidOperationException(
                $"{ConnectionOptions.ConflictStrategy.Name}=Handler needs a handler: call UseConflictHandler.");
        }

        return new ShardSqlDataSource(ConnectionStringBuilder, _conflictHandler, _time);
    }
}
