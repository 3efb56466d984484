using System;
using System.Globalization;

namespace ShardSql.Benchmarks.Workloads.Tatp;

/// <summary>How TATP draws subscribers and the rest (TATP Benchmark Description 1.0).</summary>
internal static class TatpKeys
{
    /// <summary>Subscribers 1 and up.</summary>
    public const int Subscribers = 5_000;

    /// <summary>Kinds of access and of special facilities are 1 to this.</summary>
    public const int Kinds = 4;

    private const int NumberLength = 15;

    // The description's A for up to a million subscribers.
    private const int SubscriberA = 65_535;

    private static readonly int[] s_startTimes = [0, 8, 16];

    /// <summary>Draws a subscriber, not uniformly.</summary>
    public static int NextSubscriber(Random random) =>
        ((random.Next(SubscriberA + 1) | random.Next(1, Subscribers + 1)) % Subscribers) + 1;

    /// <summary>Draws a kind of access or special facility.</summary>
    public static int NextKind(Random random) => random.Next(1, Kinds + 1);

    /// <summary>Draws the hour that a call forwarding begins at.</summary>
    public static int NextStartTime(Random random) => s_startTimes[random.Next(s_startTimes.Length)];

    /// <summary>Draws the hour that a call forwarding from this hour on ends at.</summary>
    public static int NextEndTime(Random random, int startTime) => startTime + random.Next(1, 9);

    /// <summary>Draws from 1 to 4 kinds, or so many start times: a subset that is not empty, in order.</summary>
    public static int[] NextSubset(Random random, int least, params int[] all)
    {
        int[] shuffled = [.. all];
        random.Shuffle(shuffled);
        int[] some = shuffled[..random.Next(least, all.Length + 1)];
        Array.Sort(some);
        return some;
    }

    /// <summary>The hours that call forwardings begin at.</summary>
    public static int[] StartTimes => [.. s_startTimes];

    /// <summary>A subscriber's number as it is dialled.</summary>
    public static string NumberOf(int subscriber) =>
        subscriber.ToString(CultureInfo.InvariantCulture).PadLeft(NumberLength, '0');

    /// <summary>Capital letters.</summary>
    public static string NextLetters(Random random, int length) => string.Create(
        length,
        random,
        static (text, source) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = (char)('A' + source.Next(26));
            }
        });
}
