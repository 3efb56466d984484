using System.Collections.Generic;

namespace ShardSql.Simulation.Cluster;

/// <summary>
/// Rare states by name. A deep run in which one of them is never reached is too tame to prove anything about it.
/// </summary>
internal static class ReachGoals
{
    public static IReadOnlyList<string> All { get; } =
    [
        "leader change with open votes",
        "leader ended with open votes",
        "floor above the clock",
        "recovery by REFUSE",
        "REFUSE after a vote",
        "session refused",
        "answer to a request that was sent again",
        "evaluation stale at apply",
        "gateway asked by QUERY",
        "gateway lost in commit",
        "outcome asked for",
        "read met retry",
        "reader validated",
        "read SnapshotTooOld",
        "vote Late",
        "vote Closed",
        "vote Refused",
        "vote Window",
        "vote SnapshotTooOld",
        "attempt again after Late",
        "attempt again after Refused",
        "cursor",
        "cursor lost",
        "snapshot drawn by the shard",
        "stall before an answer",
        "horizon",
        "log cut",
        "torn tail cut",
        "node ended by its disk",
        "snapshot installed",
        "caught up by the log",
        "log damaged",
        "log relearned",
        "store set aside",
        "wiped node refused",
        "clock corrected by the others",
        "gateway restarted for its clock",
        "read TooFarAhead",
        "refused for a full disk",
        "ONE refused without an entry: DiskFull",
        "read waited for a lease",
        "outcome without its gateway",
        "SQL: inserted where nothing was found",
        "SQL: bookings seen",
        "SQL: names seen by their index",
        "SQL: pets seen",
        "SQL: purses seen",
        "SQL: safes seen",
        "SQL: slates seen",
        "SQL: gauges seen",
        "statement failed: 23505",
        "statement failed: 23503",
    ];
}
