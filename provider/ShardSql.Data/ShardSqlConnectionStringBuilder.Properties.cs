using ShardSql.Data.Options;

namespace ShardSql.Data;

/// <content>The keywords as typed properties.</content>
public sealed partial class ShardSqlConnectionStringBuilder
{
    /// <summary>Gateways: host:port,… · unix:/path · inproc:NAME.</summary>
    public string Server
    {
        get => Get(ConnectionOptions.Server);
        set => Set(ConnectionOptions.Server, value);
    }

    /// <summary>Port of the servers that name none.</summary>
    public int Port
    {
        get => GetNumber(ConnectionOptions.Port);
        set => Set(ConnectionOptions.Port, value);
    }

    /// <summary>The cluster's database; empty takes whichever there is.</summary>
    public string Database
    {
        get => Get(ConnectionOptions.Database);
        set => Set(ConnectionOptions.Database, value);
    }

    /// <summary>Name to authenticate as.</summary>
    public string User
    {
        get => Get(ConnectionOptions.User);
        set => Set(ConnectionOptions.User, value);
    }

    /// <summary>Leaves ConnectionString after Open, unless Persist Security Info.</summary>
    public string Password
    {
        get => Get(ConnectionOptions.Password);
        set => Set(ConnectionOptions.Password, value);
    }

    /// <summary>Whether ConnectionString keeps the password after Open.</summary>
    public bool PersistSecurityInfo
    {
        get => GetSwitch(ConnectionOptions.PersistSecurityInfo);
        set => Set(ConnectionOptions.PersistSecurityInfo, value);
    }

    /// <summary>Encryption; only Disable works now, others are refused at Open (08001).</summary>
    public ShardSqlSslMode SslMode
    {
        get => GetMember<ShardSqlSslMode>(ConnectionOptions.SslMode);
        set => Set(ConnectionOptions.SslMode, value);
    }

    /// <summary>Serializable or StrictSerializable.</summary>
    public ShardSqlIsolation Isolation
    {
        get => GetMember<ShardSqlIsolation>(ConnectionOptions.Isolation);
        set => Set(ConnectionOptions.Isolation, value);
    }

    /// <summary>None, or Statements: a command outside a transaction is run again when it surely did nothing.</summary>
    public ShardSqlRetry Retry
    {
        get => GetMember<ShardSqlRetry>(ConnectionOptions.Retry);
        set => Set(ConnectionOptions.Retry, value);
    }

    /// <summary>Bound of every retry.</summary>
    public int MaxRetries
    {
        get => GetNumber(ConnectionOptions.MaxRetries);
        set => Set(ConnectionOptions.MaxRetries, value);
    }

    /// <summary>Retry, Abort or Handler: what ExecuteInTransactionAsync does on a conflict.</summary>
    public ShardSqlConflictStrategy ConflictStrategy
    {
        get => GetMember<ShardSqlConflictStrategy>(ConnectionOptions.ConflictStrategy);
        set => Set(ConnectionOptions.ConflictStrategy, value);
    }

    /// <summary>Seconds for Open: waiting for the pool, all hosts, the greeting. 0: no limit.</summary>
    public int Timeout
    {
        get => GetNumber(ConnectionOptions.Timeout);
        set => Set(ConnectionOptions.Timeout, value);
    }

    /// <summary>Seconds for a command, then 57014. 0: the server's limit.</summary>
    public int CommandTimeout
    {
        get => GetNumber(ConnectionOptions.CommandTimeout);
        set => Set(ConnectionOptions.CommandTimeout, value);
    }

    /// <summary>Milliseconds a cancelled or timed-out command may take to end, then its session is dropped.</summary>
    public int CancellationTimeout
    {
        get => GetNumber(ConnectionOptions.CancellationTimeout);
        set => Set(ConnectionOptions.CancellationTimeout, value);
    }

    /// <summary>Whether Close keeps the session for the next Open.</summary>
    public bool Pooling
    {
        get => GetSwitch(ConnectionOptions.Pooling);
        set => Set(ConnectionOptions.Pooling, value);
    }

    /// <summary>Sessions that are kept however long they are idle.</summary>
    public int MinPoolSize
    {
        get => GetNumber(ConnectionOptions.MinPoolSize);
        set => Set(ConnectionOptions.MinPoolSize, value);
    }

    /// <summary>Most sessions at once; then Open waits, at most Timeout (53300).</summary>
    public int MaxPoolSize
    {
        get => GetNumber(ConnectionOptions.MaxPoolSize);
        set => Set(ConnectionOptions.MaxPoolSize, value);
    }

    /// <summary>Seconds after which an idle session is closed.</summary>
    public int ConnectionIdleLifetime
    {
        get => GetNumber(ConnectionOptions.IdleLifetime);
        set => Set(ConnectionOptions.IdleLifetime, value);
    }

    /// <summary>
    /// Seconds after which a session is not used again, so that load moves to new gateways. 0: no limit.
    /// </summary>
    public int ConnectionLifetime
    {
        get => GetNumber(ConnectionOptions.Lifetime);
        set => Set(ConnectionOptions.Lifetime, value);
    }

    /// <summary>Shown in SHOW SESSIONS.</summary>
    public string ApplicationName
    {
        get => Get(ConnectionOptions.ApplicationName);
        set => Set(ConnectionOptions.ApplicationName, value);
    }

    /// <summary>Whether sessions spread over the servers; else the first that answers.</summary>
    public bool LoadBalanceHosts
    {
        get => GetSwitch(ConnectionOptions.LoadBalanceHosts);
        set => Set(ConnectionOptions.LoadBalanceHosts, value);
    }

    /// <summary>How long a server that failed is tried last.</summary>
    public int HostRecheckSeconds
    {
        get => GetNumber(ConnectionOptions.HostRecheckSeconds);
        set => Set(ConnectionOptions.HostRecheckSeconds, value);
    }

    /// <summary>Bytes of rows that may be on the way before the reader takes them.</summary>
    public int ReceiveWindow
    {
        get => GetNumber(ConnectionOptions.ReceiveWindow);
        set => Set(ConnectionOptions.ReceiveWindow, value);
    }

    /// <summary>
    /// Whether a connection opened inside a TransactionScope takes part in it; False runs outside of it.
    /// </summary>
    public bool Enlist
    {
        get => GetSwitch(ConnectionOptions.Enlist);
        set => Set(ConnectionOptions.Enlist, value);
    }

    /// <summary>Whether DbCommand.Transaction may be left out inside a transaction.</summary>
    public bool IgnoreCommandTransaction
    {
        get => GetSwitch(ConnectionOptions.IgnoreCommandTransaction);
        set => Set(ConnectionOptions.IgnoreCommandTransaction, value);
    }
}
