using System;
using System.Globalization;

namespace ShardSql.Protocol.Framing;

/// <summary>The header <c>grpc-timeout</c>: at most 8 digits and a unit (H M S m u n).</summary>
public static class GrpcTimeout
{
    private const long MaxValue = 99_999_999;
    private const int MaxDigits = 8;
    private const long NanosecondsPerTick = 100;

    private static readonly (char Unit, long Ticks)[] s_units =
    [
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>A call's deadline; null: none.</summary>
    /// <exception cref="GrpcException">The header is malformed: INVALID_ARGUMENT.</exception>
    public static TimeSpan? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return TryDecode(text, out var timeout)
            ? timeout
            : throw new GrpcException(GrpcStatusCode.InvalidArgument, $"malformed grpc-timeout '{text}'");
    }

    /// <summary>
    /// The header's value in the finest unit that fits, rounded up; what has passed already becomes the least there is.
    /// </summary>
    public static string Encode(TimeSpan timeout)
    {
        var ticks = Math.Clamp(timeout.Ticks, 0, GrpcLimits.MaxTimeout.Ticks);
        foreach (var (unit, ticksPerUnit) in s_units)
        {
            var value = (ticks + ticksPerUnit - 1) / ticksPerUnit;
            if (value <= MaxValue)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(value, 1)}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{MaxValue}H");
    }

    /// <summary>Reads the header's value; false when it is not one.</summary>
    public static bool TryDecode(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MaxDigits + 1)
        {
            return false;
        }

        var unit = text[^1];
        if (!long.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        if (unit == 'n')
        {
            timeout = TimeSpan.FromTicks((value + NanosecondsPerTick - 1) / NanosecondsPerTick);
            return true;
        }

        var index = Array.FindIndex(s_units, candidate => candidate.Unit == unit);
        if (index < 0)
        {
            return false;
        }

        var ticks = Math.Min(value, GrpcLimits.MaxTimeout.Ticks / s_units[index].Ticks) * s_units[index].Ticks;
        timeout = TimeSpan.FromTicks(ticks);
        return true;
    }
}
