using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>Bytes that are nearly a message: bits flipped, numbers at their ends, cut, doubled, spliced.</summary>
internal static class ByteMutator
{
    private static readonly byte[][] s_numbers =
    [
        [0], [1], [0x7F], [0x80], [0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x08],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0, 0, 0, 0, 0x80],
    ];

    /// <summary>A message with one to four changes; <paramref name="other"/> gives bytes to splice in.</summary>
    public static byte[] Mutate(Prng random, ReadOnlySpan<byte> message, ReadOnlySpan<byte> other)
    {
        List<byte> bytes = [.. message];
        for (int changes = 1 + random.Next(4); changes > 0; changes--)
        {
            Change(random, bytes, other);
        }

        return [.. bytes];
    }

    /// <summary>Bytes that are nothing.</summary>
    public static byte[] Noise(Prng random, int mostBytes)
    {
        var bytes = new byte[random.Next(mostBytes + 1)];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(20));
        }

        return bytes;
    }

    private static void Change(Prng random, List<byte> bytes, ReadOnlySpan<byte> other)
    {
        int at = random.Next(bytes.Count + 1);
        switch (random.Next(8))
        {
            case 0 or 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3 when at < bytes.Count:
                bytes.RemoveAt(at);
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                byte[] number = s_numbers[random.Next(s_numbers.Length)];
                bytes.RemoveRange(at, Math.Min(random.Next(number.Length + 1), bytes.Count - at));
                bytes.InsertRange(at, number);
                break;
            case 6:
                int from = random.Next(bytes.Count + 1);
                bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(24), bytes.Count - from)));
                break;
            default:
                int begin = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.Slice(begin, Math.Min(random.Next(40), other.Length - begin)).ToArray());
                break;
        }
    }
}
