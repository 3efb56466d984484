using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using ShardSql.Storage.Files;

namespace ShardSql.Storage.Stores;

/// <summary>The adapters by name.</summary>
public static class BaseStores
{
    /// <summary>Names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [MemoryStore.KindName, RocksDbStore.KindName, SqliteStore.KindName];

    /// <summary>Opens the store of a kind below a folder, each kind in a folder of its own, or makes it.</summary>
    /// <exception cref="ArgumentException">An unknown kind.</exception>
    /// <exception cref="DataRefusedException">The folder holds a store of another kind, cluster, node or a newer format.
    /// </exception>
    /// <exception cref="BaseStoreException">The store below does not open.</exception>
    public static IBaseStore Open(string kind, string folder, DataIdentity identity)
    {
        switch (kind)
        {
            case MemoryStore.KindName:
                return new MemoryStore();
            case SqliteStore.KindName:
                return new SqliteStore(FolderOf(kind, folder), identity);
            case RocksDbStore.KindName:
                return new RocksDbStore(FolderOf(kind, folder), identity);
            default:
                throw new ArgumentException(
                    $"unknown base store '{kind}', known: {string.Join(", ", Kinds)}", nameof(kind));
        }
    }

    /// <summary>Moves what there is of a kind of store out of the way, for whoever wants to look at it; returns its new
    /// place, null when the kind has no files.</summary>
    public static string? SetAside(string kind, string folder)
    {
        string from = Path.Combine(folder, kind);
        if (!Directory.Exists(from))
        {
            return null;
        }

        int number = 1;
        string to;
        do
        {
            to = string.Create(CultureInfo.InvariantCulture, $"{from}.damaged-{number++}");
        }
        while (Directory.Exists(to));

        Directory.Move(from, to);
        DiskFileSystem.Instance.SyncFolder(folder);
        return to;
    }

    private static string FolderOf(string kind, string folder)
    {
        // Another kind's data would come up as an empty store, and the log in front of it was cut.
        foreach (string other in Kinds)
        {
            if (other != kind && Directory.Exists(Path.Combine(folder, other)))
            {
                throw new DataRefusedException($"{folder}: holds a {other} store, asked for {kind}");
            }
        }

        return Path.Combine(folder, kind);
    }
}
