using System;
using System.Globalization;
using System.Linq;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>
/// Keys and values. A record's key is a hash of its number, so records that are drawn often, or were inserted one after
/// another, lie far from each other; a value names its key and field, and a counter.
/// </summary>
internal static class YcsbRecord
{
    /// <summary>Fields of a record.</summary>
    public const int Fields = 10;

    /// <summary>Characters of a field.</summary>
    public const int FieldLength = 100;

    private const int CounterDigits = 10;

    // FNV-1a, 64 bits, as YCSB hashes.
    private const ulong FnvOffset = 0xCBF29CE484222325;
    private const ulong FnvPrime = 1_099_511_628_211;

    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>The key of record <paramref name="number"/>, 0 or more.</summary>
    public static long KeyOf(long number)
    {
        ulong hash = FnvOffset;
        for (int i = 0; i < sizeof(long); i++)
        {
            hash = (hash ^ (byte)(number >> (8 * i))) * FnvPrime;
        }

        return (long)(hash & long.MaxValue);
    }

    /// <summary>A value of a field: where it belongs, a counter, and noise.</summary>
    public static string ValueOf(long key, int field, long counter, Random random)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{HeadOf(key, field)}{counter:D10}.");
        return head + string.Create(
            FieldLength - head.Length,
            random,
            static (text, source) =>
            {
                for (int i = 0; i < text.Length; i++)
                {
                    text[i] = Letters[source.Next(Letters.Length)];
                }
            });
    }

    /// <summary>All values of a new record.</summary>
    public static string[] ValuesOf(long key, Random random) =>
        [.. Enumerable.Range(0, Fields).Select(field => ValueOf(key, field, 0, random))];

    /// <summary>The counter of a value, which must be one of this field.</summary>
    public static long CounterOf(long key, int field, string value)
    {
        string head = HeadOf(key, field);
        return value.Length == FieldLength
            && value.StartsWith(head, StringComparison.Ordinal)
            && long.TryParse(
                value.AsSpan(head.Length, CounterDigits),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long counter)
            ? counter
            : throw new BenchmarkException($"Field {field} of {key} holds a value that was not written there: {value}");
    }

    private static string HeadOf(long key, int field) =>
        string.Create(CultureInfo.InvariantCulture, $"{key:x16}.{field}.");
}
