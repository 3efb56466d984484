namespace ShardSql.Storage.Stores;

/// <summary>Where a node's base store lies.</summary>
internal interface IStorePlace
{
    /// <summary>Opens the store, or makes it.</summary>
    /// <exception cref="StoreDamagedException">What is there cannot be read.</exception>
    /// <exception cref="BaseStoreException">The store below does not open.</exception>
    IBaseStore Open();

    /// <summary>Moves the closed store out of the way, for whoever wants to look at it; returns its new place, null when
    /// there is none.</summary>
    string? SetAside();
}
