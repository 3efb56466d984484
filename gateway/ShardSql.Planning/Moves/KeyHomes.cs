using System;
using System.Collections.Generic;
using System.Buffers.Binary;

using ShardSql.Execution;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Moves;

/// <summary>
/// Where keys and ranges of keys live under a map: how an open transaction follows segments that have moved while it
/// was open (commit.md §3: the epoch is for routing).
/// </summary>
public sealed class KeyHomes(SystemState state)
{
    /// <summary>The segment of a row or of an index entry beside it; null for a key that no map places: one of the system
    /// shard, or of a table that every shard has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The value of an index entry, where it is at hand.</param>
    public Segment? Of(byte[] key, byte[]? entry = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Placed(key) is not { } table)
        {
            return null;
        }

        ushort number = IndexNumberOf(key);
        byte[] suffix = number == RowKeyLayout.PrimaryIndex ? key[RowKeyLayout.RowPrefixLength..]
            : entry is not null ? IndexEntry.SuffixOf(entry, table.Name)
            : SuffixOfEntry(table, number, key);
        return state.Map.Find(new KeyBuilder(table).RoutingKey(suffix));
    }

    /// <summary>
    /// The segments of a range of rows, each with its part; of index entries beside their rows, all segments of the group
    /// with the whole range. Empty for a range that no map places.
    /// </summary>
    public IReadOnlyList<(Segment Segment, KeyRange Part)> Of(KeyRange range)
    {
        if (Placed(range.Start) is not { } table)
        {
            return [];
        }

        var parts = new List<(Segment, KeyRange)>();
        bool isRows = !IsOfEntries(range);
        foreach (Segment segment in state.Map.OfGroup(table.GroupId))
        {
            KeyRange part = isRows
                ? KeyBuilder.Intersect(range, RowKeyLayout.RowsOf(table.Id, table.GroupId, segment.Range))
                : range;
            if (!KeyBuilder.IsEmpty(part))
            {
                parts.Add((segment, part));
            }
        }

        return parts;
    }

    /// <summary>Whether a range is one of index entries beside their rows.</summary>
    public static bool IsOfEntries(KeyRange range) => range.Start.Length >= RowKeyLayout.RowPrefixLength
        && IndexNumberOf(range.Start) != RowKeyLayout.PrimaryIndex;

    /// <summary>The segment of an id; null where the map has none of it any more.</summary>
    public Segment? Find(uint segment) => state.Map.Find(new SegmentId(segment));

    private TableDescriptor? Placed(byte[] key)
    {
        uint id = RowEntries.TableIdOf(key);
        return id >= Catalog.FirstTableId && state.Catalog.Find(id) is { Placement: not PlacementKind.Reference } table
            ? table
            : null;
    }

    private static ushort IndexNumberOf(byte[] key) => BinaryPrimitives.ReadUInt16BigEndian(key.AsSpan(sizeof(uint)));

    // The key of an entry is the indexed columns, then the row's suffix; where the columns alone make the key they hold
    // the shard key.
    private static byte[] SuffixOfEntry(TableDescriptor table, ushort number, byte[] key)
    {
        IndexDescriptor? index = null;
        foreach (IndexDescriptor known in table.Indexes)
        {
            index = known.Number == number ? known : index;
        }

        if (index is null)
        {
            return [];
        }

        var reader = new ByteReader(key.AsSpan(RowKeyLayout.RowPrefixLength));
        var row = new SqlValue[table.Columns.Count];
        foreach (int ordinal in index.Columns)
        {
            row[ordinal] = KeyCodec.Read(ref reader, table.Columns[ordinal].Type);
        }

        if (reader.Remaining > 0)
        {
            return reader.Rest.ToArray();
        }

        var shardKey = new SqlValue[table.ShardKey.Count];
        for (int i = 0; i < shardKey.Length; i++)
        {
            shardKey[i] = row[table.ShardKey[i]];
        }

        return new KeyBuilder(table).Suffix(shardKey);
    }
}
