using System.Runtime.InteropServices;

namespace ShardSql.Benchmarks.Servers;

/// <summary>Which base store ours runs on.</summary>
internal static class BaseStore
{
    public const string RocksDb = "rocksdb";
    public const string Sqlite = "sqlite";

    private static readonly string[] s_libraries = ["librocksdb.so.7.8", "librocksdb.so"];

    /// <summary>rocksdb, as the goals say, where its library is installed; else sqlite.</summary>
    public static string Best()
    {
        foreach (string library in s_libraries)
        {
            if (NativeLibrary.TryLoad(library, out nint handle))
            {
                NativeLibrary.Free(handle);
                return RocksDb;
            }
        }

        return Sqlite;
    }
}
