using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>What a fragment says of a table.</summary>
public static class TableShapes
{
    /// <summary>The shape of a table.</summary>
    public static TableShape Of(TableDescriptor table)
    {
        var shape = new TableShape
        {
            TableId = table.Id,
            Version = table.Version,
            Name = table.Name,
            KeyName = table.KeyName,
        };
        foreach (ColumnDescriptor column in table.Columns)
        {
            shape.Columns.Add(new ColumnShape
            {
                Id = column.Id,
                Name = column.Name,
                Type = column.Type.ToMessage(),
                Nullable = column.Nullable,
                MissingValue = column.MissingValue.IsNull
                    ? ByteString.Empty
                    : UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(column.MissingValue)),
            });
        }

        foreach (int ordinal in table.KeyColumns)
        {
            shape.KeyColumns.Add((uint)ordinal);
        }

        return shape;
    }
}
