using System;

namespace ShardSql.Execution;

/// <summary>What a fragment writes of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The row; null: it is deleted.</param>
/// <param name="Quota">What becomes of a quota with it; null: nothing.</param>
public readonly record struct RowWrite(byte[] Key, byte[]? Value, RowQuota? Quota);

/// <summary>A change of a key's quota (sharding.md §4).</summary>
/// <param name="Key">The key whose quota it is.</param>
/// <param name="Amount">What is added; negative: taken.</param>
public sealed record RowQuota(byte[] Key, Int128 Amount);
