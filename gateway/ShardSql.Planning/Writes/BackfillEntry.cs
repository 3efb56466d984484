using ShardSql.Primitives;

namespace ShardSql.Planning.Writes;

/// <summary>An entry that a row is to have.</summary>
/// <param name="Shard">Where.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Suffix">Which row it is of.</param>
/// <param name="IsExclusive">Whether no other row may have it.</param>
public sealed record BackfillEntry(ShardId Shard, byte[] Key, byte[] Value, byte[] Suffix, bool IsExclusive);
