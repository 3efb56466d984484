using System;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Types;

/// <summary>A column of a result.</summary>
internal sealed class ResultColumn
{
    public ResultColumn(Column column, int ordinal)
    {
        Name = column.Name;
        Ordinal = ordinal;
        Type = SqlType.FromMessage(column.Type);
        ClrType = ColumnTypes.ToClr(Type.Kind);
        IsNullable = column.Nullable;
        Table = column.Table;
        BaseColumn = column.BaseColumn;
        IsKey = column.IsKey;
        IsAutoIncrement = column.IsAutoIncrement;
    }

    public string Name { get; }

    public int Ordinal { get; }

    public SqlType Type { get; }

    public Type ClrType { get; }

    public bool IsNullable { get; }

    public string Table { get; }

    public string BaseColumn { get; }

    public bool IsKey { get; }

    public bool IsAutoIncrement { get; }

    /// <summary>Characters of varchar(n); no limit is the most there can be.</summary>
    public int Size => Type.Length > 0 ? Type.Length : -1;
}
