using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// The hidden table of a table's deltas (sharding.md §4): a row is a slot, the key of a row, an id, and what is to be added
/// to each of the columns. The header of a row in a slot has the empty id and adds nothing: a delta's transaction reads it
/// and never the row itself, so that deltas do not conflict. Where their order matters, rows show their commit stamps, and a slot of
/// its own keeps the conflicts that the policy has settled.
/// </summary>
internal sealed class DeltaTable
{
    /// <summary>Its name in plans.</summary>
    public const string Name = "spillover";

    /// <summary>The column that says which spill shard a delta is on.</summary>
    public const string SlotName = "slot";

    /// <summary>The column of the deltas' ids.</summary>
    public const string IdName = "id";

    /// <summary>The column of what deltas are put in order by, before their stamps: bytes that compare as it does; NULL for a
    /// header.</summary>
    public const string RankName = "rank";

    /// <summary>The column that says what became of a conflict.</summary>
    public const string NoteName = "note";

    /// <summary>The column of the commit stamp.</summary>
    public const string StampName = "stamp";

    /// <summary>Where conflicts are kept that the policy has settled: before all slots, on the spill shard of the first.</summary>
    public const int ConflictsSlot = -1;

    private readonly TableDescriptor _table;

    /// <param name="table">A table whose columns spill over.</param>
    /// <param name="catalog">Where the deltas' table is.</param>
    public DeltaTable(TableDescriptor table, Catalog catalog)
    {
        _table = table;
        Spillover = table.Spillover!;
        Descriptor = catalog.Find(Spillover.DeltasTableId)!;
        InsertBody = new InsertPlan { Table = catalog.WrittenShapeOf(Descriptor) }.ToByteArray();
    }

    /// <summary>How the table's columns spill over.</summary>
    public SpilloverDescriptor Spillover { get; }

    /// <summary>The table.</summary>
    public TableDescriptor Descriptor { get; }

    /// <summary>What all plans that insert rows have in common.</summary>
    public byte[] InsertBody { get; }

    /// <summary>Its description, for a table.</summary>
    public static TableDescriptor Of(
        TableDescriptor table, SpilloverDescriptor spillover, IEnumerable<ColumnDescriptor> columns, uint group)
    {
        var made = new List<ColumnDescriptor> { Column(1, SlotName, SqlType.Int64) };
        foreach (int ordinal in table.KeyColumns)
        {
            made.Add(Column((uint)made.Count + 1, KeyName(made.Count - 1), table.Columns[ordinal].Type));
        }

        made.Add(Column((uint)made.Count + 1, IdName, SqlType.Bytes));
        int[] key = [.. Enumerable.Range(0, made.Count)];
        foreach (ColumnDescriptor column in columns)
        {
            made.Add(Column((uint)made.Count + 1, ValueName(made.Count - key.Length), new SqlType(column.Type.Kind)) with
            {
                Nullable = spillover.IsInOrder,
            });
        }

        if (spillover.IsInOrder)
        {
            made.Add(Column((uint)made.Count + 1, RankName, SqlType.Bytes) with { Nullable = true });
            made.Add(Column((uint)made.Count + 1, NoteName, SqlType.Bytes) with { Nullable = true });
            made.Add(Column((uint)made.Count + 1, StampName, SqlType.Bytes));
        }

        return new TableDescriptor
        {
            Id = spillover.DeltasTableId,
            Name = Name,
            GroupId = group,
            Placement = PlacementKind.Range,
            Columns = made,
            PrimaryKey = key,
            ShardKey = [0],
            KeyColumns = key,
            KeyName = Name,
            DeltasOf = table.Id,
        };
    }

    /// <summary>What the column is called that holds a part of the rows' keys.</summary>
    public static string KeyName(int place) => $"k{place}";

    /// <summary>What the column is called that holds what is added to one of the spilled columns.</summary>
    public static string ValueName(int place) => $"v{place}";

    /// <summary>The slots that deltas of a row go to: a function of its key and of how many slots there are. There may be
    /// deltas in others, from when these were others.</summary>
    public int[] SlotsOf(SqlValue[] key)
    {
        int count = Math.Min(Spillover.Slots, Spillover.SlotsOfRow);
        int first = count == Spillover.Slots ? 0 : (int)(HashOf(key) % (ulong)Spillover.Slots);
        int[] slots = new int[count];
        for (int i = 0; i < count; i++)
        {
            slots[i] = (first + i) % Spillover.Slots;
        }

        return slots;
    }

    /// <summary>The key of a row mod N: rows that have it in common share what types prefer.</summary>
    public ulong BucketOf(SqlValue[] key) => HashOf(key) % (ulong)Spillover.SlotsOfRow;

    /// <summary>The header of a row in a slot.</summary>
    /// <param name="slot">The slot, from 0.</param>
    /// <param name="key">The row's key.</param>
    public SqlValue[] Header(int slot, SqlValue[] key) => Row(slot, key, [], null);

    /// <summary>A delta.</summary>
    /// <param name="slot">The slot, from 0.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="id">Its own, never the same twice.</param>
    /// <param name="values">What it adds, by the ordinal in the table; nothing to the other columns.</param>
    public SqlValue[] Delta(int slot, SqlValue[] key, byte[] id, IReadOnlyDictionary<int, SqlValue> values) =>
        Row(slot, key, id, values);

    /// <summary>The suffixes of the deltas of a row in a slot, its header among them or not.</summary>
    public KeyRange SuffixesOf(KeyBuilder keys, int slot, SqlValue[] key, bool withHeader)
    {
        KeyRange all = KeyRange.Prefix(keys.Suffix([SqlValue.FromInt64(slot), .. key]));
        return withHeader ? all : all with { Start = [.. keys.SuffixOf(Header(slot, key)), 0] };
    }

    private static ulong HashOf(SqlValue[] key) => Hash64.Compute(RowCodec.ToBytes(key));

    /// <summary>A conflict that was settled.</summary>
    /// <param name="key">The key of the row that it was about.</param>
    /// <param name="number">From 1 on, for each row.</param>
    /// <param name="note">What became of it.</param>
    public SqlValue[] Conflict(SqlValue[] key, long number, byte[] note)
    {
        byte[] id = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(id, number);
        SqlValue[] row = Row(ConflictsSlot, key, id, null);
        row[^2] = SqlValue.FromBytes(note);
        return row;
    }

    /// <summary>A row that was read.</summary>
    public SpilledRow Read(SqlValue[] row)
    {
        int keys = _table.KeyColumns.Count;
        int values = 2 + keys;
        int end = values + Spillover.Columns.Count;
        return new SpilledRow((int)row[0].AsInt64(), row[1..(1 + keys)], row[1 + keys].AsBytes(), row[values..end])
        {
            Rank = Spillover.IsInOrder && !row[end].IsNull ? row[end].AsBytes() : [],
            Note = Spillover.IsInOrder && !row[end + 1].IsNull ? row[end + 1].AsBytes() : [],
            Stamp = Spillover.IsInOrder ? row[end + 2].AsBytes() : [],
        };
    }

    private SqlValue[] Row(int slot, SqlValue[] key, byte[] id, IReadOnlyDictionary<int, SqlValue>? values)
    {
        var row = new List<SqlValue>(Descriptor.Columns.Count) { SqlValue.FromInt64(slot) };
        row.AddRange(key);
        row.Add(SqlValue.FromBytes(id));
        foreach (uint column in Spillover.Columns)
        {
            int ordinal = _table.OrdinalOf(column);
            row.Add(values is not null && values.TryGetValue(ordinal, out SqlValue value) ? value : NothingOf(ordinal));
        }

        if (Spillover.IsInOrder)
        {
            row.Add(values is null ? SqlValue.NullOf(SqlKind.Bytes) : SqlValue.FromBytes(RankOf(values)));
            row.Add(SqlValue.NullOf(SqlKind.Bytes));
            row.Add(SqlValue.FromBytes(RowStamp.Open));
        }

        return [.. row];
    }

    private SqlValue NothingOf(int ordinal)
    {
        SqlKind kind = _table.Columns[ordinal].Type.Kind;
        return Spillover.IsInOrder
            ? SqlValue.NullOf(kind)
            : SqlCast.To(SqlValue.FromInt32(0), new SqlType(kind), isExplicit: false);
    }

    private byte[] RankOf(IReadOnlyDictionary<int, SqlValue> values)
    {
        var rank = new ByteWriter();
        if (Spillover.By is { } by)
        {
            KeyCodec.Append(rank, values[_table.OrdinalOf(by)]);
        }

        return rank.ToArray();
    }

    private static ColumnDescriptor Column(uint id, string name, SqlType type) => new(id, name, type) { Nullable = false };
}
