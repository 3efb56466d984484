using System;

namespace ShardSql.Gateway.Jobs;

/// <summary>Times of leases, by the clocks of several gateways.</summary>
internal static class LeaseTime
{
    /// <summary>Whether somebody has a lease. One that ends later than any that is given out now was written by a clock that
    /// was ahead, and would keep all others away until then. Two holders do no harm: what the one with the older epoch does is
    /// refused.</summary>
    public static bool IsHeld(long untilMs, long nowMs, TimeSpan length) =>
        untilMs > nowMs && untilMs <= nowMs + (2 * (long)length.TotalMilliseconds);
}
