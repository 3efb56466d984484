using System;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// Whether a table is to have a spill shard more, or one less (sharding.md §4), by how many deltas come to each in a second. A
/// value: each look returns it as it stands afterwards. One is added soon, because load waits for nobody, and taken away late,
/// because load that swings must not have them come and go.
/// </summary>
/// <param name="Deltas">Those that came since the last judgement.</param>
/// <param name="ElapsedMs">The time since then.</param>
/// <param name="Above">Judgements in a row that found too many.</param>
/// <param name="Below">Judgements in a row that found too few.</param>
public sealed record SlotLoad(long Deltas = 0, long ElapsedMs = 0, int Above = 0, int Below = 0)
{
    /// <summary>How long is counted until it is judged, ms.</summary>
    public const int WindowMs = 1_000;

    /// <summary>Judgements in a row that add a spill shard.</summary>
    public const int AboveNeeded = 2;

    /// <summary>Judgements in a row that take one away.</summary>
    public const int BelowNeeded = 10;

    /// <summary>Takes what a look found.</summary>
    /// <param name="spillover">How many there are, and bounds.</param>
    /// <param name="deltas">Those that came since the last look.</param>
    /// <param name="elapsedMs">The time since the last look.</param>
    /// <param name="isWhole">Whether all that came were counted.</param>
    /// <returns>How many spill shards there are to be.</returns>
    public (SlotLoad Next, int Slots) Look(SpilloverDescriptor spillover, long deltas, long elapsedMs, bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(spillover);
        var seen = this with { Deltas = Deltas + deltas, ElapsedMs = ElapsedMs + elapsedMs, Below = isWhole ? Below : 0 };
        if (seen.ElapsedMs < WindowMs)
        {
            return (seen, spillover.Slots);
        }

        int slots = spillover.Slots;
        double rate = seen.Deltas * 1_000.0 / seen.ElapsedMs;
        bool isAbove = slots < spillover.MaxSlots && rate > (double)spillover.SplitAt * slots;
        bool isBelow = isWhole && slots > spillover.MinSlots
            && rate < (double)spillover.MergeAt * slots && rate < (double)spillover.SplitAt * (slots - 1);
        var judged = new SlotLoad(Above: isAbove ? Above + 1 : 0, Below: isBelow ? seen.Below + 1 : 0);
        return judged.Above == AboveNeeded ? (new SlotLoad(), slots + 1)
            : judged.Below == BelowNeeded ? (new SlotLoad(), slots - 1)
            : (judged, slots);
    }
}
