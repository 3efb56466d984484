using System;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Options;
using ShardSql.Data.Sessions;
using ShardSql.Data.Telemetry;

namespace ShardSql.Data;

/// <summary>
/// A connection: one session of a cluster while it is open. Not safe for several threads at once, except for
/// <see cref="ShardSqlCommand.Cancel"/>.
/// </summary>
public sealed partial class ShardSqlConnection : DbConnection
{
    private const int DefaultMaxPoolSize = 100;

    private ShardSqlDataSource? _source;
    private string _connectionString = "";
    private bool _wasOpened;
    private bool _disposed;
    private PooledSession? _rented;
    private long _rentedAt;

    /// <summary>A connection without a connection string.</summary>
    public ShardSqlConnection()
    {
    }

    /// <summary>A connection of a connection string; all of the same string share one pool.</summary>
    public ShardSqlConnection(string? connectionString) => ConnectionString = connectionString;

    internal ShardSqlConnection(ShardSqlDataSource source)
    {
        _source = source;
        _connectionString = source.OriginalConnectionString;
    }

    /// <summary>The text that was set; without the password once the connection was opened.</summary>
    [AllowNull]
    public override string ConnectionString
    {
        get => _wasOpened && _source is { Settings.HidesPassword: true } ? _source.ConnectionString : _connectionString;
        set
        {
            if (_rented is not null)
            {
                throw new InvalidOperationException("ConnectionString cannot be changed while the connection is open.");
            }

            string text = value ?? "";
            _source = text.Length == 0 ? null : SharedDataSources.Get(text);
            _connectionString = text;
            _wasOpened = false;
        }
    }

    /// <summary>Seconds that Open may take.</summary>
    public override int ConnectionTimeout => _source is null
        ? 15
        : Math.Max(0, (int)_source.Settings.Timeout.TotalSeconds);

    /// <summary>The database: the one that the cluster named, before that the one asked for.</summary>
    public override string Database => _rented is { } rented && rented.Session.Greeting.Database.Length > 0
        ? rented.Session.Greeting.Database
        : _source?.Settings.Database ?? "";

    /// <summary>The gateway of the open session, before that the servers of the connection string.</summary>
    public override string DataSource => _rented?.Session.Host.ToString() ?? _source?.Settings.Servers ?? "";

    /// <inheritdoc />
    public override string ServerVersion => _rented?.Session.Greeting.ServerVersion
        ?? throw new InvalidOperationException("Connection is closed.");

    /// <summary>Broken once the session was lost: close it and open it again.</summary>
    public override ConnectionState State => _rented switch
    {
        null => ConnectionState.Closed,
        { Session.IsAlive: false } => ConnectionState.Broken,
        _ => ConnectionState.Open,
    };

    /// <inheritdoc />
    public override bool CanCreateBatch => true;

    /// <inheritdoc />
    protected override DbProviderFactory DbProviderFactory => ShardSqlFactory.Instance;

    internal int MaxPoolSize => _source?.Settings.MaxPoolSize ?? DefaultMaxPoolSize;

    internal int DefaultCommandTimeout => _source?.Settings.CommandTimeoutSeconds ?? 30;

    /// <summary>
    /// Drops the pool of a connection's data source: idle sessions now, the others when they come back.
    /// </summary>
    public static void ClearPool(ShardSqlConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection._source is { } source)
        {
            SyncFacade.Run(source.ClearPoolAsync(), connection.MaxPoolSize);
        }
    }

    /// <summary>Drops the pools of all data sources that were made from connection strings.</summary>
    public static void ClearAllPools() => SyncFacade.Run(SharedDataSources.ClearAsync(), DefaultMaxPoolSize);

    /// <inheritdoc />
    public override void Open() => SyncFacade.Run(OpenCoreAsync(CancellationToken.None), MaxPoolSize);

    /// <inheritdoc />
    public override Task OpenAsync(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested
        ? Task.FromCanceled(cancellationToken)
        : OpenCoreAsync(cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Close() => SyncFacade.Run(CloseCoreAsync(), MaxPoolSize);

    /// <inheritdoc />
    public override Task CloseAsync() => CloseCoreAsync().AsTask();

    /// <summary>A cluster has one database.</summary>
    public override void ChangeDatabase(string databaseName) =>
        throw new NotSupportedException("A cluster has one database; open a connection to the other cluster.");

    /// <summary>A command of this connection.</summary>
    public new ShardSqlCommand CreateCommand() => new("", this);

    /// <summary>A batch of this connection.</summary>
    public new ShardSqlBatch CreateBatch() => new(this);

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await CloseCoreAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    protected override DbCommand CreateDbCommand() => CreateCommand();

    /// <inheritdoc />
    protected override DbBatch CreateDbBatch() => CreateBatch();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // The base class raises Disposed each time.
        if (_disposed)
        {
            return;
        }

        if (disposing)
        {
            Close();
            _disposed = true;
        }

        base.Dispose(disposing);
    }

    private async ValueTask OpenCoreAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ShardSqlDataSource source = _source
            ?? throw new InvalidOperationException("The ConnectionString property has not been set.");
        if (_rented is not null)
        {
            throw new InvalidOperationException(State == ConnectionState.Broken
                ? "Connection is broken; close it before it is opened again."
                : "Connection is open already.");
        }

        System.Transactions.Transaction? scope = source.Settings.Enlist ? System.Transactions.Transaction.Current : null;
        if (scope is not null && TryRejoin(scope, source))
        {
            _wasOpened = true;
            OnStateChange(new StateChangeEventArgs(ConnectionState.Closed, ConnectionState.Open));
            return;
        }

        _rented = await source.RentAsync(cancellationToken).ConfigureAwait(false);
        _rentedAt = source.Time.GetTimestamp();
        _watchdog = new Watchdog(source.Time);
        _wasOpened = true;
        if (scope is not null)
        {
            Enlist(scope);
        }

        OnStateChange(new StateChangeEventArgs(ConnectionState.Closed, ConnectionState.Open));
    }

    private async ValueTask CloseCoreAsync()
    {
        if (_rented is not { } rented)
        {
            return;
        }

        ConnectionState before = State;
        CurrentReader?.Abandon();
        if (_enlistment is { IsParked: false } enlistment && HasLiveSession)
        {
            // The scope decides what becomes of it, and it has not ended yet.
            await FinishRunningAsync(discard: false).ConfigureAwait(false);
            enlistment.MoveTo(new ShardSqlConnection(_source!), isParked: true);
            OnStateChange(new StateChangeEventArgs(before, ConnectionState.Closed));
            return;
        }

        try
        {
            await ResetAsync(rented.Session).ConfigureAwait(false);
        }
        finally
        {
            _rented = null;
            _watchdog?.Dispose();
            DataMetrics.RecordUseTime(_source!.Time.GetElapsedTime(_rentedAt), _source.Settings);
            await _source.ReturnAsync(rented).ConfigureAwait(false);
            OnStateChange(new StateChangeEventArgs(before, ConnectionState.Closed));
        }
    }
}
