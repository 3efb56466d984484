using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>What became of a commit.</summary>
internal enum CommitVerdict
{
    /// <summary>It is durable.</summary>
    Committed,

    /// <summary>A participant refused, or the window over all of them is violated; surely not committed.</summary>
    Refused,

    /// <summary>A participant could not be reached and surely knows nothing: not committed.</summary>
    Unavailable,

    /// <summary>The deadline came before the outcome was known (40003).</summary>
    Unknown,
}

/// <summary>The outcome of one attempt, or of the last one.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Id">Of the attempt.</param>
/// <param name="Stamp">c(T).</param>
/// <param name="Participants">Who voted.</param>
internal sealed record CommitOutcome(
    CommitVerdict Verdict, TxnId Id, HlcTimestamp Stamp, IReadOnlyList<ShardId> Participants)
{
    /// <summary>The refusal, if one participant said no.</summary>
    public Vote? No { get; init; }

    /// <summary>Merged η and π, where all agreed and the window is violated all the same.</summary>
    public Decision? Decision { get; init; }

    /// <summary>The tables that the transaction used.</summary>
    public IReadOnlyCollection<uint> Tables { get; init; } = [];

    /// <summary>What was tried in vain.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether the same reads and writes may pass under a new attempt and stamp (commit.md §3).</summary>
    public bool MayPassAgain => Verdict == CommitVerdict.Refused
        && (No?.Reason is RefusalReason.Late or RefusalReason.Busy or RefusalReason.Closed or RefusalReason.Refused
            || IsBehind);

    // Nothing that it read was overwritten before its stamp: only the stamp is not above all that it comes after, such as a
    // scan that was begun later and came first. That is late, too, though whom it met has been decided.
    private bool IsBehind => No is { Reason: RefusalReason.Window } no && no.Pi == Stamp && no.Eta >= Stamp;

    /// <summary>Whether a segment is about to move, or has moved: the same reads and writes may pass at its new owner.
    /// </summary>
    public bool IsOfMove => Verdict == CommitVerdict.Refused
        && No?.Reason is RefusalReason.Moving or RefusalReason.StaleEpoch;

    /// <summary>Why it was refused.</summary>
    public RefusalReason Reason => No?.Reason ?? RefusalReason.Window;
}
