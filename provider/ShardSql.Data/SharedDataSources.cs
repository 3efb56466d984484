using System;
using System.Collections.Concurrent;
using System.Threading.Tasks;

namespace ShardSql.Data;

/// <summary>The data sources behind connections that were made from a connection string, one per text.</summary>
internal static class SharedDataSources
{
    private static readonly ConcurrentDictionary<string, Lazy<ShardSqlDataSource>> s_sources = new(
        StringComparer.Ordinal);

    /// <summary>The data source of a connection string.</summary>
    /// <exception cref="ArgumentException">The text is no connection string.</exception>
    public static ShardSqlDataSource Get(string connectionString)
    {
        if (s_sources.TryGetValue(connectionString, out Lazy<ShardSqlDataSource>? known))
        {
            return known.Value;
        }

        // Checked before it is kept: a text that is refused must not stay.
        var builder = new ShardSqlDataSourceBuilder(connectionString);
        return s_sources.GetOrAdd(connectionString, new Lazy<ShardSqlDataSource>(builder.Build)).Value;
    }

    /// <summary>Drops the pools.</summary>
    public static async ValueTask ClearAsync()
    {
        foreach (Lazy<ShardSqlDataSource> source in s_sources.Values)
        {
            await source.Value.ClearPoolAsync().ConfigureAwait(false);
        }
    }
}
