using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Stores;

/// <summary>
/// A base store on the system's librocksdb, for production. A batch is one write of RocksDB, atomic and in its log; a
/// sync syncs that log. The header lies in a column family of its own.
/// </summary>
public sealed unsafe class RocksDbStore : SynchronousStore
{
    /// <summary>The adapter's name.</summary>
    public const string KindName = "rocksdb";

    /// <summary>Version of the layout.</summary>
    public const uint FormatVersion = 1;

    private const int HeaderBytes = 24;
    private const int BlockCacheBytes = 64 << 20;
    private const double BloomBitsPerKey = 10;
    private const int WarnLevel = 2;
    private const int InfoLogFilesKept = 4;

    private readonly string _path;
    private readonly nint _db;
    private readonly nint _rows;
    private readonly nint _header;
    private readonly nint _readOptions;
    private readonly nint _writeOptions;

    /// <summary>Opens the store in a folder, or makes it.</summary>
    /// <exception cref="BaseStoreException">The library is missing, or RocksDB refuses.</exception>
    /// <exception cref="DataRefusedException">Data of another cluster or node, or of a newer format.</exception>
    public RocksDbStore(string folder, DataIdentity identity)
    {
        if (!IsAvailable)
        {
            throw new BaseStoreException(
                "the rocksdb store needs librocksdb 7.8: on Debian `apt-get install librocksdb7.8`; or use sqlite");
        }

        DiskFileSystem.Instance.CreateFolder(folder);
        _path = folder;
        _db = OpenDatabase(folder, out _rows, out _header);
        _readOptions = RocksDbNative.ReadOptionsCreate();
        _writeOptions = RocksDbNative.WriteOptionsCreate();
        try
        {
            RequireIdentity(identity);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Whether the system has the library.</summary>
    public static bool IsAvailable => RocksDbNative.IsAvailable;

    /// <inheritdoc />
    public override string Kind => KindName;

    /// <inheritdoc />
    protected override byte[]? Get(byte[] key) => Get(_rows, key);

    /// <inheritdoc />
    protected override IReadOnlyList<StoreRow> Scan(KeyRange range, int limit) => Scan(_readOptions, range, limit);

    /// <inheritdoc />
    protected override void Apply(IReadOnlyList<StoreChange> sortedBatch)
    {
        nint batch = RocksDbNative.BatchCreate();
        try
        {
            foreach (StoreChange change in sortedBatch)
            {
                fixed (byte* key = change.Key)
                fixed (byte* value = change.Value)
                {
                    if (change.Value is null)
                    {
                        RocksDbNative.BatchDelete(batch, key, (nuint)change.Key.Length);
                    }
                    else
                    {
                        RocksDbNative.BatchPut(
                            batch, key, (nuint)change.Key.Length, value, (nuint)change.Value.Length);
                    }
                }
            }

            RocksDbNative.Write(_db, _writeOptions, batch, out byte* error);
            RocksDbNative.Check(error, "write");
        }
        finally
        {
            RocksDbNative.BatchDestroy(batch);
        }
    }

    /// <inheritdoc />
    protected override void Sync()
    {
        RocksDbNative.FlushWal(_db, 1, out byte* error);
        RocksDbNative.Check(error, "sync");
    }

    /// <inheritdoc />
    protected override IStoreView OpenView() => new View(this);

    /// <inheritdoc />
    protected override void Close()
    {
        RocksDbNative.ReadOptionsDestroy(_readOptions);
        RocksDbNative.WriteOptionsDestroy(_writeOptions);
        RocksDbNative.ColumnFamilyHandleDestroy(_rows);
        RocksDbNative.ColumnFamilyHandleDestroy(_header);
        RocksDbNative.Close(_db);
    }

    private static nint OpenDatabase(string folder, out nint rows, out nint header)
    {
        nint options = CreateOptions();
        try
        {
            fixed (byte* defaultName = "default\0"u8)
            fixed (byte* headerName = "header\0"u8)
            {
                byte** names = stackalloc byte*[] { defaultName, headerName };
                nint* familyOptions = stackalloc nint[] { options, options };
                nint* families = stackalloc nint[2];
                nint db = RocksDbNative.OpenColumnFamilies(
                    options, folder, 2, names, familyOptions, families, out byte* error);
                RocksDbNative.Check(error, $"open {folder}");
                rows = families[0];
                header = families[1];
                return db;
            }
        }
        finally
        {
            RocksDbNative.OptionsDestroy(options);
        }
    }

    private static nint CreateOptions()
    {
        nint table = RocksDbNative.BlockBasedOptionsCreate();
        nint cache = RocksDbNative.CacheCreateLru(BlockCacheBytes);
        RocksDbNative.BlockBasedOptionsSetBlockCache(table, cache);
        RocksDbNative.BlockBasedOptionsSetFilterPolicy(table, RocksDbNative.FilterPolicyCreateBloom(BloomBitsPerKey));
        nint options = RocksDbNative.OptionsCreate();
        RocksDbNative.OptionsSetCreateIfMissing(options, 1);
        RocksDbNative.OptionsSetCreateMissingColumnFamilies(options, 1);
        RocksDbNative.OptionsSetKeepLogFileNum(options, InfoLogFilesKept);
        RocksDbNative.OptionsSetInfoLogLevel(options, WarnLevel);
        RocksDbNative.OptionsSetBlockBasedTableFactory(options, table);

        // The options hold references of their own from here on.
        RocksDbNative.BlockBasedOptionsDestroy(table);
        RocksDbNative.CacheDestroy(cache);
        return options;
    }

    private byte[]? Get(nint family, ReadOnlySpan<byte> key)
    {
        fixed (byte* pinned = key)
        {
            byte* value = RocksDbNative.Get(
                _db, _readOptions, family, pinned, (nuint)key.Length, out nuint length, out byte* error);
            RocksDbNative.Check(error, "get");
            if (value is null)
            {
                return null;
            }

            byte[] copy = new ReadOnlySpan<byte>(value, checked((int)length)).ToArray();
            RocksDbNative.Free(value);
            return copy;
        }
    }

    private List<StoreRow> Scan(nint readOptions, KeyRange range, int limit)
    {
        var rows = new List<StoreRow>();
        nint iterator = RocksDbNative.IteratorCreate(_db, readOptions);
        try
        {
            fixed (byte* start = range.Start)
            {
                RocksDbNative.IteratorSeek(iterator, start, (nuint)range.Start.Length);
            }

            while (rows.Count < limit && RocksDbNative.IteratorValid(iterator) != 0)
            {
                byte* keyAt = RocksDbNative.IteratorKey(iterator, out nuint keyLength);
                var key = new ReadOnlySpan<byte>(keyAt, checked((int)keyLength));
                if (range.End is not null && key.SequenceCompareTo(range.End) >= 0)
                {
                    break;
                }

                byte* valueAt = RocksDbNative.IteratorValue(iterator, out nuint valueLength);
                var value = new ReadOnlySpan<byte>(valueAt, checked((int)valueLength));
                rows.Add(new StoreRow(key.ToArray(), value.ToArray()));
                RocksDbNative.IteratorNext(iterator);
            }

            RocksDbNative.IteratorError(iterator, out byte* error);
            RocksDbNative.Check(error, "scan");
            return rows;
        }
        finally
        {
            RocksDbNative.IteratorDestroy(iterator);
        }
    }

    private void RequireIdentity(DataIdentity identity)
    {
        ReadOnlySpan<byte> key = "header"u8;
        if (Get(_header, key) is { } stored)
        {
            if (stored.Length < HeaderBytes)
            {
                throw new DataRefusedException($"{_path}: the store's header is {stored.Length} bytes long");
            }

            var found = new DataIdentity(
                new Guid(stored.AsSpan(8, 16)), new NodeId(BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(4))));
            identity.Require(_path, found, BinaryPrimitives.ReadUInt32LittleEndian(stored), FormatVersion);
            return;
        }

        Span<byte> value = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(value, FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(value[4..], identity.Node.Value);
        identity.Cluster.TryWriteBytes(value[8..]);
        fixed (byte* keyAt = key)
        fixed (byte* valueAt = value)
        {
            RocksDbNative.Put(
                _db, _writeOptions, _header, keyAt, (nuint)key.Length, valueAt, HeaderBytes, out byte* error);
            RocksDbNative.Check(error, "header");
        }

        Sync();
    }

    private sealed class View : IStoreView
    {
        private readonly RocksDbStore _store;
        private readonly nint _snapshot;
        private readonly nint _options;

        public View(RocksDbStore store)
        {
            _store = store;
            _snapshot = RocksDbNative.CreateSnapshot(store._db);
            _options = RocksDbNative.ReadOptionsCreate();
            RocksDbNative.ReadOptionsSetSnapshot(_options, _snapshot);
        }

        public IReadOnlyList<StoreRow> Scan(KeyRange range, int limit) => _store.Scan(_options, range, limit);

        public void Dispose()
        {
            RocksDbNative.ReadOptionsDestroy(_options);
            RocksDbNative.ReleaseSnapshot(_store._db, _snapshot);
        }
    }
}
