using ShardSql.Primitives;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Observing;

/// <summary>What one shard did for a statement that is analyzed, in microseconds.</summary>
internal sealed class ShardCost(ShardId shard)
{
    public ShardId Shard => shard;

    public long Requests { get; private set; }

    public long Rows { get; private set; }

    public long Elapsed { get; private set; }

    public long Queued { get; private set; }

    public long Worked { get; private set; }

    public long Consensus { get; private set; }

    public long Validated { get; private set; }

    /// <summary>What the way there and back took.</summary>
    public long Network => long.Max(0, Elapsed - Queued - Worked - Consensus);

    /// <summary>Adds a request: how long it took here, and what the leader says that it did meanwhile.</summary>
    public void Add(long elapsed, long rows, RequestTimes times)
    {
        Requests++;
        Rows += rows;
        Elapsed += elapsed;
        Queued += times.Queued;
        Worked += times.Worked;
        Consensus += times.Consensus;
        Validated += times.Validated;
    }
}
