using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Counts keys into a fixed number of cells, several for each key; answers "may be there" or "surely not". No false
/// negatives while every key that is removed was added (seed 004).
/// </summary>
public sealed class CountingBloomFilter
{
    private const int Hashes = 4;
    private const int Cells = 1 << 14;

    private readonly uint[] _counts = new uint[Cells];

    /// <summary>Look-ups that found the key possibly there.</summary>
    public long Hits { get; private set; }

    /// <summary>Look-ups.</summary>
    public long Checks { get; private set; }

    /// <summary>Adds a key once.</summary>
    public void Add(byte[] key)
    {
        ulong hash = Hash64.Compute(key);
        for (int i = 0; i < Hashes; i++)
        {
            _counts[Cell(hash, i)]++;
        }
    }

    /// <summary>Takes a key out that was added.</summary>
    public void Remove(byte[] key)
    {
        ulong hash = Hash64.Compute(key);
        for (int i = 0; i < Hashes; i++)
        {
            ref uint count = ref _counts[Cell(hash, i)];
            Invariant.Check(count > 0, "Only a key that was added is removed.");
            count--;
        }
    }

    /// <summary>Whether the key may be there.</summary>
    public bool MayContain(byte[] key)
    {
        Checks++;
        ulong hash = Hash64.Compute(key);
        for (int i = 0; i < Hashes; i++)
        {
            if (_counts[Cell(hash, i)] == 0)
            {
                return false;
            }
        }

        Hits++;
        return true;
    }

    // Two halves of one hash give as many independent cells as are needed (Kirsch and Mitzenmacher, 2006).
    private static int Cell(ulong hash, int i) => (int)(((uint)hash + ((uint)i * (uint)(hash >> 32))) % Cells);
}
