namespace ShardSql.Gateway.Statements;

/// <summary>How an attempt at a unit was run.</summary>
/// <param name="Shards">Shards that took part.</param>
/// <param name="IsByKey">Whether it went by keys.</param>
/// <param name="IsRelational">Whether the gateway put rows of several sources together.</param>
/// <param name="HasWrites">Whether it wrote.</param>
internal readonly record struct UnitRun(int Shards, bool IsByKey, bool IsRelational, bool HasWrites);
