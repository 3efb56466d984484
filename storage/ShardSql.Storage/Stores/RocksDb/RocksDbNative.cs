using System;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ShardSql.Storage.Stores;

/// <summary>The part of rocksdb/c.h that the store uses. Errors come back as text that is freed here.</summary>
internal static unsafe partial class RocksDbNative
{
    private const string Library = "rocksdb";

    private static readonly string[] s_names = OperatingSystem.IsMacOS()
        ? ["librocksdb.7.dylib", "librocksdb.dylib"]
        : ["librocksdb.so.7.8", "librocksdb.so.7", "librocksdb.so"];

    private static readonly nint s_handle = Load();

    /// <summary>Whether the system has the library.</summary>
    public static bool IsAvailable => s_handle != 0;

    /// <summary>Throws for an error that a call left behind.</summary>
    public static void Check(byte* error, string what)
    {
        if (error is not null)
        {
            string text = Marshal.PtrToStringUTF8((nint)error) ?? "";
            Free(error);
            bool isDamage = text.StartsWith("Corruption", StringComparison.Ordinal);
            text = $"rocksdb store: {what}: {text}";
            throw isDamage ? new StoreDamagedException(text) : new BaseStoreException(text);
        }
    }

    [LibraryImport(Library, EntryPoint = "rocksdb_free")]
    public static partial void Free(void* memory);

    [LibraryImport(Library, EntryPoint = "rocksdb_options_create")]
    public static partial nint OptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_options_destroy")]
    public static partial void OptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_options_set_create_if_missing")]
    public static partial void OptionsSetCreateIfMissing(nint options, byte value);

    [LibraryImport(Library, EntryPoint = "rocksdb_options_set_create_missing_column_families")]
    public static partial void OptionsSetCreateMissingColumnFamilies(nint options, byte value);

    [LibraryImport(Library, EntryPoint = "rocksdb_options_set_keep_log_file_num")]
    public static partial void OptionsSetKeepLogFileNum(nint options, nuint value);

    [LibraryImport(Library, EntryPoint = "rocksdb_options_set_info_log_level")]
    public static partial void OptionsSetInfoLogLevel(nint options, int value);

    [LibraryImport(Library, EntryPoint = "rocksdb_options_set_block_based_table_factory")]
    public static partial void OptionsSetBlockBasedTableFactory(nint options, nint tableOptions);

    [LibraryImport(Library, EntryPoint = "rocksdb_block_based_options_create")]
    public static partial nint BlockBasedOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_block_based_options_destroy")]
    public static partial void BlockBasedOptionsDestroy(nint tableOptions);

    [LibraryImport(Library, EntryPoint = "rocksdb_block_based_options_set_filter_policy")]
    public static partial void BlockBasedOptionsSetFilterPolicy(nint tableOptions, nint policy);

    [LibraryImport(Library, EntryPoint = "rocksdb_filterpolicy_create_bloom")]
    public static partial nint FilterPolicyCreateBloom(double bitsPerKey);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_create_lru")]
    public static partial nint CacheCreateLru(nuint capacity);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_destroy")]
    public static partial void CacheDestroy(nint cache);

    [LibraryImport(Library, EntryPoint = "rocksdb_block_based_options_set_block_cache")]
    public static partial void BlockBasedOptionsSetBlockCache(nint tableOptions, nint cache);

    [LibraryImport(Library, EntryPoint = "rocksdb_open_column_families", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenColumnFamilies(
        nint options, string path, int count, byte** names, nint* familyOptions, nint* families, out byte* error);

    [LibraryImport(Library, EntryPoint = "rocksdb_column_family_handle_destroy")]
    public static partial void ColumnFamilyHandleDestroy(nint family);

    [LibraryImport(Library, EntryPoint = "rocksdb_close")]
    public static partial void Close(nint db);

    [LibraryImport(Library, EntryPoint = "rocksdb_writeoptions_create")]
    public static partial nint WriteOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_writeoptions_destroy")]
    public static partial void WriteOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_create")]
    public static partial nint ReadOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_destroy")]
    public static partial void ReadOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_set_snapshot")]
    public static partial void ReadOptionsSetSnapshot(nint options, nint snapshot);

    [LibraryImport(Library, EntryPoint = "rocksdb_create_snapshot")]
    public static partial nint CreateSnapshot(nint db);

    [LibraryImport(Library, EntryPoint = "rocksdb_release_snapshot")]
    public static partial void ReleaseSnapshot(nint db, nint snapshot);

    [LibraryImport(Library, EntryPoint = "rocksdb_get_cf")]
    public static partial byte* Get(
        nint db, nint options, nint family, byte* key, nuint keyLength, out nuint valueLength, out byte* error);

    [LibraryImport(Library, EntryPoint = "rocksdb_put_cf")]
    public static partial void Put(
        nint db,
        nint options,
        nint family,
        byte* key,
        nuint keyLength,
        byte* value,
        nuint valueLength,
        out byte* error);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_create")]
    public static partial nint BatchCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_destroy")]
    public static partial void BatchDestroy(nint batch);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_put")]
    public static partial void BatchPut(nint batch, byte* key, nuint keyLength, byte* value, nuint valueLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_delete")]
    public static partial void BatchDelete(nint batch, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_write")]
    public static partial void Write(nint db, nint options, nint batch, out byte* error);

    [LibraryImport(Library, EntryPoint = "rocksdb_flush_wal")]
    public static partial void FlushWal(nint db, byte sync, out byte* error);

    [LibraryImport(Library, EntryPoint = "rocksdb_create_iterator")]
    public static partial nint IteratorCreate(nint db, nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_destroy")]
    public static partial void IteratorDestroy(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek")]
    public static partial void IteratorSeek(nint iterator, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_valid")]
    public static partial byte IteratorValid(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_next")]
    public static partial void IteratorNext(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_key")]
    public static partial byte* IteratorKey(nint iterator, out nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_value")]
    public static partial byte* IteratorValue(nint iterator, out nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_get_error")]
    public static partial void IteratorError(nint iterator, out byte* error);

    private static nint Load()
    {
        foreach (string name in s_names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), Resolve);
                return handle;
            }
        }

        return 0;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library ? s_handle : 0; // 0: the usual search, for libc and others.
}
