using System;
using System.Buffers.Binary;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Moves;

/// <summary>
/// The entries of LOCAL indexes that lie beside rows. Their keys begin with the indexed columns, so a segment's entries
/// are no range: they are found by the values that its rows have, and have had.
/// </summary>
public sealed class RowEntries(Catalog catalog)
{
    private readonly SortedDictionary<uint, TableEntries?> _tables = [];

    /// <summary>Adds the keys of the entries of a row.</summary>
    /// <param name="rowKey">The row's key.</param>
    /// <param name="values">Each value that the row has had.</param>
    /// <param name="entries">Receives the keys.</param>
    public void AddKeys(byte[] rowKey, IEnumerable<byte[]> values, ISet<byte[]> entries)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(entries);
        if (Of(TableIdOf(rowKey)) is not { } table)
        {
            return;
        }

        ReadOnlySpan<byte> suffix = rowKey.AsSpan(RowKeyLayout.RowPrefixLength);
        foreach (byte[] value in values)
        {
            table.Decoder.Decode(value, table.Row);
            foreach (IndexShape index in table.Indexes)
            {
                entries.Add(IndexEntry.Key(table.Id, index, table.Row, suffix));
            }
        }
    }

    internal static uint TableIdOf(ReadOnlySpan<byte> rowKey) =>
        rowKey.Length >= RowKeyLayout.RowPrefixLength ? BinaryPrimitives.ReadUInt32BigEndian(rowKey) : 0;

    // Null: a table without such indexes, or none at all any more.
    private TableEntries? Of(uint tableId)
    {
        if (!_tables.TryGetValue(tableId, out TableEntries? table))
        {
            TableDescriptor? descriptor = catalog.Find(tableId);
            var indexes = new List<IndexShape>();
            foreach (IndexDescriptor index in descriptor?.Indexes ?? [])
            {
                if (!index.IsGlobal)
                {
                    indexes.Add(TableShapes.Of(index));
                }
            }

            table = indexes.Count == 0 ? null : new TableEntries(
                tableId, new RowDecoder(catalog.ShapeOf(descriptor!)), new SqlValue[descriptor!.Columns.Count], indexes);
            _tables.Add(tableId, table);
        }

        return table;
    }

    private sealed record TableEntries(uint Id, RowDecoder Decoder, SqlValue[] Row, List<IndexShape> Indexes);
}
