using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Moves;

/// <summary>
/// Collects the rows that moves have left behind (sharding.md §2, step 8): those of a former owner once no snapshot may
/// ask for them any more, and those that were staged in vain. Every gateway does it; what one has done another finds gone.
/// </summary>
internal sealed class MovedRows(MoveServices services, Action<Exception> failed)
{
    /// <summary>Looks at all data shards once.</summary>
    public async Task CollectAsync(CancellationToken ended)
    {
        foreach (ShardId shard in services.Catalog.Current.Map.DataShards)
        {
            try
            {
                await CollectAsync(shard, ended);
            }
            catch (Exception failure) when (failure is ShardUnavailableException or SqlException)
            {
                // The next look finds them again.
                failed(failure);
            }
        }
    }

    private async Task CollectAsync(ShardId shard, CancellationToken ended)
    {
        MoveReply reply = await services.Client.MoveAsync(shard, null, ended);
        foreach (SegmentMove move in reply.Moves)
        {
            if (move.Role == MoveRole.Former && reply.Horizon >= move.Until)
            {
                await PurgeAsync(shard, move, ended);
            }
        }
    }

    private async Task PurgeAsync(ShardId shard, SegmentMove move, CancellationToken ended)
    {
        var entries = new RowEntries(services.Catalog.Current.Catalog);
        IReadOnlyList<KeyRange> left = move.Ranges;
        while (true)
        {
            CopyReply part = await services.Client.CopyAsync(
                shard, new CopyRequest { Segment = move.Segment, Ranges = left }, ended);
            var keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
            foreach (KeyCopy copy in part.Copies)
            {
                if (copy.SettledValue is not null || copy.Versions.Count > 0)
                {
                    keys.Add(copy.Key);
                    entries.AddKeys(copy.Key, copy.Values, keys);
                }
            }

            var purge = new PurgeCommand(move.Segment, move.Job, [.. keys], IsLast: part.Next is null);
            MoveReply reply = await services.Client.MoveAsync(shard, purge, ended);
            if (part.Next is not { } next || reply.Verdict != MoveVerdict.Done)
            {
                return;
            }

            left = SegmentCopier.From(move.Ranges, next);
        }
    }
}
