using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Schema;

namespace ShardSql.Data;

/// <content>Collections of metadata.</content>
public sealed partial class ShardSqlConnection
{
    /// <summary>The collections that there are.</summary>
    public override DataTable GetSchema() => GetSchema(DbMetaDataCollectionNames.MetaDataCollections);

    /// <summary>A collection: MetaDataCollections names them.</summary>
    public override DataTable GetSchema(string collectionName) => GetSchema(collectionName, []);

    /// <summary>The part of a collection that restrictions leave; null restricts nothing.</summary>
    public override DataTable GetSchema(string collectionName, string?[] restrictionValues) => SyncFacade.Run(
        SchemaAsync(collectionName, restrictionValues, CancellationToken.None), MaxPoolSize);

    /// <inheritdoc />
    public override Task<DataTable> GetSchemaAsync(CancellationToken cancellationToken = default) =>
        GetSchemaAsync(DbMetaDataCollectionNames.MetaDataCollections, cancellationToken);

    /// <inheritdoc />
    public override Task<DataTable> GetSchemaAsync(
        string collectionName, CancellationToken cancellationToken = default) =>
        GetSchemaAsync(collectionName, [], cancellationToken);

    /// <inheritdoc />
    public override Task<DataTable> GetSchemaAsync(
        string collectionName, string?[] restrictionValues, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<DataTable>(cancellationToken)
            : SchemaAsync(collectionName, restrictionValues, cancellationToken).AsTask();

    private ValueTask<DataTable> SchemaAsync(
        string collectionName, string?[]? restrictionValues, CancellationToken cancellationToken)
    {
        RequireOpen();
        RequireIdle();
        return SchemaCollections.GetAsync(this, collectionName, restrictionValues ?? [], cancellationToken);
    }
}
