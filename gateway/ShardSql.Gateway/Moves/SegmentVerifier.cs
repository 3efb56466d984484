using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Access;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Moves;

/// <summary>
/// Compares the rows of a segment at source and target before writes are paused, by number and checksum, a part at a time:
/// each at a snapshot below which all is staged. What changes later comes with the passes, whose digest the switch checks.
/// </summary>
internal sealed class SegmentVerifier(IMoveClient client, MovingSegment move, SegmentCopier copier)
{
    private byte[]? _from = [];

    /// <summary>Whether all rows have been compared.</summary>
    public bool IsDone => _from is null;

    /// <summary>Compares the next part.</summary>
    /// <returns>False: a horizon has passed the snapshot; another pass of the copier brings a later one.</returns>
    /// <exception cref="SqlException">XX001: the rows are not the same.</exception>
    public async Task<bool> CompareAsync(CancellationToken ended)
    {
        HlcTimestamp at = copier.StagedBelow;
        List<KeyRange> left = SegmentCopier.From(move.Ranges, _from!);
        SumReply source = await client.SumAsync(move.Source, new SumRequest(left, at, GatewayLimits.MoveRowsCompared), ended);
        if (source.Next is { } next)
        {
            left = [.. left.Select(range => KeyBuilder.Intersect(range, new KeyRange([], next)))
                .Where(static range => !KeyBuilder.IsEmpty(range))];
        }

        // Of keys that are deleted each shard may still keep some.
        SumReply target = await client.SumAsync(move.Target, new SumRequest(left, at, int.MaxValue), ended);
        if (HlcTimestamp.Max(source.Horizon, target.Horizon) > at)
        {
            return false;
        }

        if ((target.Rows, target.Checksum) != (source.Rows, source.Checksum))
        {
            throw new SqlException(
                SqlStates.DataCorrupted,
                $"the rows that were copied are not those of the segment: {source.Rows} rows with checksum {source.Checksum:x16} "
                    + $"at shard {move.Source}, {target.Rows} with {target.Checksum:x16} at shard {move.Target}");
        }

        _from = source.Next;
        return true;
    }
}
