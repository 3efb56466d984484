using System;
using System.Collections.Generic;

namespace ShardSql.Primitives;

/// <summary>Unsigned lexicographic order of byte strings: the order of keys everywhere.</summary>
public sealed class ByteKeyComparer : IComparer<byte[]>, IEqualityComparer<byte[]>
{
    /// <summary>The one instance.</summary>
    public static ByteKeyComparer Instance { get; } = new();

    private ByteKeyComparer()
    {
    }

    /// <inheritdoc />
    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);

    /// <inheritdoc />
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <inheritdoc />
    public int GetHashCode(byte[] obj) => (int)Hash64.Compute(obj);
}

/// <summary>Keys from <see cref="Start"/> (included) to <see cref="End"/> (not included; null: no end).</summary>
public readonly record struct KeyRange(byte[] Start, byte[]? End)
{
    /// <summary>All keys.</summary>
    public static KeyRange All => new([], null);

    /// <summary>Whether the key lies in the range.</summary>
    public bool Contains(ReadOnlySpan<byte> key) =>
        key.SequenceCompareTo(Start) >= 0 && (End is null || key.SequenceCompareTo(End) < 0);

    /// <summary>Whether the two ranges share a key.</summary>
    public bool Overlaps(KeyRange other) =>
        (End is null || ByteKeyComparer.Instance.Compare(other.Start, End) < 0)
        && (other.End is null || ByteKeyComparer.Instance.Compare(Start, other.End) < 0);

    /// <summary>All keys that begin with the prefix.</summary>
    public static KeyRange Prefix(byte[] prefix)
    {
        byte[] end = (byte[])prefix.Clone();
        for (int i = end.Length - 1; i >= 0; i--)
        {
            if (++end[i] != 0)
            {
                return new KeyRange(prefix, end[..(i + 1)]);
            }
        }

        return new KeyRange(prefix, null);
    }

    /// <summary>The smallest key above this one.</summary>
    public static byte[] Successor(ReadOnlySpan<byte> key)
    {
        byte[] next = new byte[key.Length + 1];
        key.CopyTo(next);
        return next;
    }

    /// <inheritdoc />
    public bool Equals(KeyRange other) =>
        ByteKeyComparer.Instance.Equals(Start, other.Start)
        && (End is null ? other.End is null : other.End is not null && ByteKeyComparer.Instance.Equals(End, other.End));

    /// <inheritdoc />
    public override int GetHashCode() => (int)(Hash64.Compute(Start) ^ (End is null ? 0 : Hash64.Compute(End) << 1));

    /// <inheritdoc />
    public override string ToString() =>
        $"[{Convert.ToHexString(Start)}, {(End is null ? "∞" : Convert.ToHexString(End))})";
}
