using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// The tests that share one cluster; one after another, and not beside the rest of the project: some of them measure
/// memory and pauses.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "cluster";
}
