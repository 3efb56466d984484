using System.Collections.Generic;

using Google.Protobuf;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Catalogs;

/// <summary>
/// Rows of the system shard: key and content as two columns of bytes, stored, scanned and written like the rows of any
/// table, so that fragments, snapshots and validation are the same.
/// </summary>
internal static class SystemRows
{
    private static readonly TableShape s_shape = Shape();

    /// <summary>Reads the rows of a range, from its start on; 0: all of them.</summary>
    public static byte[] Scan(KeyRange range, uint limit = 0)
    {
        var access = new AccessPath();
        access.Ranges.Add(new AccessRange
        {
            Start = ByteString.CopyFrom(range.Start),
            End = range.End is null ? ByteString.Empty : ByteString.CopyFrom(range.End),
            OpenEnd = range.End is null,
        });
        return Fragment(access, limit);
    }

    /// <summary>Reads some rows; those that are absent give nothing.</summary>
    public static byte[] Get(params byte[][] keys)
    {
        var access = new AccessPath();
        foreach (byte[] key in keys)
        {
            access.Keys.Add(ByteString.CopyFrom(key));
        }

        return Fragment(access);
    }

    /// <summary>Writes a row; null content deletes it.</summary>
    public static KeyWrite Write(byte[] key, byte[]? content)
    {
        if (content is null)
        {
            return new KeyWrite(key, null);
        }

        var writer = new ByteWriter(key.Length + content.Length + 16);
        writer.WriteByte(RowKeyLayout.RowVersion);
        RowCodec.Write(writer, [SqlValue.FromBytes(key), SqlValue.FromBytes(content)]);
        return new KeyWrite(key, writer.ToArray());
    }

    /// <summary>The rows of a reply.</summary>
    public static void Read(byte[] rows, int count, List<KeyValuePair<byte[], byte[]>> into)
    {
        var reader = new ByteReader(rows);
        for (int i = 0; i < count; i++)
        {
            SqlValue[] row = RowCodec.Read(ref reader);
            Invariant.Check(row.Length == 2, "A system row is its key and its content.");
            into.Add(new KeyValuePair<byte[], byte[]>(row[0].AsBytes(), row[1].AsBytes()));
        }

        Invariant.Check(reader.EndedWell, "A reply holds as many rows as it says.");
    }

    private static byte[] Fragment(AccessPath access, uint limit = 0)
    {
        var fragment = new Fragment();
        fragment.Statements.Add(new FragmentStatement
        {
            Scan = new ScanPlan
            {
                Table = s_shape,
                Access = access,
                Output = new OutputStage { Visible = 2, Limited = limit > 0, Limit = limit },
            },
        });
        return fragment.ToByteArray();
    }

    private static TableShape Shape()
    {
        var shape = new TableShape { Name = "shard.system", KeyName = "system_pkey" };
        shape.Columns.Add(new ColumnShape { Id = 1, Name = "key", Type = SqlType.Bytes.ToMessage() });
        shape.Columns.Add(new ColumnShape { Id = 2, Name = "content", Type = SqlType.Bytes.ToMessage() });
        shape.KeyColumns.Add(0);
        return shape;
    }
}
