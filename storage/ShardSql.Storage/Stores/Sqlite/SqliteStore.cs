using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

using SQLitePCL;

namespace ShardSql.Storage.Stores;

/// <summary>
/// A base store on SQLite in WAL mode, the embedded default: nothing to install. One connection writes; reads have
/// connections of their own and never wait for it; a checkpoint is a read transaction, and holds back the reuse of
/// SQLite's log for as long as it is open.
/// </summary>
public sealed class SqliteStore : SynchronousStore
{
    /// <summary>The adapter's name.</summary>
    public const string KindName = "sqlite";

    /// <summary>Version of the tables.</summary>
    public const uint FormatVersion = 2;

    private const string FileName = "store.db";

    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly string _path;
    private readonly SqliteSession _writer;
    private readonly sqlite3_stmt _put;
    private readonly sqlite3_stmt _delete;

    static SqliteStore() => Batteries_V2.Init();

    /// <summary>Opens the store in a folder, or makes it.</summary>
    /// <exception cref="DataRefusedException">Data of another cluster or node, or of a newer format.</exception>
    public SqliteStore(string folder, DataIdentity identity)
    {
        DiskFileSystem files = DiskFileSystem.Instance;
        files.CreateFolder(folder);
        _path = Path.Combine(folder, FileName);
        if (!files.Exists(_path))
        {
            files.Create(_path).Dispose(); // For its mode, which SQLite's other files take over.
            files.SyncFolder(folder);
        }

        _writer = new SqliteSession(_path, isWriter: true);
        _put = _writer.Prepare("REPLACE INTO kv (k, v, c) VALUES (?1, ?2, ?3)");
        _delete = _writer.Prepare("DELETE FROM kv WHERE k = ?1");
        try
        {
            RequireSound();
            RequireIdentity(identity);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <inheritdoc />
    public override string Kind => KindName;

    /// <inheritdoc />
    protected override byte[]? Get(byte[] key) => Read(session => session.Get(key));

    /// <inheritdoc />
    protected override IReadOnlyList<StoreRow> Scan(KeyRange range, int limit) =>
        Read(session => session.Scan(range, limit));

    /// <inheritdoc />
    protected override void Apply(IReadOnlyList<StoreChange> sortedBatch)
    {
        _writer.Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (StoreChange change in sortedBatch)
            {
                sqlite3_stmt statement = change.Value is null ? _delete : _put;
                _writer.Bind(statement, 1, change.Key);
                if (change.Value is not null)
                {
                    _writer.Bind(statement, 2, change.Value);
                    _writer.BindChecksum(statement, 3, change.Key, change.Value);
                }

                _writer.Step(statement, "apply");
                raw.sqlite3_reset(statement);
            }
        }
        catch (BaseStoreException)
        {
            _writer.Execute("ROLLBACK");
            throw;
        }

        _writer.Execute("COMMIT");
    }

    /// <inheritdoc />
    protected override void Sync() => _writer.Execute(SqliteSchema.SyncOn);

    /// <inheritdoc />
    protected override IStoreView OpenView() => new View(new SqliteSession(_path, isWriter: false));

    /// <inheritdoc />
    protected override void Close()
    {
        while (_readers.TryTake(out SqliteSession? session))
        {
            session.Dispose();
        }

        _put.Dispose();
        _delete.Dispose();
        _writer.Dispose();
    }

    /// <summary>Reads on a connection of the pool, which holds at most as many as reads run at once.</summary>
    private T Read<T>(Func<SqliteSession, T> read)
    {
        if (!_readers.TryTake(out SqliteSession? session))
        {
            session = new SqliteSession(_path, isWriter: false);
        }

        T result;
        try
        {
            result = read(session);
        }
        catch
        {
            session.Dispose(); // In which state the failure left it, nobody knows.
            throw;
        }

        _readers.Add(session);
        return result;
    }

    // Rows carry checksums, but only the tree says which rows there are.
    private void RequireSound()
    {
        using sqlite3_stmt check = _writer.Prepare("PRAGMA quick_check(1)");
        _writer.Step(check, "check");
        string found = raw.sqlite3_column_text(check, 0).utf8_to_string();
        if (found != "ok")
        {
            throw new StoreDamagedException($"sqlite store {_path} is damaged: {found}");
        }
    }

    private void RequireIdentity(DataIdentity identity)
    {
        using sqlite3_stmt select = _writer.Prepare("SELECT format, cluster, node FROM header");
        if (_writer.Step(select, "header"))
        {
            var found = new DataIdentity(
                new Guid(raw.sqlite3_column_blob(select, 1)), new NodeId((uint)raw.sqlite3_column_int64(select, 2)));
            identity.Require(_path, found, (uint)raw.sqlite3_column_int64(select, 0), FormatVersion);
            return;
        }

        using sqlite3_stmt insert = _writer.Prepare(
            "INSERT INTO header (format, cluster, node, syncs) VALUES (?1, ?2, ?3, 0)");
        raw.sqlite3_bind_int64(insert, 1, FormatVersion);
        _writer.Bind(insert, 2, identity.Cluster.ToByteArray());
        raw.sqlite3_bind_int64(insert, 3, identity.Node.Value);
        _writer.Step(insert, "header");
        raw.sqlite3_reset(insert);
        Sync();
    }

    private sealed class View : IStoreView
    {
        private readonly SqliteSession _session;

        public View(SqliteSession session)
        {
            _session = session;
            session.Execute("BEGIN; SELECT count(*) FROM header;"); // The first read fixes what the transaction sees.
        }

        public IReadOnlyList<StoreRow> Scan(KeyRange range, int limit) => _session.Scan(range, limit);

        public void Dispose() => _session.Dispose();
    }
}
