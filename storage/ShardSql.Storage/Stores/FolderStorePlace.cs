using ShardSql.Storage.Files;

namespace ShardSql.Storage.Stores;

/// <summary>A store of a kind below a node's folder.</summary>
internal sealed class FolderStorePlace(string kind, string folder, DataIdentity identity) : IStorePlace
{
    /// <inheritdoc />
    public IBaseStore Open() => BaseStores.Open(kind, folder, identity);

    /// <inheritdoc />
    public string? SetAside() => BaseStores.SetAside(kind, folder);
}
