using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Gateway.Catalogs;

/// <summary>
/// A gateway's first steps in a cluster: the system rows of a new one, and a stamp source of its own. Each is a
/// transaction that reads what must not be there yet, so gateways that start together do it once.
/// </summary>
internal static class Bootstrap
{
    /// <summary>The cluster's identity: the one that is stored, or the one given, stored now.</summary>
    public static Task<ClusterIdentity> IdentifyAsync(
        SystemStore store, ClusterIdentity ifNew, CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction =>
        {
            byte[]? stored = await store.GetAsync(transaction, SystemTableIds.ClusterKey, cancellationToken);
            if (stored is not null)
            {
                return (ClusterIdentity.Decode(stored), HasWrites: false);
            }

            if (ifNew.DataShards.Count == 0)
            {
                throw new SqlException(SqlStates.ObjectNotInPrerequisiteState, "the cluster has not been initialized")
                {
                    Hint = "Run `init` first, or name the data shards.",
                };
            }

            Commit.ShardWork work = transaction.At(ShardId.System);
            work.Write(SystemRows.Write(SystemTableIds.ClusterKey, ifNew.Encode()));
            work.Write(SystemRows.Write(SystemKeys.Header, CatalogHeader.Initial.Encode()));
            return (ifNew, HasWrites: true);
        },
        cancellationToken);

    /// <summary>A number that the system shard never gives out twice.</summary>
    public static Task<ulong> NextNumberAsync(SystemStore store, string counter, CancellationToken cancellationToken) =>
        store.ChangeAsync(
            async transaction =>
            {
                byte[] key = SystemTableIds.CounterKey(counter);
                byte[]? stored = await store.GetAsync(transaction, key, cancellationToken);
                ulong next = (stored is null ? 0 : ulong.Parse(stored, CultureInfo.InvariantCulture)) + 1;
                byte[] content = System.Text.Encoding.UTF8.GetBytes(next.ToString(CultureInfo.InvariantCulture));
                transaction.At(ShardId.System).Write(SystemRows.Write(key, content));
                return (next, HasWrites: true);
            },
            cancellationToken);
}
