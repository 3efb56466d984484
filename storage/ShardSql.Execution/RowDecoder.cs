using System;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Stored rows to values by ordinal and back: a version byte, then RowCodec by column id, so that rows written before a
/// column was added can be read.
/// </summary>
public sealed class RowDecoder
{
    private readonly int[] _places;
    private readonly SqlValue[] _missing;
    private readonly SqlValue[] _stored;
    private readonly bool _isIdentity;
    private readonly byte _version = RowKeyLayout.RowVersion;
    private readonly string _tableName;

    /// <summary>Of rows, or of the entries of an index that are all that is read of them.</summary>
    internal static RowDecoder Of(TableShape table, AccessPath access) => access.Entries is { Covers: true } entries
        ? new RowDecoder(table, entries)
        : new RowDecoder(table);

    /// <summary>Of the rows of a table.</summary>
    public RowDecoder(TableShape table)
    {
        ArgumentNullException.ThrowIfNull(table);
        _tableName = table.Name;
        _version = table.Stamped ? RowKeyLayout.StampedRowVersion : RowKeyLayout.RowVersion;
        int count = table.Columns.Count;
        _places = new int[count];
        _missing = new SqlValue[count];
        int width = 0;
        _isIdentity = true;
        for (int i = 0; i < count; i++)
        {
            ColumnShape column = table.Columns[i];
            _places[i] = checked((int)column.Id - 1);
            _missing[i] = column.MissingValue.IsEmpty ? SqlValue.Null : ValueCodec.FromBytes(column.MissingValue.Span);
            _isIdentity &= _places[i] == i;
            width = Math.Max(width, _places[i] + 1);
        }

        _stored = _isIdentity ? [] : new SqlValue[width];
    }

    private RowDecoder(TableShape table, EntryAccess entries)
    {
        _tableName = table.Name;
        _places = new int[table.Columns.Count];
        _missing = new SqlValue[table.Columns.Count];
        for (int i = 0; i < _places.Length; i++)
        {
            // What the entries do not hold is not read.
            _places[i] = entries.Stored.IndexOf((uint)i) is >= 0 and int place ? place : int.MaxValue;
            _missing[i] = SqlValue.Null;
        }

        _stored = new SqlValue[entries.Stored.Count + 1];
    }

    /// <summary>Reads a stored row into values by ordinal.</summary>
    public void Decode(byte[] value, SqlValue[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var reader = new ByteReader(value);
        byte version = reader.ReadByte();
        SqlValue[] target = _isIdentity ? row : _stored;
        int count = RowCodec.Read(ref reader, target);
        if (version != _version || !reader.EndedWell)
        {
            throw new SqlException(SqlStates.DataCorrupted, $"a stored row of table \"{_tableName}\" is damaged");
        }

        for (int i = 0; i < row.Length && (!_isIdentity || count < row.Length); i++)
        {
            row[i] = _places[i] < count ? target[_places[i]] : _missing[i];
        }
    }

    /// <summary>Writes values by ordinal as a stored row.</summary>
    public byte[] Encode(SqlValue[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var writer = new ByteWriter(16 * (row.Length + 1));
        writer.WriteByte(_version);
        if (_isIdentity)
        {
            RowCodec.Write(writer, row);
            return writer.ToArray();
        }

        Array.Clear(_stored);
        for (int i = 0; i < row.Length; i++)
        {
            _stored[_places[i]] = row[i];
        }

        RowCodec.Write(writer, _stored);
        return writer.ToArray();
    }
}
