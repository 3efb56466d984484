using System;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using ShardSql.Data.Types;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Schema;

/// <summary>Collections that need no server: the dialect and its types.</summary>
internal static class StaticCollections
{
    private const string NamePattern = "(^\"(([^\"]|\"\")*)\"$)|(^[\\p{L}_][\\p{L}\\p{Nd}_$#]*$)";

    private static readonly (string Name, SqlKind Kind, DbType Type, string Create, string? Parameters, int Size)[] s_types =
    [
        ("boolean", SqlKind.Boolean, DbType.Boolean, "boolean", null, 1),
        ("smallint", SqlKind.Int16, DbType.Int16, "smallint", null, 5),
        ("integer", SqlKind.Int32, DbType.Int32, "integer", null, 10),
        ("bigint", SqlKind.Int64, DbType.Int64, "bigint", null, 19),
        ("decimal", SqlKind.Decimal, DbType.Decimal, "decimal({0},{1})", "precision,scale", 38),
        ("real", SqlKind.Real, DbType.Single, "real", null, 7),
        ("double precision", SqlKind.Double, DbType.Double, "double precision", null, 15),
        ("text", SqlKind.Text, DbType.String, "text", null, int.MaxValue),
        ("varchar", SqlKind.Text, DbType.String, "varchar({0})", "length", 10_485_760),
        ("json", SqlKind.Json, DbType.String, "json", null, int.MaxValue),
        ("bytes", SqlKind.Bytes, DbType.Binary, "bytes", null, int.MaxValue),
        ("uuid", SqlKind.Uuid, DbType.Guid, "uuid", null, 16),
        ("date", SqlKind.Date, DbType.Date, "date", null, 10),
        ("time", SqlKind.Time, DbType.Time, "time", null, 15),
        ("timestamp", SqlKind.Timestamp, DbType.DateTime, "timestamp", null, 26),
        ("timestamptz", SqlKind.Timestamptz, DbType.DateTimeOffset, "timestamptz", null, 32),
    ];

    /// <summary>An empty table.</summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2111", Justification = "Columns of simple types; their members are never looked into.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2072", Justification = "Columns of simple types; their members are never looked into.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2077", Justification = "Columns of simple types; their members are never looked into.")]
    public static DataTable New(string name, params (string Name, Type Type)[] columns)
    {
        var table = new DataTable(name) { Locale = CultureInfo.InvariantCulture };
        foreach ((string column, Type type) in columns)
        {
            table.Columns.Add(new DataColumn(column, type));
        }

        return table;
    }

    public static DataTable DataSource(string version)
    {
        DataTable table = New(
            DbMetaDataCollectionNames.DataSourceInformation,
            (DbMetaDataColumnNames.CompositeIdentifierSeparatorPattern, typeof(string)),
            (DbMetaDataColumnNames.DataSourceProductName, typeof(string)),
            (DbMetaDataColumnNames.DataSourceProductVersion, typeof(string)),
            (DbMetaDataColumnNames.DataSourceProductVersionNormalized, typeof(string)),
            (DbMetaDataColumnNames.GroupByBehavior, typeof(GroupByBehavior)),
            (DbMetaDataColumnNames.IdentifierPattern, typeof(string)),
            (DbMetaDataColumnNames.IdentifierCase, typeof(IdentifierCase)),
            (DbMetaDataColumnNames.OrderByColumnsInSelect, typeof(bool)),
            (DbMetaDataColumnNames.ParameterMarkerFormat, typeof(string)),
            (DbMetaDataColumnNames.ParameterMarkerPattern, typeof(string)),
            (DbMetaDataColumnNames.ParameterNameMaxLength, typeof(int)),
            (DbMetaDataColumnNames.ParameterNamePattern, typeof(string)),
            (DbMetaDataColumnNames.QuotedIdentifierPattern, typeof(string)),
            (DbMetaDataColumnNames.QuotedIdentifierCase, typeof(IdentifierCase)),
            (DbMetaDataColumnNames.StatementSeparatorPattern, typeof(string)),
            (DbMetaDataColumnNames.StringLiteralPattern, typeof(string)),
            (DbMetaDataColumnNames.SupportedJoinOperators, typeof(SupportedJoinOperators)));
        table.Rows.Add(
            "\\.", "ShardSql", version, version, GroupByBehavior.MustContainAll, NamePattern, IdentifierCase.Insensitive, false,
            "@{0}", "@[\\p{L}\\p{Nd}_$#]+", SqlLimits.MaxIdentifierBytes, "^[\\p{L}\\p{Nd}_$#]+$", "\"(([^\"]|\"\")*)\"",
            IdentifierCase.Sensitive, ";", "'(([^']|'')*)'",
            SupportedJoinOperators.None);
        return table;
    }

    public static DataTable DataTypes()
    {
        DataTable table = New(
            DbMetaDataCollectionNames.DataTypes,
            (DbMetaDataColumnNames.TypeName, typeof(string)), (DbMetaDataColumnNames.ProviderDbType, typeof(int)),
            (DbMetaDataColumnNames.ColumnSize, typeof(long)), (DbMetaDataColumnNames.CreateFormat, typeof(string)),
            (DbMetaDataColumnNames.CreateParameters, typeof(string)), (DbMetaDataColumnNames.DataType, typeof(string)),
            (DbMetaDataColumnNames.IsBestMatch, typeof(bool)), (DbMetaDataColumnNames.IsCaseSensitive, typeof(bool)),
            (DbMetaDataColumnNames.IsFixedLength, typeof(bool)), (DbMetaDataColumnNames.IsLong, typeof(bool)),
            (DbMetaDataColumnNames.IsNullable, typeof(bool)), (DbMetaDataColumnNames.IsSearchable, typeof(bool)));
        foreach ((string name, SqlKind kind, DbType type, string create, string? parameters, int size) in s_types)
        {
            bool isText = kind is SqlKind.Text or SqlKind.Json;
            bool isBest = name is not ("varchar" or "json");
            table.Rows.Add(
                name, (int)type, (long)size, create, (object?)parameters ?? DBNull.Value, ColumnTypes.ToClr(kind).FullName, isBest,
                isText, !isText && kind is not (SqlKind.Bytes or SqlKind.Decimal), size == int.MaxValue, true, true);
        }

        return table;
    }

    public static DataTable ReservedWords()
    {
        DataTable table = New(DbMetaDataCollectionNames.ReservedWords, (DbMetaDataColumnNames.ReservedWord, typeof(string)));
        foreach (string word in Keywords.Reserved.Order(StringComparer.Ordinal))
        {
            table.Rows.Add(word);
        }

        return table;
    }
}
