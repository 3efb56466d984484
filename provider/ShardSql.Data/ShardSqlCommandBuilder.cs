using System;
using System.Data;
using System.Data.Common;
using System.Globalization;
using ShardSql.Data.Types;

namespace ShardSql.Data;

/// <summary>Makes INSERT, UPDATE and DELETE of an adapter's SELECT, by the primary key of the one table that it reads.
/// </summary>
public sealed class ShardSqlCommandBuilder : DbCommandBuilder
{
    /// <summary>A builder without an adapter.</summary>
    public ShardSqlCommandBuilder()
    {
        QuotePrefix = "\"";
        QuoteSuffix = "\"";
    }

    /// <summary>A builder for an adapter.</summary>
    public ShardSqlCommandBuilder(ShardSqlDataAdapter adapter)
        : this() => DataAdapter = adapter;

    /// <summary>The INSERT.</summary>
    public new ShardSqlCommand GetInsertCommand() => (ShardSqlCommand)base.GetInsertCommand();

    /// <summary>The UPDATE.</summary>
    public new ShardSqlCommand GetUpdateCommand() => (ShardSqlCommand)base.GetUpdateCommand();

    /// <summary>The DELETE.</summary>
    public new ShardSqlCommand GetDeleteCommand() => (ShardSqlCommand)base.GetDeleteCommand();

    /// <inheritdoc />
    public override string QuoteIdentifier(string unquotedIdentifier)
    {
        ArgumentNullException.ThrowIfNull(unquotedIdentifier);
        return Quote(unquotedIdentifier);
    }

    /// <inheritdoc />
    public override string UnquoteIdentifier(string quotedIdentifier)
    {
        ArgumentNullException.ThrowIfNull(quotedIdentifier);
        return quotedIdentifier is ['"', .. var inner, '"']
            ? inner.Replace("\"\"", "\"", StringComparison.Ordinal)
            : quotedIdentifier;
    }

    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <inheritdoc />
    protected override void ApplyParameterInfo(
        DbParameter parameter, DataRow row, StatementType statementType, bool whereClause)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(row);
        if (row[SchemaTableColumn.DataType] is Type type)
        {
            parameter.DbType = DbTypes.OfClr(type);
        }
    }

    /// <inheritdoc />
    protected override string GetParameterName(int parameterOrdinal) =>
        "p" + parameterOrdinal.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc />
    protected override string GetParameterName(string parameterName) => parameterName;

    /// <inheritdoc />
    protected override string GetParameterPlaceholder(int parameterOrdinal) => "@" + GetParameterName(parameterOrdinal);

    /// <inheritdoc />
    protected override void SetRowUpdatingHandler(DbDataAdapter adapter)
    {
        if (adapter is not ShardSqlDataAdapter ours)
        {
            throw new ArgumentException($"A ShardSqlDataAdapter is needed, not a {adapter?.GetType()}.", nameof(adapter));
        }

        // The base class calls this to begin and, with the same adapter, to end.
        if (ReferenceEquals(ours, DataAdapter))
        {
            ours.RowUpdating -= OnRowUpdating;
        }
        else
        {
            ours.RowUpdating += OnRowUpdating;
        }
    }

    private void OnRowUpdating(object? sender, RowUpdatingEventArgs e) => RowUpdatingHandler(e);
}
