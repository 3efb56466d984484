using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Catalogs;

/// <summary>A table descriptor as the bytes of a row of the system shard.</summary>
public static class TableDescriptorCodec
{
    private const byte FormatVersion = 7;
    private const byte VersionBeforeOthersMeant = 6;
    private const byte VersionBeforeSpilloverBounds = 5;
    private const byte VersionBeforeSpillover = 4;
    private const byte VersionBeforeIdentity = 3;
    private const byte VersionBeforeForeignKeys = 2;

    /// <summary>Encodes a table.</summary>
    public static byte[] Encode(TableDescriptor table)
    {
        var writer = new ByteWriter();
        writer.WriteByte(FormatVersion);
        writer.WriteVarint(table.Id);
        writer.WriteString(table.Name);
        writer.WriteVarint(table.Version);
        writer.WriteVarint(table.GroupId);
        writer.WriteByte((byte)table.Placement);
        writer.WriteVarint((ulong)table.Columns.Count);
        foreach (ColumnDescriptor column in table.Columns)
        {
            WriteColumn(writer, column);
        }

        WriteOrdinals(writer, table.PrimaryKey);
        WriteOrdinals(writer, table.ShardKey);
        WriteOrdinals(writer, table.KeyColumns);
        writer.WriteString(table.KeyName);
        writer.WriteVarint((ulong)table.Checks.Count);
        foreach (TableCheck check in table.Checks)
        {
            writer.WriteString(check.Name);
            writer.WriteBytes(check.Condition.ToByteArray());
        }

        writer.WriteVarint(table.NextColumnId);
        writer.WriteNullableBytes(table.View is { } view ? ToBytes(view) : null);
        writer.WriteVarint(table.IndexOf);
        writer.WriteVarint(table.NextIndexNumber);
        IndexCodec.Write(writer, table.Indexes);
        ForeignKeyCodec.Write(writer, table.ForeignKeys);
        writer.WriteVarint(table.DeltasOf);
        SpilloverCodec.Write(writer, table.Spillover);
        return writer.ToArray();
    }

    private static byte[] ToBytes(ViewQuery view)
    {
        var statement = new CreateView { Query = view.Query, Text = view.Text };
        statement.Columns.AddRange(view.Columns);
        return statement.ToByteArray();
    }

    /// <summary>Decodes a table.</summary>
    public static TableDescriptor Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var table = new TableDescriptor
        {
            Id = reader.ReadVarint32(),
            Name = reader.ReadString(),
            Version = reader.ReadVarint32(),
            GroupId = reader.ReadVarint32(),
            Placement = (PlacementKind)reader.ReadByte(),
            Columns = ReadColumns(ref reader, version),
            PrimaryKey = ReadOrdinals(ref reader),
            ShardKey = ReadOrdinals(ref reader),
            KeyColumns = ReadOrdinals(ref reader),
            KeyName = reader.ReadString(),
            Checks = ReadChecks(ref reader),
            NextColumnId = reader.ReadVarint32(),
            View = reader.ReadNullableBytes() is { } view ? ReadView(view) : null,
            IndexOf = reader.ReadVarint32(),
            NextIndexNumber = reader.ReadVarint32(),
            Indexes = IndexCodec.Read(ref reader),
            ForeignKeys = version > VersionBeforeForeignKeys ? ForeignKeyCodec.Read(ref reader) : [],
            DeltasOf = version > VersionBeforeSpillover ? reader.ReadVarint32() : 0,
            Spillover = version > VersionBeforeSpillover
                ? SpilloverCodec.Read(ref reader, version > VersionBeforeSpilloverBounds, version > VersionBeforeOthersMeant)
                : null,
        };
        Invariant.Check(
            version is >= VersionBeforeForeignKeys and <= FormatVersion && reader.EndedWell,
            "A stored table descriptor is whole.");
        return table;
    }

    private static ViewQuery ReadView(byte[] bytes)
    {
        CreateView view = CreateView.Parser.ParseFrom(bytes);
        return new ViewQuery(view.Query, view.Columns, view.Text);
    }

    private static void WriteColumn(ByteWriter writer, ColumnDescriptor column)
    {
        writer.WriteVarint(column.Id);
        writer.WriteString(column.Name);
        writer.WriteByte((byte)column.Type.Kind);
        writer.WriteVarint((ulong)column.Type.Length);
        writer.WriteVarint((ulong)column.Type.Precision);
        writer.WriteVarint((ulong)column.Type.Scale);
        writer.WriteBoolean(column.Nullable);
        writer.WriteBoolean(column.Hidden);
        writer.WriteNullableBytes(column.Default?.ToByteArray());
        ValueCodec.Write(writer, column.MissingValue);
        writer.WriteByte((byte)column.Identity);
    }

    private static List<ColumnDescriptor> ReadColumns(ref ByteReader reader, byte version)
    {
        int count = reader.ReadCount();
        var columns = new List<ColumnDescriptor>(count);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            uint id = reader.ReadVarint32();
            string name = reader.ReadString();
            var type = new SqlType(
                (SqlKind)reader.ReadByte(),
                (int)reader.ReadVarint32(),
                (int)reader.ReadVarint32(),
                (int)reader.ReadVarint32());
            bool nullable = reader.ReadBoolean();
            bool hidden = reader.ReadBoolean();
            byte[]? defaultValue = reader.ReadNullableBytes();
            columns.Add(new ColumnDescriptor(id, name, type)
            {
                Nullable = nullable,
                Hidden = hidden,
                Default = defaultValue is null ? null : Expression.Parser.ParseFrom(defaultValue),
                MissingValue = ValueCodec.Read(ref reader),
                Identity = version > VersionBeforeIdentity ? (IdentityKind)reader.ReadByte() : IdentityKind.None,
            });
        }

        return columns;
    }

    private static List<TableCheck> ReadChecks(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        var checks = new List<TableCheck>(count);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            checks.Add(new TableCheck(reader.ReadString(), Expression.Parser.ParseFrom(reader.ReadBytes())));
        }

        return checks;
    }

    internal static void WriteOrdinals(ByteWriter writer, IReadOnlyList<int> ordinals)
    {
        writer.WriteVarint((ulong)ordinals.Count);
        foreach (int ordinal in ordinals)
        {
            writer.WriteVarint((ulong)ordinal);
        }
    }

    internal static int[] ReadOrdinals(ref ByteReader reader)
    {
        int[] ordinals = new int[reader.ReadCount()];
        for (int i = 0; i < ordinals.Length; i++)
        {
            ordinals[i] = (int)reader.ReadVarint32();
        }

        return ordinals;
    }
}
