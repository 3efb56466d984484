using System;
using System.Collections.Generic;

namespace ShardSql.Simulation.Cluster;

/// <summary>Counters by name.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Add(string name, long count = 1) => _counts[name] = _counts.GetValueOrDefault(name) + count;

    public void AddAll(IReadOnlyDictionary<string, long> counts)
    {
        foreach ((string name, long count) in counts)
        {
            Add(name, count);
        }
    }
}
