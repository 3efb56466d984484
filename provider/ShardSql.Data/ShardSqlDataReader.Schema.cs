using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Types;

namespace ShardSql.Data;

/// <content>What a result's columns are.</content>
public sealed partial class ShardSqlDataReader : IDbColumnSchemaGenerator
{
    /// <summary>The columns of the current result; empty for a command without one.</summary>
    public ReadOnlyCollection<DbColumn> GetColumnSchema()
    {
        RequireOpen();
        var columns = new List<DbColumn>(_columns.Length);
        foreach (ResultColumn column in _columns)
        {
            columns.Add(new ShardSqlDbColumn(column));
        }

        return columns.AsReadOnly();
    }

    /// <inheritdoc />
    public override Task<ReadOnlyCollection<DbColumn>> GetColumnSchemaAsync(
        CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<ReadOnlyCollection<DbColumn>>(cancellationToken)
            : Task.FromResult(GetColumnSchema());

    /// <summary>The columns as a table; null for a command without a result.</summary>
    public override DataTable? GetSchemaTable()
    {
        RequireOpen();
        return _columns.Length == 0 ? null : SchemaTable.Make(GetColumnSchema());
    }
}
