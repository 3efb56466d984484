using System;
using System.Data.Common;

namespace ShardSql.Data;

/// <summary>Fills DataSets and DataTables, and writes their changes back.</summary>
public sealed class ShardSqlDataAdapter : DbDataAdapter
{
    /// <summary>An adapter without commands.</summary>
    public ShardSqlDataAdapter()
    {
    }

    /// <summary>An adapter that fills from a command.</summary>
    public ShardSqlDataAdapter(ShardSqlCommand selectCommand) => SelectCommand = selectCommand;

    /// <summary>An adapter that fills from a query.</summary>
    public ShardSqlDataAdapter(string selectCommandText, ShardSqlConnection connection)
        : this(new ShardSqlCommand(selectCommandText, connection))
    {
    }

    /// <summary>Before a changed row is written.</summary>
    public event EventHandler<RowUpdatingEventArgs>? RowUpdating;

    /// <summary>After a changed row was written, or was refused.</summary>
    public event EventHandler<RowUpdatedEventArgs>? RowUpdated;

    /// <inheritdoc />
    protected override void OnRowUpdating(RowUpdatingEventArgs value) => RowUpdating?.Invoke(this, value);

    /// <inheritdoc />
    protected override void OnRowUpdated(RowUpdatedEventArgs value) => RowUpdated?.Invoke(this, value);
}
