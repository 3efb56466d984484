using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Spillover;

/// <summary>What one spill shard holds of one row, for SHOW SPILLOVER.</summary>
/// <param name="Table">The row's table.</param>
/// <param name="Key">The row's key as SQL writes it.</param>
/// <param name="Reason">Why the row takes deltas; null: it takes no more.</param>
/// <param name="Slot">The spill shard, from 0.</param>
/// <param name="Shard">Where that is.</param>
/// <param name="Pending">Deltas.</param>
/// <param name="OldestMs">Age of the oldest; null: there is none.</param>
/// <param name="Conflicts">Conflicts about the row, in all its slots, that the policy has settled.</param>
/// <param name="Quota">What may still be taken there; null: it has no bound.</param>
/// <param name="Problem">Why the deltas stay; null: they are merged in time.</param>
internal sealed record SpilledSlot(
    string Table,
    string Key,
    string? Reason,
    int Slot,
    ShardId Shard,
    long Pending,
    long? OldestMs,
    long Conflicts,
    SqlValue? Quota,
    string? Problem)
{
    private const string Full = "the row has too little room: it takes no more deltas, and these are merged once they fit";

    /// <summary>By row and slot.</summary>
    public static IEnumerable<SpilledSlot> Of(
        TableDescriptor table,
        IReadOnlyList<ShardId> slots,
        IEnumerable<SpilledRow> rows,
        IReadOnlyDictionary<string, long> conflicts,
        IEnumerable<SpilledQuota> quotas,
        long nowMicroseconds)
    {
        var keys = new KeyBuilder(table);
        string TextOf(SqlValue[] key) => RowKeyText.Of(table, keys.Suffix(key)) ?? string.Empty;
        Dictionary<(string Key, int Slot), SqlValue> free = quotas.ToDictionary(
            quota => (TextOf(quota.Key), quota.Slot), static quota => quota.Free);
        SpilledRow[] all = [.. rows];

        // A row that takes no more has deltas only where they may not fit.
        HashSet<string> open = [.. all.Where(static row => row.IsHeader).Select(row => TextOf(row.Key))];
        return all
            .GroupBy(row => (Key: TextOf(row.Key), row.Slot))
            .OrderBy(static group => group.Key.Key, System.StringComparer.Ordinal)
            .ThenBy(static group => group.Key.Slot)
            .Select(group =>
            {
                long[] made = [.. group.Where(static row => !row.IsHeader).Select(static row => DeltaId.MicrosecondsOf(row.Id))];
                return new SpilledSlot(
                    table.Name,
                    group.Key.Key,
                    open.Contains(group.Key.Key) ? ReasonOf(table.Spillover!, group.First().Key) : null,
                    group.Key.Slot,
                    slots[group.Key.Slot],
                    made.Length,
                    made.Length == 0 ? null : long.Max(0, nowMicroseconds - made.Min()) / 1_000,
                    conflicts.GetValueOrDefault(group.Key.Key),
                    free.TryGetValue(group.Key, out SqlValue quota) ? quota : null,
                    open.Contains(group.Key.Key) ? null : Full);
            });
    }

    /// <summary>As a row of <c>shard.spillover</c>.</summary>
    public SqlValue[] ToRow() =>
    [
        SqlValue.FromText(Table),
        SqlValue.FromText(Key),
        Reason is null ? SqlValue.NullOf(Sql.Tree.SqlKind.Text) : SqlValue.FromText(Reason),
        SqlValue.FromInt32(Slot),
        SqlValue.FromText(Shard.ToString()),
        SqlValue.FromInt64(Pending),
        OldestMs is { } oldest ? SqlValue.FromInt64(oldest) : SqlValue.NullOf(Sql.Tree.SqlKind.Int64),
        SqlValue.FromInt64(Conflicts),
        Quota ?? SqlValue.NullOf(Sql.Tree.SqlKind.Decimal),
        Problem is null ? SqlValue.NullOf(Sql.Tree.SqlKind.Text) : SqlValue.FromText(Problem),
    ];

    private static string? ReasonOf(SpilloverDescriptor spillover, SqlValue[] key) => spillover switch
    {
        { IsEnding: true } => null,
        { Trigger: SpilloverTrigger.Always } => "always",
        _ when spillover.IsNamed(key) => "key",
        { Trigger: SpilloverTrigger.Auto } => "hot",
        _ => null,
    };
}
