namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>Something bad that the nemesis does, and to whom: a node's or gateway's number, where one is meant.</summary>
internal readonly record struct Strike(StrikeKind Kind, int Target = 0)
{
    /// <inheritdoc />
    public override string ToString() => Target == 0 ? $"{Kind}" : $"{Kind} {Target}";
}
