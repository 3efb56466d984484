using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>Number and checksum of the rows that a snapshot sees: two shards that hold the same rows come to the same,
/// whatever else they keep of them.</summary>
public sealed class RowSum
{
    /// <summary>How many rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Over keys, values and cstamps, in the order of the keys.</summary>
    public ulong Checksum { get; private set; }

    /// <summary>Adds what a snapshot sees of a key.</summary>
    /// <param name="copy">All that is kept of the key.</param>
    /// <param name="at">The snapshot; not below the horizon of whoever keeps it.</param>
    public void Add(KeyCopy copy, HlcTimestamp at)
    {
        System.ArgumentNullException.ThrowIfNull(copy);
        (byte[]? value, HlcTimestamp cstamp) = (copy.SettledValue, copy.SettledCstamp);
        foreach (KeyVersion version in copy.Versions)
        {
            if (!version.InBase && version.Cstamp <= at)
            {
                (value, cstamp) = (version.Value, version.Cstamp);
            }
        }

        if (value is null || cstamp > at)
        {
            return;
        }

        Rows++;
        ulong row = Hash64.Combine(Hash64.Compute(copy.Key), Hash64.Compute(value));
        Checksum = Hash64.Combine(Checksum, Hash64.Combine(row, Hash64.Combine(cstamp.Time, cstamp.Source)));
    }
}
