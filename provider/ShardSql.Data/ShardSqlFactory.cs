using System.Data.Common;

namespace ShardSql.Data;

/// <summary>Makes the objects of this provider for code that knows only System.Data.Common.</summary>
public sealed class ShardSqlFactory : DbProviderFactory
{
    /// <summary>The one instance.</summary>
    public static readonly ShardSqlFactory Instance = new();

    private ShardSqlFactory()
    {
    }

    /// <inheritdoc />
    public override bool CanCreateBatch => true;

    /// <inheritdoc />
    public override bool CanCreateDataAdapter => true;

    /// <inheritdoc />
    public override bool CanCreateCommandBuilder => true;

    /// <inheritdoc />
    public override DbBatch CreateBatch() => new ShardSqlBatch();

    /// <inheritdoc />
    public override DbBatchCommand CreateBatchCommand() => new ShardSqlBatchCommand();

    /// <inheritdoc />
    public override DbCommand CreateCommand() => new ShardSqlCommand();

    /// <inheritdoc />
    public override DbCommandBuilder CreateCommandBuilder() => new ShardSqlCommandBuilder();

    /// <inheritdoc />
    public override DbConnection CreateConnection() => new ShardSqlConnection();

    /// <inheritdoc />
    public override DbConnectionStringBuilder CreateConnectionStringBuilder() => new ShardSqlConnectionStringBuilder();

    /// <inheritdoc />
    public override DbDataAdapter CreateDataAdapter() => new ShardSqlDataAdapter();

    /// <inheritdoc />
    public override DbDataSource CreateDataSource(string connectionString) =>
        ShardSqlDataSource.Create(connectionString);

    /// <inheritdoc />
    public override DbParameter CreateParameter() => new ShardSqlParameter();
}
