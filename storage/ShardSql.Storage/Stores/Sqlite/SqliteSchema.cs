namespace ShardSql.Storage.Stores;

/// <summary>Tables and settings of the SQLite store.</summary>
internal static class SqliteSchema
{
    /// <summary>
    /// A commit writes the log of SQLite and syncs nothing (synchronous NORMAL in WAL mode: whole batches are lost at a
    /// power cut, the file stays sound); <see cref="SyncOn"/> makes one commit sync, and with it all before it.
    /// </summary>
    public const string WriterSetup =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        PRAGMA wal_autocheckpoint = 4096;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -16384;
        CREATE TABLE IF NOT EXISTS header (format INTEGER, cluster BLOB, node INTEGER, syncs INTEGER);
        CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB NOT NULL, c INTEGER NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>A connection that only reads.</summary>
    public const string ReaderSetup = "PRAGMA query_only = ON; PRAGMA cache_size = -4096;";

    /// <summary>A commit with synchronous FULL syncs the whole log of SQLite, readers or not; a checkpoint would not
    /// when a reader holds it up.</summary>
    public const string SyncOn =
        "PRAGMA synchronous = FULL; UPDATE header SET syncs = syncs + 1; PRAGMA synchronous = NORMAL;";
}
