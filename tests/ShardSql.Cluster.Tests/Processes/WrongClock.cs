using System;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>A wall clock that is wrong by so much; time runs as fast as elsewhere.</summary>
internal sealed class WrongClock(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
