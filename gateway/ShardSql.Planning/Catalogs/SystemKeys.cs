using System;
using System.Buffers.Binary;
using ShardSql.Execution;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.Catalogs;

/// <summary>
/// Row keys of catalog and shard map in the system shard. They are framed like all row keys, with table ids below
/// <see cref="Catalog.FirstTableId"/>; other parts of the system (nodes, settings, jobs) take ids of their own there.
/// </summary>
public static class SystemKeys
{
    /// <summary>The catalog header: one row.</summary>
    public const uint HeaderTableId = 1;

    /// <summary>Table descriptors by id.</summary>
    public const uint TablesTableId = 2;

    /// <summary>Segments by id.</summary>
    public const uint SegmentsTableId = 3;

    /// <summary>Sequences by id.</summary>
    public const uint SequencesTableId = 4;

    /// <summary>How far sequences have come, by their ids. Not of the catalog: it changes with every block of numbers.
    /// </summary>
    public const uint SequenceStatesTableId = 5;

    /// <summary>The data shards and the nodes that drain: one row, absent while they are those of the cluster's first day.
    /// </summary>
    public const uint TopologyTableId = 6;

    /// <summary>The key of the topology.</summary>
    public static byte[] Topology { get; } = RowKeyLayout.RowPrefix(TopologyTableId);

    /// <summary>The key of the catalog header.</summary>
    public static byte[] Header { get; } = RowKeyLayout.RowPrefix(HeaderTableId);

    /// <summary>All rows of header, tables, segments and sequences: what a gateway loads and follows, with the topology.
    /// </summary>
    public static KeyRange All { get; } =
        new(RowKeyLayout.RowPrefix(HeaderTableId), RowKeyLayout.RowPrefix(SequencesTableId + 1));

    /// <summary>The key of a table's descriptor.</summary>
    public static byte[] Table(uint tableId) => Row(TablesTableId, tableId);

    /// <summary>The key of a segment.</summary>
    public static byte[] Segment(SegmentId segment) => Row(SegmentsTableId, segment.Value);

    /// <summary>The key of a sequence.</summary>
    public static byte[] Sequence(uint sequenceId) => Row(SequencesTableId, sequenceId);

    /// <summary>The key of how far a sequence has come.</summary>
    public static byte[] SequenceState(uint sequenceId) => Row(SequenceStatesTableId, sequenceId);

    /// <summary>Whose row it is: one of the table ids above, or 0 for a row of another part of the system.</summary>
    public static uint KindOf(ReadOnlySpan<byte> key)
    {
        uint table = key.Length >= RowKeyLayout.RowPrefixLength ? BinaryPrimitives.ReadUInt32BigEndian(key) : 0;
        return table is (>= HeaderTableId and <= SequencesTableId) or TopologyTableId ? table : 0;
    }

    private static byte[] Row(uint tableId, uint id)
    {
        byte[] key = new byte[RowKeyLayout.RowPrefixLength + 4];
        RowKeyLayout.RowPrefix(tableId).CopyTo(key, 0);
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(RowKeyLayout.RowPrefixLength), id);
        return key;
    }
}
