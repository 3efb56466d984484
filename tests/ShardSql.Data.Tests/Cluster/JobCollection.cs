using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Tests of jobs, which share one cluster: they wait for leases and snapshots for most of their time, beside other tests.
/// </summary>
[CollectionDefinition(Name)]
public sealed class JobCollection : ICollectionFixture<ClusterFixture>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "jobs";
}
