using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Spillover;

/// <summary>
/// Looks after what has spilled from one table, again and again (sharding.md §4): merges what is old or much, ends rows that
/// are calm, and gives the table as many spill shards as its load asks for. What it remembers from look to look may be
/// lost: all that it does is right at any time.
/// </summary>
internal sealed class SpillKeeper(GatewayServices services, SpilloverService spillover, uint table)
{
    // Looks at headers, in a row, at which a row had no deltas.
    private const int IdleLooks = 2;

    private readonly FullRows _full = new();
    private readonly HashSet<byte[]> _seen = new(ByteKeyComparer.Instance);
    private Dictionary<byte[], int> _idle = new(ByteKeyComparer.Instance);
    private SlotLoad _load = new();
    private long _lookedMs;
    private long _headersLookedMs;
    private (int FirstSlot, HlcTimestamp At)? _empty;

    private long NowMs => services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Looks, if it is time.</summary>
    public async Task LookAsync(SpilloverDescriptor known, CancellationToken ended)
    {
        long nowMs = NowMs;
        long elapsedMs = long.Abs(nowMs - _lookedMs);
        if (elapsedMs < IntervalMs(known))
        {
            return;
        }

        (SpilledRows? spilled, List<SpilledRow> rows) = await spillover.ReadAsync(
            table, withHeaders: false, SpilloverService.RowsRead, ended);
        if (spilled?.Table.Spillover is not { } found)
        {
            return;
        }

        int came = CountNew(rows);
        bool isFirst = _lookedMs == 0;
        _lookedMs = nowMs;
        if (!isFirst && !found.IsEnding && found.SlotsRead == found.Slots)
        {
            await ResizeAsync(found, came, elapsedMs, rows.Count < SpilloverService.RowsRead, ended);
        }

        await MergeDueAsync(spilled, found, rows, ended);
        if (long.Abs(nowMs - _headersLookedMs) >= Ms(GatewayLimits.SpilloverCalm))
        {
            _headersLookedMs = nowMs;
            await LookAtHeadersAsync(found, ended);
        }
    }

    private static long IntervalMs(SpilloverDescriptor known) => Ms(known.MergedAfter < GatewayLimits.SpilloverInterval
        ? TimeSpan.FromTicks(long.Max(known.MergedAfter.Ticks, GatewayLimits.SpilloverTick.Ticks))
        : GatewayLimits.SpilloverInterval);

    private static long Ms(TimeSpan time) => (long)time.TotalMilliseconds;

    /// <summary>Deltas that the look before did not find: those that came and were merged since are missed.</summary>
    private int CountNew(List<SpilledRow> rows)
    {
        int known = rows.Count(row => _seen.Contains(row.Id));
        _seen.Clear();
        _seen.UnionWith(rows.Select(static row => row.Id));
        return rows.Count - known;
    }

    private async Task MergeDueAsync(
        SpilledRows spilled, SpilloverDescriptor found, List<SpilledRow> rows, CancellationToken ended)
    {
        long now = NowMs * 1_000;
        long old = now - (long)found.MergedAfter.TotalMicroseconds;
        long calm = now - (long)GatewayLimits.SpilloverCalm.TotalMicroseconds;

        // As many as are read at once may hide older ones behind them.
        bool isMuch = rows.Count >= SpilloverService.RowsRead;
        IGrouping<byte[], SpilledRow>[] byRow = [.. SpilloverService.ByRow(rows)];
        _full.Keep(byRow.Select(static row => row.Key));
        foreach (IGrouping<byte[], SpilledRow> row in byRow)
        {
            SqlValue[] key = row.First().Key;
            bool isCalm = !found.IsMeant(key) && row.All(delta => DeltaId.MicrosecondsOf(delta.Id) <= calm);
            bool isDue = isCalm || isMuch || found.IsEnding || row.Count() >= found.MaxPending
                || row.Any(delta => DeltaId.MicrosecondsOf(delta.Id) <= old);
            if (isDue && _full.IsDue(row.Key, row.Count(), NowMs)
                && await spillover.MergeOrCloseAsync(spilled, key, isCalm ? 0 : null, ended) is not null)
            {
                _full.Add(row.Key, row.Count(), NowMs);
            }
        }
    }

    private async Task LookAtHeadersAsync(SpilloverDescriptor found, CancellationToken ended)
    {
        if (found.Trigger != SpilloverTrigger.Always)
        {
            await EndIdleAsync(ended);
        }

        if (found.SlotsRead > found.Slots)
        {
            await EmptySlotsAsync(found, ended);
        }
        else
        {
            _empty = null;
        }
    }

    /// <summary>Rows that nobody named, and that nothing was added to for a while, take no more deltas.</summary>
    private async Task EndIdleAsync(CancellationToken ended)
    {
        (SpilledRows? spilled, List<SpilledRow> rows) = await spillover.ReadAsync(
            table, withHeaders: true, GatewayLimits.MaxSpilloverHeaders, ended);
        var idle = new Dictionary<byte[], int>(ByteKeyComparer.Instance);
        foreach (IGrouping<byte[], SpilledRow> row in SpilloverService.ByRow(rows))
        {
            SqlValue[] key = row.First().Key;
            if (spilled!.Table.Spillover!.IsMeant(key) || row.Any(static found => !found.IsHeader))
            {
                continue;
            }

            idle[row.Key] = _idle.GetValueOrDefault(row.Key) + 1;
            if (idle[row.Key] == IdleLooks)
            {
                idle.Remove(row.Key);
                await spillover.MergeAsync(spilled, key, firstEnded: 0, ended);
            }
        }

        _idle = idle;
    }

    /// <summary>Takes what is left out of slots that take no more deltas, and ends them when nothing is.</summary>
    private async Task EmptySlotsAsync(SpilloverDescriptor known, CancellationToken ended)
    {
        (SpilledRows? spilled, List<SpilledRow> rows) = await spillover.ReadAsync(
            table, withHeaders: true, SpilloverService.RowsRead, ended, known.Slots);
        if (spilled?.Table.Spillover?.Slots != known.Slots)
        {
            return;
        }

        foreach (IGrouping<byte[], SpilledRow> row in SpilloverService.ByRow(rows))
        {
            // What does not fit into its row stays where it is, and the slot with it.
            _ = await spillover.MergeOrCloseAsync(spilled, row.First().Key, known.Slots, ended);
        }

        if (rows.Count == 0 && await IsSettledAsync(spilled, ended))
        {
            _ = await services.Schema.ChangeAsync(
                state => SlotChanges.Trim(spillover.Context(state), table), static _ => Task.FromResult(true), ended);
        }
    }

    /// <summary>Whether nobody can read at a snapshot from before they were empty, without what was in them. Whoever reads the
    /// table reads its first slot, too.</summary>
    private async Task<bool> IsSettledAsync(SpilledRows spilled, CancellationToken ended)
    {
        SpilloverDescriptor found = spilled.Table.Spillover!;
        if (_empty?.FirstSlot != found.Slots)
        {
            _empty = (found.Slots, services.Stamps.Next());
        }

        ShardId first = spilled.Slots[0];
        if ((await services.Client.MoveAsync(first, null, ended)).Horizon >= _empty.Value.At)
        {
            return true;
        }

        // The horizon of a shard without traffic stays where it is: a key that no row has is traffic.
        return await services.Store.ChangeAsync(
            transaction =>
            {
                transaction.At(first).Write(new KeyWrite(RowKeyLayout.RowPrefix(found.DeltasTableId), null));
                return Task.FromResult((false, HasWrites: true));
            },
            ended);
    }

    private async Task ResizeAsync(SpilloverDescriptor known, int came, long elapsedMs, bool isWhole, CancellationToken ended)
    {
        (_load, int slots) = _load.Look(known, came, elapsedMs, isWhole);
        if (slots != known.Slots)
        {
            _ = await services.Schema.ChangeAsync(
                state => SlotChanges.Resize(state, table, slots), static _ => Task.FromResult(true), ended);
        }
    }
}
