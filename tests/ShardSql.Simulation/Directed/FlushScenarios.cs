using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>What a flush has to write of versions that come and go.</summary>
internal static class FlushScenarios
{
    private static readonly byte[] s_key = [1];

    /// <summary>A key's versions are stored, leave, come back and leave again before the next flush: it must delete those
    /// that are stored.</summary>
    public static string? VersionsThatLeaveTwice()
    {
        var versions = new VersionStore();
        Install(versions, ms: 1);
        bool stored = versions.TakeChanged() is [{ Value: not null }];
        Settle(versions, ms: 2);
        Install(versions, ms: 3);
        Settle(versions, ms: 4);
        List<KeyValuePair<byte[], KeyState?>> changed = versions.TakeChanged();
        return !stored || versions.KeyCount > 0 ? "nothing was stored, or it did not leave, so nothing was shown"
            : changed is [{ Value: null }] ? null : $"{changed.Count} keys are written, and none is deleted";
    }

    /// <summary>A key's versions come and leave between two flushes: no flush has anything to say of them.</summary>
    public static string? VersionsThatWereNeverStored()
    {
        var versions = new VersionStore();
        Install(versions, ms: 1);
        Settle(versions, ms: 2);
        int changed = versions.TakeChanged().Count;
        return versions.KeyCount > 0 ? "the versions did not leave, so nothing was shown"
            : changed == 0 ? null : "a key is deleted that was never stored";
    }

    private static void Install(VersionStore versions, long ms)
    {
        HlcTimestamp stamp = HlcTimestamp.FromPhysicalMs(ms);
        versions.Install(s_key, new KeyVersion { Value = [1], Cstamp = stamp, Pstamp = stamp }, HlcTimestamp.Zero);
    }

    private static void Settle(VersionStore versions, long ms) =>
        versions.Settle(HlcTimestamp.FromPhysicalMs(ms), new StampBuckets());
}
