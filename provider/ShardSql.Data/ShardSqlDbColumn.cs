using System.Data.Common;
using ShardSql.Data.Types;
using ShardSql.Sql.Tree;

namespace ShardSql.Data;

/// <summary>A column of a result, as <see cref="ShardSqlDataReader.GetColumnSchema"/> describes it.</summary>
public sealed class ShardSqlDbColumn : DbColumn
{
    internal ShardSqlDbColumn(ResultColumn column)
    {
        bool isExpression = column.BaseColumn.Length == 0;
        ColumnName = column.Name;
        ColumnOrdinal = column.Ordinal;
        ColumnSize = column.Size;
        DataType = column.ClrType;
        DataTypeName = column.Type.ToString();
        AllowDBNull = column.IsNullable;
        BaseTableName = column.Table.Length == 0 ? null : column.Table;
        BaseColumnName = isExpression ? null : column.BaseColumn;
        IsAliased = !isExpression && column.BaseColumn != column.Name;
        IsExpression = isExpression;
        IsReadOnly = isExpression;
        IsKey = column.IsKey;
        IsAutoIncrement = column.IsAutoIncrement;
        IsLong = column.Type is { Kind: SqlKind.Text or SqlKind.Bytes or SqlKind.Json, Length: 0 };
        IsUnique = false;
        IsHidden = false;
        IsIdentity = column.IsAutoIncrement;
        if (column.Type is { Kind: SqlKind.Decimal, Precision: > 0 })
        {
            NumericPrecision = column.Type.Precision;
            NumericScale = column.Type.Scale;
        }
    }
}
