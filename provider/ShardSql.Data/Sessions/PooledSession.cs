namespace ShardSql.Data.Sessions;

/// <summary>A session on loan from a pool; one of an older generation than the pool's is not kept.</summary>
internal readonly record struct PooledSession(Session Session, int Generation);
