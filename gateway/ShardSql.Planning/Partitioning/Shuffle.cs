using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>Orders drawn from a seeded source.</summary>
internal static class Shuffle
{
    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    public static int[] Numbers(int count, Prng random)
    {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = i;
        }

        InPlace(numbers, random);
        return numbers;
    }

    /// <summary>Fisher and Yates.</summary>
    public static void InPlace(Span<int> items, Prng random)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }
}
