using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Jobs;

/// <summary>A part that has been compared.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Next">The last key of it; null: nothing of its place is left.</param>
internal sealed record ComparedPart(int Rows, byte[]? Next);

/// <summary>
/// Compares a table with its rows under their new keys, by number and checksum, a part at a time and each at a snapshot of
/// its own: first whether every row is among the new ones, shard by shard, then whether every new one is of a row. What is
/// written between two parts is written to both.
/// </summary>
internal sealed class RewriteComparison(GatewayServices services, IndexBackfill backfill)
{
    private readonly IReadOnlyList<ShardId> _rows = backfill.Shards();
    private readonly IReadOnlyList<ShardId> _entries = backfill.EntryShards();

    /// <summary>The shards with rows, and those with new rows.</summary>
    public int Places => _rows.Count + _entries.Count;

    /// <summary>Compares a part.</summary>
    /// <param name="place">Of which of <see cref="Places"/>.</param>
    /// <param name="after">The last key that has been compared there; null: none yet.</param>
    /// <param name="ended">Ends the reading.</param>
    /// <exception cref="SqlException">XX001: the rows are not the same.</exception>
    public Task<ComparedPart> CompareAsync(int place, byte[]? after, CancellationToken ended) => services.Store.ChangeAsync(
        async transaction =>
        {
            using MemoryAccount account = MemoryAccount.ForStatement(services.Memory);
            var reading = new Reading(services, transaction, account, ended);
            return (await (place < _rows.Count
                ? OfRowsAsync(_rows[place], after, reading)
                : OfEntriesAsync(_entries[place - _rows.Count], after, reading)), HasWrites: false);
        },
        ended);

    private async Task<ComparedPart> OfRowsAsync(ShardId shard, byte[]? after, Reading reading)
    {
        List<SqlValue[]> rows = await reading.ReadAsync(backfill.Read(shard, after, GatewayLimits.BackfillBatchRows));
        var wanted = new List<BackfillEntry>(rows.Count);
        var there = new List<SqlValue[]>(rows.Count);
        wanted.AddRange(rows.Select(row => backfill.EntryOf(row, shard)));
        foreach (IGrouping<ShardId, BackfillEntry> part in wanted.GroupBy(static entry => entry.Shard))
        {
            there.AddRange(await reading.ReadAsync(backfill.ReadEntries(part.Key, [.. part])));
        }

        Require(SumOf(wanted), SumOf(there), $"rows of shard {shard}");
        return new ComparedPart(rows.Count, IsLast(rows) ? null : backfill.RowKeyOf(rows[^1]));
    }

    private async Task<ComparedPart> OfEntriesAsync(ShardId shard, byte[]? after, Reading reading)
    {
        List<SqlValue[]> there = await reading.ReadAsync(
            backfill.ReadEntries(shard, after, GatewayLimits.BackfillBatchRows));
        var wanted = new List<BackfillEntry>(there.Count);
        foreach (ShardTask task in backfill.ReadRows(there))
        {
            wanted.AddRange((await reading.ReadAsync(task)).Select(row => backfill.EntryOf(row, task.Shard)));
        }

        Require(SumOf(wanted), SumOf(there), $"the rows of what was written anew at shard {shard}");
        return new ComparedPart(there.Count, IsLast(there) ? null : backfill.KeyOf(there[^1]));
    }

    private static bool IsLast(List<SqlValue[]> part) => part.Count < GatewayLimits.BackfillBatchRows;

    private static void Require(Sum rows, Sum anew, string which)
    {
        if (rows != anew)
        {
            throw new SqlException(
                SqlStates.DataCorrupted,
                $"the rows that were written anew are not those of the table: {rows.Rows} {which} with checksum "
                    + $"{rows.Checksum:x16}, {anew.Rows} new ones with {anew.Checksum:x16}");
        }
    }

    private static Sum SumOf(List<BackfillEntry> entries) =>
        entries.Aggregate(default(Sum), static (sum, entry) => sum.With(entry.Key, entry.Value));

    private Sum SumOf(List<SqlValue[]> entries) => entries.Aggregate(
        default(Sum), (sum, entry) => sum.With(backfill.KeyOf(entry), IndexEntry.Value(entry)));

    /// <summary>Number and checksum of rows in whatever order.</summary>
    private readonly record struct Sum(long Rows, ulong Checksum)
    {
        public Sum With(byte[] key, byte[] value) =>
            new(Rows + 1, unchecked(Checksum + Hash64.Combine(Hash64.Compute(key), Hash64.Compute(value))));
    }

    /// <summary>Reads at the snapshot of one part.</summary>
    private sealed class Reading(
        GatewayServices services, OpenTransaction transaction, MemoryAccount account, CancellationToken ended)
    {
        public async Task<List<SqlValue[]>> ReadAsync(ShardTask task)
        {
            using var gathering = new RowGathering(services.Runner, [task], transaction, NoSink.Instance, ended);
            return await gathering.RunAsync(account);
        }
    }
}
