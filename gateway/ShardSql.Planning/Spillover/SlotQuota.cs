using System;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>What a slot has for a row.</summary>
/// <param name="Slot">The slot, from 0.</param>
/// <param name="Free">What can be taken there, in the column's smallest unit; null: it takes no deltas of the row.</param>
internal sealed record SlotQuota(int Slot, Int128? Free);

/// <summary>A change of what a slot has for a row.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Amount">What is added, or what it begins with.</param>
/// <param name="Begins">Whether the row's header comes to the slot with it.</param>
internal sealed record QuotaWrite(SqlValue[] Key, int Slot, Int128 Amount, bool Begins);
