using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Moves;

/// <summary>
/// Collects the rows that moves have left behind (sharding.md §2, step 8): those of a former owner once no snapshot may
/// ask for them any more, and those that were staged in vain. Every gateway does it; what one has done another finds gone.
/// Where nothing is left there will be nothing until a move has begun here or the map has changed, so shards are asked only
/// now and then.
/// </summary>
internal sealed class MovedRows(MoveServices services, Action<Exception> failed)
{
    // Another gateway may have ended in the middle of a move.
    private const int LooksBetween = 30;

    private ulong? _cleanMap;
    private int _looksSpared;

    /// <summary>Looks at all data shards once, if there may be something.</summary>
    public async Task CollectAsync(CancellationToken ended)
    {
        ShardMap map = services.Catalog.Current.Map;
        if (!services.TakeMoved() && _cleanMap == map.Version && ++_looksSpared < LooksBetween)
        {
            return;
        }

        bool isClean = true;
        foreach (ShardId shard in map.DataShards)
        {
            try
            {
                isClean &= await IsCleanAsync(shard, ended);
            }
            catch (Exception failure) when (failure is ShardUnavailableException or SqlException)
            {
                // The next look finds them again.
                isClean = false;
                failed(failure);
            }
        }

        (_cleanMap, _looksSpared) = (isClean ? map.Version : null, 0);
    }

    /// <summary>Collects at one shard; whether nothing was left there when it began.</summary>
    private async Task<bool> IsCleanAsync(ShardId shard, CancellationToken ended)
    {
        MoveReply reply = await services.Client.MoveAsync(shard, null, ended);
        foreach (SegmentMove move in reply.Moves)
        {
            if (move.Role == MoveRole.Former && reply.Horizon >= move.Until)
            {
                await PurgeAsync(shard, move, ended);
            }
        }

        return reply.Moves.Count == 0;
    }

    private async Task PurgeAsync(ShardId shard, SegmentMove move, CancellationToken ended)
    {
        var entries = new RowEntries(services.Catalog.Current.Catalog);
        IReadOnlyList<KeyRange> left = move.Ranges;
        while (true)
        {
            long began = services.Time.GetTimestamp();
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
            await JobPace.RestAsync(services.Time, began, ended);
        }
    }
}
