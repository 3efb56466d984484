using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;

using Google.Protobuf;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>A row: its table, the group that lives on one shard, and its place there.</summary>
internal readonly record struct RowId(uint Table, int Group, int Item)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Table}/{Group}/{Item}");
}

/// <summary>
/// Rows of two numbers and a text, as they are stored, and fragments over them as a gateway would push them down: the
/// simulator's tables all have this shape.
/// </summary>
internal static class SimulatedRows
{
    private const int KeyBytes = RowKeyLayout.RowPrefixLength + 8;
    private const int TextOrdinal = 2;

    public static ShardId ShardOf(int group, int shards) => new((uint)(1 + (group % shards)));

    public static byte[] KeyOf(RowId row)
    {
        byte[] key = new byte[KeyBytes];
        RowKeyLayout.RowPrefix(row.Table).CopyTo(key, 0);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(RowKeyLayout.RowPrefixLength), row.Group);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(RowKeyLayout.RowPrefixLength + 4), row.Item);
        return key;
    }

    public static RowId IdOf(ReadOnlySpan<byte> key)
    {
        Invariant.Check(key.Length == KeyBytes, "The simulator's keys have one length.");
        return new RowId(
            BinaryPrimitives.ReadUInt32BigEndian(key),
            BinaryPrimitives.ReadInt32BigEndian(key[RowKeyLayout.RowPrefixLength..]),
            BinaryPrimitives.ReadInt32BigEndian(key[(RowKeyLayout.RowPrefixLength + 4)..]));
    }

    /// <summary>All rows of a table on a shard, or of one group.</summary>
    public static KeyRange RangeOf(uint table, int? group = null)
    {
        byte[] prefix = RowKeyLayout.RowPrefix(table);
        if (group is not { } only)
        {
            return KeyRange.Prefix(prefix);
        }

        byte[] longer = new byte[prefix.Length + 4];
        prefix.CopyTo(longer, 0);
        BinaryPrimitives.WriteInt32BigEndian(longer.AsSpan(prefix.Length), only);
        return KeyRange.Prefix(longer);
    }

    public static byte[]? ToStored(RowId row, string? text)
    {
        if (text is null)
        {
            return null;
        }

        var writer = new ByteWriter();
        writer.WriteByte(RowKeyLayout.RowVersion);
        RowCodec.Write(
            writer, [SqlValue.FromInt32(row.Group), SqlValue.FromInt32(row.Item), SqlValue.FromText(text)]);
        return writer.ToArray();
    }

    public static string? FromStored(byte[]? stored)
    {
        if (stored is null)
        {
            return null;
        }

        var reader = new ByteReader(stored);
        byte version = reader.ReadByte();
        SqlValue[] row = RowCodec.Read(ref reader);
        Invariant.Check(version == RowKeyLayout.RowVersion && row.Length == 3, "A stored row can be read.");
        return row[TextOrdinal].AsText();
    }

    /// <summary>The rows of a reply.</summary>
    public static List<KeyValuePair<RowId, string>> FromReply(uint table, byte[] rows)
    {
        var found = new List<KeyValuePair<RowId, string>>();
        var reader = new ByteReader(rows);
        while (reader.Remaining > 0)
        {
            SqlValue[] row = RowCodec.Read(ref reader);
            Invariant.Check(row.Length == 3, "A reply holds rows.");
            found.Add(new(new RowId(table, (int)row[0].AsInt64(), (int)row[1].AsInt64()), row[TextOrdinal].AsText()));
        }

        return found;
    }

    /// <summary>SELECT of some rows.</summary>
    public static byte[] SelectKeys(uint table, IReadOnlyList<RowId> rows)
    {
        ScanPlan scan = Select(table);
        foreach (RowId row in rows)
        {
            scan.Access.Keys.Add(ByteString.CopyFrom(KeyOf(row)));
        }

        return Fragment(new FragmentStatement { Scan = scan });
    }

    /// <summary>SELECT of a range.</summary>
    public static byte[] SelectRange(uint table, KeyRange range)
    {
        ScanPlan scan = Select(table);
        scan.Access.Ranges.Add(new AccessRange
        {
            Start = ByteString.CopyFrom(range.Start), End = ByteString.CopyFrom(range.End),
        });
        return Fragment(new FragmentStatement { Scan = scan });
    }

    /// <summary>UPDATE ... SET text = concat(text, more) RETURNING all.</summary>
    public static byte[] Append(RowId row, string more)
    {
        var update = new UpdatePlan { Table = ShapeOf(row.Table), Access = new AccessPath() };
        update.Access.Keys.Add(ByteString.CopyFrom(KeyOf(row)));
        update.Assignments.Add(new ColumnAssignment { Column = TextOrdinal, Value = Concat(more).ToByteString() });
        update.Returning.AddRange(Columns());
        return Fragment(new FragmentStatement { Update = update });
    }

    private static byte[] Fragment(FragmentStatement statement)
    {
        var fragment = new Fragment();
        fragment.Statements.Add(statement);
        return fragment.ToByteArray();
    }

    private static ScanPlan Select(uint table)
    {
        var scan = new ScanPlan
        {
            Table = ShapeOf(table), Access = new AccessPath(), Output = new OutputStage { Visible = 3 },
        };
        scan.Output.Projection.AddRange(Columns());
        return scan;
    }

    private static TableShape ShapeOf(uint table)
    {
        var shape = new TableShape { TableId = table, Version = 1, Name = "t", KeyName = "t_pkey" };
        shape.Columns.Add(new ColumnShape { Id = 1, Name = "g", Type = SqlType.Int32.ToMessage() });
        shape.Columns.Add(new ColumnShape { Id = 2, Name = "i", Type = SqlType.Int32.ToMessage() });
        shape.Columns.Add(new ColumnShape { Id = 3, Name = "v", Type = SqlType.Text.ToMessage() });
        shape.KeyColumns.AddRange([0, 1]);
        return shape;
    }

    private static IEnumerable<ByteString> Columns()
    {
        yield return BoundExpression.Column(0, SqlType.Int32, false).ToMessage().ToByteString();
        yield return BoundExpression.Column(1, SqlType.Int32, false).ToMessage().ToByteString();
        yield return BoundExpression.Column(TextOrdinal, SqlType.Text, false).ToMessage().ToByteString();
    }

    private static Expression Concat(string more)
    {
        Expression message = BoundExpression.Column(TextOrdinal, SqlType.Text, false).ToMessage();
        message.Nodes.AddRange(
            BoundExpression.Constant(SqlValue.FromText(more), SqlType.Text).ToMessage().Nodes);
        message.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Function, Name = "concat", Children = 2 });
        return message;
    }
}
