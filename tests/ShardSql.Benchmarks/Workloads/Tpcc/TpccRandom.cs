using System;
using System.Linq;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>How TPC-C draws (clauses 2.1.6 and 4.3.2).</summary>
internal static class TpccRandom
{
    // Run-time constants; that of last names differs from the loader's as much as clause 2.1.6.1 wants.
    private const int CustomerC = 17;
    private const int ItemC = 59;
    private const int LastNameRunC = 223;
    private const int LastNameLoadC = 157;

    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly string[] s_syllables =
        ["BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING"];

    /// <summary>NURand(A, x, y) with the constant C: numbers from x to y, some far more often than others.</summary>
    public static int NURand(Random random, int a, int c, int x, int y) =>
        (((random.Next(a + 1) | random.Next(x, y + 1)) + c) % (y - x + 1)) + x;

    /// <summary>Draws a customer of a district.</summary>
    public static int NextCustomer(Random random) =>
        NURand(random, TpccScale.CustomerA, CustomerC, 1, TpccScale.Customers);

    /// <summary>Draws an item.</summary>
    public static int NextItem(Random random) => NURand(random, TpccScale.ItemA, ItemC, 1, TpccScale.Items);

    /// <summary>Draws the last name that a client asks for.</summary>
    public static string NextLastName(Random random) =>
        LastNameOf(NURand(random, TpccScale.LastNameA, LastNameRunC, 0, TpccScale.LastNames - 1));

    /// <summary>The last name of a customer when the table is filled: each name once, then drawn.</summary>
    public static string LastNameOfCustomer(Random random, int customer) => LastNameOf(
        customer <= TpccScale.LastNames
            ? customer - 1
            : NURand(random, TpccScale.LastNameA, LastNameLoadC, 0, TpccScale.LastNames - 1));

    /// <summary>The name of a number from 0 to 999: a syllable for each digit.</summary>
    public static string LastNameOf(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)number, 999u, nameof(number));
        return s_syllables[number / 100] + s_syllables[number / 10 % 10] + s_syllables[number % 10];
    }

    /// <summary>Letters and digits.</summary>
    public static string NextText(Random random, int least, int most) => string.Create(
        random.Next(least, most + 1),
        random,
        static (text, source) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = Letters[source.Next(Letters.Length)];
            }
        });

    /// <summary>Digits.</summary>
    public static string NextDigits(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('0' + random.Next(10))));

    /// <summary>A number of hundredths, from least to most of them.</summary>
    public static decimal NextHundredths(Random random, int least, int most) => random.Next(least, most + 1) / 100m;
}
