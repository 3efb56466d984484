using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Plans;

/// <summary>What a survey found.</summary>
/// <param name="Rows">Rows; an estimate where not all have been read.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="IsWhole">Whether all have been read.</param>
/// <param name="Keys">Routing keys of rows at even distances, in order.</param>
internal sealed record Surveyed(long Rows, long Bytes, bool IsWhole, IReadOnlyList<byte[]> Keys);

/// <summary>Reads parts of segments as a move would, to know how large they are and where their middle is. What is larger
/// than it may read is estimated: rows placed by hash lie evenly.</summary>
internal sealed class SegmentSurvey(IMoveClient client, SystemState state)
{
    private readonly List<byte[]> _keys = [];
    private long _stride = 1;
    private long _seen;

    /// <summary>Surveys the rows of all tables of a segment whose routing keys lie in a range.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="routing">The range; a part of the segment's.</param>
    /// <param name="maxBytes">What may be read.</param>
    /// <param name="ended">Ends the reading.</param>
    public async Task<Surveyed> MeasureAsync(Segment segment, KeyRange routing, long maxBytes, CancellationToken ended)
    {
        (long rows, long bytes, bool isWhole) = (0, 0, true);
        TableDescriptor[] tables = [.. state.Catalog.OfGroup(segment.GroupId)];
        foreach (TableDescriptor table in tables)
        {
            (long rowsThere, long bytesThere, bool isWholeThere) =
                await MeasureAsync(segment, table, routing, maxBytes / tables.Length, ended);
            (rows, bytes, isWhole) = (rows + rowsThere, bytes + bytesThere, isWhole && isWholeThere);
        }

        _keys.Sort(ByteKeyComparer.Instance);
        return new Surveyed(rows, bytes, isWhole, _keys);
    }

    /// <summary>Surveys the rows of one table; gives their number and bytes.</summary>
    public async Task<(long Rows, long Bytes)> MeasureAsync(TableDescriptor table, long maxBytes, CancellationToken ended)
    {
        (long rows, long bytes) = (0, 0);
        IReadOnlyList<Segment> segments = state.Map.OfGroup(table.GroupId);
        foreach (Segment segment in segments)
        {
            (long rowsThere, long bytesThere, _) =
                await MeasureAsync(segment, table, segment.Range, maxBytes / segments.Count, ended);
            (rows, bytes) = (rows + rowsThere, bytes + bytesThere);
        }

        return (rows, bytes);
    }

    private async Task<(long Rows, long Bytes, bool IsWhole)> MeasureAsync(
        Segment segment, TableDescriptor table, KeyRange routing, long maxBytes, CancellationToken ended)
    {
        (long rows, long bytes, byte[]? left) = await ReadAsync(
            segment, table, RowKeyLayout.RowsOf(table.Id, table.GroupId, routing), maxBytes, ended);
        double share = left is null ? 1 : ShareRead(table, routing, left);
        return ((long)(rows / share), (long)(bytes / share), left is null);
    }

    private async Task<(long Rows, long Bytes, byte[]? Left)> ReadAsync(
        Segment segment, TableDescriptor table, KeyRange range, long maxBytes, CancellationToken ended)
    {
        (long rows, long bytes) = (0, 0);
        byte[]? from = range.Start;
        while (from is not null && bytes < maxBytes)
        {
            CopyReply part = await client.CopyAsync(
                segment.Shard,
                new CopyRequest
                {
                    Segment = segment.Id.Value,
                    Ranges = [range with { Start = from }],
                    MaxBytes = (int)Math.Min(GatewayLimits.MovePartBytes, maxBytes - bytes),
                },
                ended);
            foreach (KeyCopy copy in part.Copies)
            {
                bytes += BytesOf(copy);
                if (IsThere(copy))
                {
                    rows++;
                    Keep(table, copy.Key);
                }
            }

            from = part.Next;
        }

        return (rows, bytes, from);
    }

    private static long BytesOf(KeyCopy copy)
    {
        long bytes = copy.Key.Length;
        foreach (byte[] value in copy.Values)
        {
            bytes += value.Length;
        }

        return bytes;
    }

    private static bool IsThere(KeyCopy copy) =>
        (copy.Versions.Count == 0 || copy.Versions[^1].InBase ? copy.SettledValue : copy.Versions[^1].Value) is not null;

    /// <summary>The share of a table's range that lies before a key; 1 where only rows could tell.</summary>
    private static double ShareRead(TableDescriptor table, KeyRange routing, byte[] left)
    {
        if (table.Placement != PlacementKind.Hash)
        {
            return 1;
        }

        int from = HashBuckets.BucketOf(routing.Start) ?? 0;
        int to = routing.End is { } end && end.AsSpan().StartsWith(RowKeyLayout.GroupPrefix(table.GroupId))
            ? HashBuckets.BucketOf(end) ?? HashBuckets.Count
            : HashBuckets.Count;
        int read = BinaryPrimitives.ReadUInt16BigEndian(left.AsSpan(RowKeyLayout.RowPrefixLength)) - from;
        return read > 0 && to > from ? Math.Min(1, read / (double)(to - from)) : 1;
    }

    private void Keep(TableDescriptor table, byte[] rowKey)
    {
        if (_seen++ % _stride != 0)
        {
            return;
        }

        _keys.Add(RoutingKeys.Of(table, rowKey.AsSpan(RowKeyLayout.RowPrefixLength))
            ?? throw new InvariantException("A row has a key of its table."));
        if (_keys.Count >= GatewayLimits.SurveyedKeys)
        {
            for (int i = 0; i < _keys.Count / 2; i++)
            {
                _keys[i] = _keys[2 * i];
            }

            _keys.RemoveRange(_keys.Count / 2, _keys.Count - (_keys.Count / 2));
            _stride *= 2;
        }
    }
}
