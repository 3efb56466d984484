using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Maxima of read stamps, hashed by key into a fixed number of buckets: what is left of a key's pstamp when its versions
/// are not in memory, and the leader's unlogged read stamps. Two keys in one bucket can only abort more than needed.
/// </summary>
public sealed class StampBuckets
{
    /// <summary>How many there are; part of the replicated state, so it never changes.</summary>
    public const int Count = 16_384;

    private readonly HlcTimestamp[] _stamps = new HlcTimestamp[Count];

    /// <summary>The highest stamp that a key of this key's bucket was read at.</summary>
    public HlcTimestamp At(byte[] key) => _stamps[IndexOf(key)];

    /// <summary>Records a read.</summary>
    public void Raise(byte[] key, HlcTimestamp stamp)
    {
        ref HlcTimestamp current = ref _stamps[IndexOf(key)];
        current = HlcTimestamp.Max(current, stamp);
    }

    /// <summary>Writes the buckets that are above a stamp; the others say nothing that the stamp does not.</summary>
    public void Write(ByteWriter writer, HlcTimestamp above)
    {
        int used = 0;
        foreach (HlcTimestamp stamp in _stamps)
        {
            used += stamp > above ? 1 : 0;
        }

        writer.WriteVarint((ulong)used);
        for (int i = 0; i < Count; i++)
        {
            if (_stamps[i] > above)
            {
                writer.WriteVarint((ulong)i);
                writer.WriteStamp(_stamps[i]);
            }
        }
    }

    /// <summary>Reads buckets.</summary>
    public static StampBuckets Read(ref ByteReader reader)
    {
        var buckets = new StampBuckets();
        for (int i = reader.ReadCount(1 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            ulong index = reader.ReadVarint();
            HlcTimestamp stamp = reader.ReadStamp();
            if (index < Count)
            {
                buckets._stamps[index] = stamp;
            }
        }

        return buckets;
    }

    private static int IndexOf(byte[] key) => (int)(Hash64.Compute(key) % Count);
}
