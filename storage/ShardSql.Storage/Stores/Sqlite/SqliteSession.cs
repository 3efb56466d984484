using System;
using System.Collections.Generic;

using ShardSql.Primitives;

using SQLitePCL;

namespace ShardSql.Storage.Stores;

/// <summary>One SQLite connection with the statements of the store, used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int BusyTimeoutMs = 5000;

    private readonly sqlite3 _db;
    private readonly string _path;
    private readonly sqlite3_stmt _get;
    private readonly sqlite3_stmt _scan;
    private readonly sqlite3_stmt _scanToEnd;

    /// <summary>Opens a connection; the first one of a store makes the tables.</summary>
    public SqliteSession(string path, bool isWriter)
    {
        _path = path;
        int code = raw.sqlite3_open_v2(
            path, out _db, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            Check(code, "open");
            raw.sqlite3_busy_timeout(_db, BusyTimeoutMs);
            Execute(isWriter ? SqliteSchema.WriterSetup : SqliteSchema.ReaderSetup);
            _get = Prepare("SELECT k, v, c FROM kv WHERE k = ?1");
            _scan = Prepare("SELECT k, v, c FROM kv WHERE k >= ?1 AND k < ?3 ORDER BY k LIMIT ?2");
            _scanToEnd = Prepare("SELECT k, v, c FROM kv WHERE k >= ?1 ORDER BY k LIMIT ?2");
        }
        catch
        {
            _db.Dispose();
            throw;
        }
    }

    /// <summary>Compiles a statement; the caller disposes it.</summary>
    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_db, sql, out sqlite3_stmt statement), sql);
        return statement;
    }

    /// <summary>Runs statements that give no rows, or whose rows do not matter.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql), sql);

    /// <summary>Runs a statement once; true when it gave a row.</summary>
    public bool Step(sqlite3_stmt statement, string what)
    {
        int code = raw.sqlite3_step(statement);
        if (code is not raw.SQLITE_ROW and not raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(statement);
            Check(code, what);
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Binds bytes. An empty span has no address, which SQLite would take for NULL.</summary>
    public void Bind(sqlite3_stmt statement, int index, ReadOnlySpan<byte> value) => Check(
        value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(statement, index, 0)
            : raw.sqlite3_bind_blob(statement, index, value),
        "bind");

    /// <summary>Binds what a row's key and value are checked by: SQLite does not check its pages.</summary>
    public void BindChecksum(sqlite3_stmt statement, int index, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        Check(raw.sqlite3_bind_int64(statement, index, ChecksumOf(key, value)), "bind");

    /// <summary>The value of a key, or null.</summary>
    public byte[]? Get(byte[] key)
    {
        Bind(_get, 1, key);
        byte[]? value = Step(_get, "get") ? ReadRow(_get).Value : null;
        raw.sqlite3_reset(_get);
        return value;
    }

    /// <summary>The rows of a range.</summary>
    public List<StoreRow> Scan(KeyRange range, int limit)
    {
        sqlite3_stmt statement = range.End is null ? _scanToEnd : _scan;
        Bind(statement, 1, range.Start);
        Check(raw.sqlite3_bind_int(statement, 2, limit), "bind");
        if (range.End is not null)
        {
            Bind(statement, 3, range.End);
        }

        var rows = new List<StoreRow>();
        while (Step(statement, "scan"))
        {
            rows.Add(ReadRow(statement));
        }

        raw.sqlite3_reset(statement);
        return rows;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _get.Dispose();
        _scan.Dispose();
        _scanToEnd.Dispose();
        _db.Dispose();
    }

    private static long ChecksumOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        ((long)Crc32C.Compute(key) << 32) | Crc32C.Compute(value);

    private StoreRow ReadRow(sqlite3_stmt statement)
    {
        ReadOnlySpan<byte> key = raw.sqlite3_column_blob(statement, 0);
        ReadOnlySpan<byte> value = raw.sqlite3_column_blob(statement, 1);
        if (raw.sqlite3_column_int64(statement, 2) != ChecksumOf(key, value))
        {
            raw.sqlite3_reset(statement);
            throw new StoreDamagedException(
                $"sqlite store {_path}: the row with key {Convert.ToHexString(key)} is damaged: its checksum does not hold");
        }

        return new StoreRow(key.ToArray(), value.ToArray());
    }

    private void Check(int code, string what)
    {
        if (code != raw.SQLITE_OK)
        {
            string text = $"sqlite store {_path}: {what}: {raw.sqlite3_errmsg(_db).utf8_to_string()} ({code})";
            throw code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
                ? new StoreDamagedException(text)
                : new BaseStoreException(text);
        }
    }
}
