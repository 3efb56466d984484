using System;

namespace ShardSql.Benchmarks.Comparing;

/// <summary>How long and how often is measured (studies/performance.md, measuring rules).</summary>
/// <param name="Rounds">Rounds in each of which every contender has one window, in turn.</param>
/// <param name="Window">Length of a window.</param>
/// <param name="IsQuick">Whether this is the short form, whose figures are a first look only.</param>
internal sealed record CompareSettings(int Rounds, TimeSpan Window, bool IsQuick)
{
    /// <summary>One for each shard.</summary>
    public const int WarehousesByDefault = 3;

    /// <summary>The most; each takes seconds to load.</summary>
    public const int WarehousesMax = 100;

    /// <summary>Before the first window of a measure, for connections, plans and caches.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>The same before the first measure of a workload, when the JIT compiler is still at work.</summary>
    public static readonly TimeSpan FirstWarmUp = TimeSpan.FromSeconds(5);

    /// <summary>What is published.</summary>
    public static readonly CompareSettings Full = new(Rounds: 5, TimeSpan.FromSeconds(8), IsQuick: false);

    /// <summary>A first look.</summary>
    public static readonly CompareSettings Quick = new(Rounds: 2, TimeSpan.FromSeconds(2), IsQuick: true);

    /// <summary>Warehouses of tpcc.</summary>
    public int Warehouses { get; init; } = WarehousesByDefault;
}
