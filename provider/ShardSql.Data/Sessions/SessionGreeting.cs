using ShardSql.Data.Options;

namespace ShardSql.Data.Sessions;

/// <summary>What a session says in its Hello.</summary>
internal sealed record SessionGreeting(ConnectionSettings Settings, StampWatermark Stamps);
