namespace ShardSql.Simulation.Model;

/// <summary>What a run of the commit model does. Chances are per million.</summary>
public sealed record ModelOptions
{
    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Shards, 1 to 26.</summary>
    public int Shards { get; init; } = 2;

    /// <summary>Keys of a shard, at most 10.</summary>
    public int KeysPerShard { get; init; } = 4;

    /// <summary>Transactions begun.</summary>
    public int Transactions { get; init; } = 60;

    /// <summary>Transactions open at once.</summary>
    public int Clients { get; init; } = 6;

    /// <summary>A message is lost.</summary>
    public int Loss { get; init; } = 100_000;

    /// <summary>A message comes twice.</summary>
    public int Duplication { get; init; } = 100_000;

    /// <summary>A step changes a shard's leader.</summary>
    public int LeaderChange { get; init; } = 3_000;

    /// <summary>A client dies when it has sent its PREPAREs.</summary>
    public int ClientDeath { get; init; } = 30_000;

    /// <summary>A step proposes CLOSE, HORIZON, or flushes.</summary>
    public int Housekeeping { get; init; } = 30_000;

    /// <summary>A follower is replaced by a snapshot of its leader.</summary>
    public int Snapshot { get; init; } = 5_000;

    /// <summary>Clocks differ by up to this, ms, to both sides.</summary>
    public int SkewMs { get; init; } = 40;

    /// <summary>How far the horizon trails, ms.</summary>
    public int HorizonLagMs { get; init; } = 150;
}
