using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Automatic;

/// <summary>The cluster's settings in the system shard, a row for each that has ever been set.</summary>
internal sealed class SettingStore(SystemStore store)
{
    private static readonly byte[] s_prefix = RowKeyLayout.RowPrefix(SystemTableIds.Settings);

    /// <summary>The settings now.</summary>
    public Task<ClusterSettings> ReadAsync(CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction =>
        {
            var settings = new ClusterSettings();
            foreach ((byte[] key, byte[] row) in
                await store.ScanAsync(transaction, KeyRange.Prefix(s_prefix), limit: 0, cancellationToken))
            {
                settings = settings.With(
                    Encoding.UTF8.GetString(key.AsSpan(s_prefix.Length)), Encoding.UTF8.GetString(row));
            }

            return (settings, HasWrites: false);
        },
        cancellationToken);

    /// <summary>Changes some of them, all at once.</summary>
    public Task SetAsync(IReadOnlyList<(string Name, string Value)> settings, CancellationToken cancellationToken) =>
        store.ChangeAsync(
            transaction =>
            {
                foreach ((string name, string value) in settings)
                {
                    byte[] key = [.. s_prefix, .. Encoding.UTF8.GetBytes(name)];
                    transaction.At(ShardId.System).Write(SystemRows.Write(key, Encoding.UTF8.GetBytes(value)));
                }

                return Task.FromResult((settings.Count, HasWrites: true));
            },
            cancellationToken);
}
