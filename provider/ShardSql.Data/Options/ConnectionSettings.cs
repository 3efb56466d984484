using System;
using System.Collections.Generic;

namespace ShardSql.Data.Options;

/// <summary>A connection string that was read once; it never changes.</summary>
internal sealed class ConnectionSettings
{
    /// <summary>Reads a builder. The server may be missing until <see cref="RequireServer"/>.</summary>
    public ConnectionSettings(ShardSqlConnectionStringBuilder builder)
    {
        Servers = builder.Server;
        Hosts = Servers.Length == 0 ? [] : HostAddress.ParseList(Servers, builder.Port);
        Database = builder.Database;
        User = builder.User;
        Password = builder.Password;
        SslMode = builder.SslMode;
        Isolation = builder.Isolation;
        Retry = builder.Retry;
        MaxRetries = builder.MaxRetries;
        ConflictStrategy = builder.ConflictStrategy;
        Timeout = Seconds(builder.Timeout);
        CommandTimeoutSeconds = builder.CommandTimeout;
        CancellationTimeout = TimeSpan.FromMilliseconds(builder.CancellationTimeout);
        Pooling = builder.Pooling;
        MaxPoolSize = builder.MaxPoolSize;
        MinPoolSize = builder.MinPoolSize <= builder.MaxPoolSize
            ? builder.MinPoolSize
            : throw new ArgumentException(
                $"Min Pool Size must not exceed Max Pool Size, was {builder.MinPoolSize} of {builder.MaxPoolSize}");
        IdleLifetime = TimeSpan.FromSeconds(builder.ConnectionIdleLifetime);
        Lifetime = Seconds(builder.ConnectionLifetime);
        ApplicationName = builder.ApplicationName;
        LoadBalanceHosts = builder.LoadBalanceHosts;
        HostRecheck = TimeSpan.FromSeconds(builder.HostRecheckSeconds);
        ReceiveWindow = builder.ReceiveWindow;
        Enlist = builder.Enlist;
        IgnoreCommandTransaction = builder.IgnoreCommandTransaction;
        TextWithoutPassword = WithoutPassword(builder);
        HidesPassword = TextWithoutPassword != builder.ConnectionString;
    }

    public string Servers { get; }

    public IReadOnlyList<HostAddress> Hosts { get; }

    public string Database { get; }

    public string User { get; }

    public string Password { get; }

    public ShardSqlSslMode SslMode { get; }

    public ShardSqlIsolation Isolation { get; }

    public ShardSqlRetry Retry { get; }

    public int MaxRetries { get; }

    public ShardSqlConflictStrategy ConflictStrategy { get; }

    /// <summary>Of Open; infinite when 0 was given.</summary>
    public TimeSpan Timeout { get; }

    public int CommandTimeoutSeconds { get; }

    public TimeSpan CancellationTimeout { get; }

    public bool Pooling { get; }

    public int MinPoolSize { get; }

    public int MaxPoolSize { get; }

    public TimeSpan IdleLifetime { get; }

    /// <summary>Of a session; infinite when 0 was given.</summary>
    public TimeSpan Lifetime { get; }

    public string ApplicationName { get; }

    public bool LoadBalanceHosts { get; }

    public TimeSpan HostRecheck { get; }

    public int ReceiveWindow { get; }

    public bool Enlist { get; }

    public bool IgnoreCommandTransaction { get; }

    /// <summary>The connection string as it may be shown: the password is left out unless it was asked for.</summary>
    public string TextWithoutPassword { get; }

    /// <summary>Whether there is a password that may not be shown.</summary>
    public bool HidesPassword { get; }

    /// <summary>Throws when no server was named.</summary>
    public void RequireServer()
    {
        if (Hosts.Count == 0)
        {
            throw new ArgumentException("Host is required: the connection string names no Server (alias Host)");
        }
    }

    private static TimeSpan Seconds(int seconds) =>
        seconds == 0 ? System.Threading.Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);

    private static string WithoutPassword(ShardSqlConnectionStringBuilder builder)
    {
        if (builder.PersistSecurityInfo || builder.Password.Length == 0)
        {
            return builder.ConnectionString;
        }

        var copy = new ShardSqlConnectionStringBuilder(builder.ConnectionString);
        copy.Remove(ConnectionOptions.Password.Name);
        return copy.ConnectionString;
    }
}
