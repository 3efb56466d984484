using System;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Observing;

/// <summary>What others may know of a session's explicit transaction.</summary>
internal sealed record SeenTransaction(string Name, string? Type, bool ReadOnly, DateTimeOffset Begun, HlcTimestamp Snapshot);
