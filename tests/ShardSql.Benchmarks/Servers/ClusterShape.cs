namespace ShardSql.Benchmarks.Servers;

/// <summary>How ours is run.</summary>
/// <param name="Store">The nodes' base store.</param>
/// <param name="GatewayInNodes">Three processes that are node and gateway both, instead of three nodes and a gateway.</param>
internal sealed record ClusterShape(string Store, bool GatewayInNodes)
{
    /// <summary>What the table calls it.</summary>
    public string Name => GatewayInNodes ? $"ShardSql ({Store}, --role both)" : $"ShardSql ({Store})";
}
