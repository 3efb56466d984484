using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ShardSql.Data.Types;

/// <summary>The description of columns in the form of <c>GetSchemaTable</c>.</summary>
internal static class SchemaTable
{
    public static DataTable Make(IReadOnlyList<DbColumn> columns)
    {
        var table = new DataTable("SchemaTable") { Locale = CultureInfo.InvariantCulture };
        AddColumns(table);
        foreach (DbColumn column in columns)
        {
            DataRow row = table.NewRow();
            row[SchemaTableColumn.ColumnName] = column.ColumnName;
            row[SchemaTableColumn.ColumnOrdinal] = column.ColumnOrdinal ?? 0;
            row[SchemaTableColumn.ColumnSize] = column.ColumnSize ?? -1;
            row[SchemaTableColumn.NumericPrecision] = (object?)(short?)column.NumericPrecision ?? DBNull.Value;
            row[SchemaTableColumn.NumericScale] = (object?)(short?)column.NumericScale ?? DBNull.Value;
            row[SchemaTableColumn.DataType] = column.DataType;
            row["DataTypeName"] = column.DataTypeName;
            row[SchemaTableColumn.AllowDBNull] = column.AllowDBNull ?? true;
            row[SchemaTableColumn.BaseTableName] = (object?)column.BaseTableName ?? DBNull.Value;
            row[SchemaTableColumn.BaseColumnName] = (object?)column.BaseColumnName ?? DBNull.Value;
            row[SchemaTableColumn.IsAliased] = column.IsAliased ?? false;
            row[SchemaTableColumn.IsExpression] = column.IsExpression ?? false;
            row[SchemaTableColumn.IsKey] = column.IsKey ?? false;
            row[SchemaTableColumn.IsLong] = column.IsLong ?? false;
            row[SchemaTableColumn.IsUnique] = column.IsUnique ?? false;
            row[SchemaTableOptionalColumn.IsAutoIncrement] = column.IsAutoIncrement ?? false;
            row[SchemaTableOptionalColumn.IsReadOnly] = column.IsReadOnly ?? false;
            row[SchemaTableOptionalColumn.IsHidden] = column.IsHidden ?? false;
            row[SchemaTableOptionalColumn.IsRowVersion] = false;
            table.Rows.Add(row);
        }

        table.AcceptChanges();
        return table;
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2111", Justification = "The column of type Type is stored and read, never looked into.")]
    private static void AddColumns(DataTable table)
    {
        table.Columns.Add(SchemaTableColumn.ColumnName, typeof(string));
        table.Columns.Add(SchemaTableColumn.ColumnOrdinal, typeof(int));
        table.Columns.Add(SchemaTableColumn.ColumnSize, typeof(int));
        table.Columns.Add(SchemaTableColumn.NumericPrecision, typeof(short));
        table.Columns.Add(SchemaTableColumn.NumericScale, typeof(short));
        table.Columns.Add(SchemaTableColumn.DataType, typeof(Type));
        table.Columns.Add("DataTypeName", typeof(string));
        table.Columns.Add(SchemaTableColumn.AllowDBNull, typeof(bool));
        table.Columns.Add(SchemaTableColumn.BaseTableName, typeof(string));
        table.Columns.Add(SchemaTableColumn.BaseColumnName, typeof(string));
        foreach (string flag in (string[])
            [
                SchemaTableColumn.IsAliased, SchemaTableColumn.IsExpression, SchemaTableColumn.IsKey,
                SchemaTableColumn.IsLong, SchemaTableColumn.IsUnique, SchemaTableOptionalColumn.IsAutoIncrement,
                SchemaTableOptionalColumn.IsReadOnly, SchemaTableOptionalColumn.IsHidden,
                SchemaTableOptionalColumn.IsRowVersion,
            ])
        {
            table.Columns.Add(flag, typeof(bool));
        }
    }
}
