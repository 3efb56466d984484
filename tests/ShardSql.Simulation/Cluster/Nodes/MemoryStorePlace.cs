using ShardSql.Storage.Stores;

namespace ShardSql.Simulation.Cluster.Nodes;

/// <summary>Where a store in memory outlives the processes that open it.</summary>
internal sealed class MemoryStorePlace : IStorePlace
{
    /// <summary>As the last process that opened it has it.</summary>
    public MemoryStore Store { get; set; } = new();

    /// <summary>As the last process that opened it found it.</summary>
    public MemoryStore Earlier { get; private set; } = new();

    /// <inheritdoc />
    public IBaseStore Open()
    {
        Earlier = Store;
        return Store = new MemoryStore(Store);
    }

    /// <inheritdoc />
    public string? SetAside()
    {
        Store = new MemoryStore();
        return "another place";
    }
}
