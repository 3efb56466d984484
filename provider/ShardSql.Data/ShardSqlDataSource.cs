using System;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Options;
using ShardSql.Data.Sessions;
using ShardSql.Sql.Parsing;

namespace ShardSql.Data;

/// <summary>
/// The way to one cluster: settings, pool of sessions, hosts. Make one per cluster and keep it; it is safe for any
/// number of threads. Connections made from a connection string share one internally.
/// </summary>
public sealed partial class ShardSqlDataSource : DbDataSource
{
    private readonly string _connectionString;
    private readonly TransportCache _transports = new();
    private readonly SessionConnector? _connector;
    private readonly SessionPool? _pool;

    internal ShardSqlDataSource(
        ShardSqlConnectionStringBuilder builder, ShardSqlConflictHandler? conflictHandler, TimeProvider time)
    {
        _connectionString = builder.ConnectionString;
        Settings = new ConnectionSettings(builder);
        Time = time;
        ConflictHandler = conflictHandler;
        if (Settings.Hosts.Count > 0)
        {
            // Beside the connection's handshake, so that the first command finds a warm parser.
            _ = ParserWarmUp.BeginTables();
            _connector = new SessionConnector(Settings, _transports, time);
            _pool = new SessionPool(_connector, time);
            Outcomes = new OutcomeResolver(_connector, time);
        }
    }

    /// <summary>The connection string, without the password unless Persist Security Info was set.</summary>
    public override string ConnectionString => Settings.TextWithoutPassword;

    internal ConnectionSettings Settings { get; }

    internal TimeProvider Time { get; }

    internal ShardSqlConflictHandler? ConflictHandler { get; }

    internal OutcomeResolver? Outcomes { get; }

    /// <summary>The text as it was given; a connection shows it until it is opened.</summary>
    internal string OriginalConnectionString => _connectionString;

    internal (int Idle, int Used, int Waiting) PoolCounts => _pool?.Counts ?? default;

    /// <summary>A data source with default options.</summary>
    public static ShardSqlDataSource Create(string connectionString) =>
        new ShardSqlDataSourceBuilder(connectionString).Build();

    /// <summary>A connection that is not open yet.</summary>
    public new ShardSqlConnection CreateConnection() => new(this);

    /// <summary>An open connection.</summary>
    public new ShardSqlConnection OpenConnection() => (ShardSqlConnection)base.OpenConnection();

    /// <summary>An open connection.</summary>
    public new async ValueTask<ShardSqlConnection> OpenConnectionAsync(CancellationToken cancellationToken = default)
    {
        ShardSqlConnection connection = CreateConnection();
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the idle sessions of the pool; those in use are closed when they come back.</summary>
    public ValueTask ClearPoolAsync() => _pool?.ClearAsync() ?? ValueTask.CompletedTask;

    internal async ValueTask<PooledSession> RentAsync(CancellationToken cancellationToken)
    {
        Settings.RequireServer();
        return Settings.Pooling
            ? await _pool!.RentAsync(cancellationToken).ConfigureAwait(false)
            : new PooledSession(await _connector!.OpenAsync(cancellationToken).ConfigureAwait(false), Generation: 0);
    }

    internal ValueTask ReturnAsync(PooledSession session) =>
        Settings.Pooling ? _pool!.ReturnAsync(session) : session.Session.DisposeAsync();

    /// <inheritdoc />
    protected override DbConnection CreateDbConnection() => CreateConnection();

    /// <inheritdoc />
    protected override DbBatch CreateDbBatch() => new DataSourceBatch(this);

    /// <inheritdoc />
    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(
        CancellationToken cancellationToken = default) =>
        await OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            SyncFacade.Run(DisposeAsyncCore(), Settings.MaxPoolSize);
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc />
    protected override async ValueTask DisposeAsyncCore()
    {
        if (_pool is not null)
        {
            await _pool.DisposeAsync().ConfigureAwait(false);
        }

        await _transports.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsyncCore().ConfigureAwait(false);
    }
}
