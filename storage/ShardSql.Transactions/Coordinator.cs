using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// One attempt to commit a transaction over several shards, or its recovery: collects one durable vote from every
/// participant and knows the outcome once all are there (commit.md §3, steps 2–4 and 6). Holds no timer: whoever
/// drives it asks again the shards in <see cref="Missing"/>. A lost vote is never replaced by a guess.
/// </summary>
public sealed class Coordinator
{
    private readonly Vote?[] _votes;

    /// <summary>A coordinator of an attempt.</summary>
    /// <param name="id">The attempt's id.</param>
    /// <param name="stamp">c(T).</param>
    /// <param name="participants">All participants; the list is part of the transaction and the same for everybody.</param>
    public Coordinator(TxnId id, HlcTimestamp stamp, IReadOnlyList<ShardId> participants)
    {
        Invariant.Check(participants.Count > 0, "A transaction has a participant.");
        Id = id;
        Stamp = stamp;
        Participants = participants;
        _votes = new Vote?[participants.Count];
    }

    /// <summary>The attempt's id.</summary>
    public TxnId Id { get; }

    /// <summary>c(T).</summary>
    public HlcTimestamp Stamp { get; }

    /// <summary>All participants.</summary>
    public IReadOnlyList<ShardId> Participants { get; }

    /// <summary>The outcome, once all have voted.</summary>
    public Decision? Decision { get; private set; }

    /// <summary>The votes, once all are there.</summary>
    public IReadOnlyList<Vote> Votes
    {
        get
        {
            Invariant.Check(Decision is not null, "Votes are handed on only when all are there.");
            var all = new List<Vote>(_votes.Length);
            foreach (Vote? vote in _votes)
            {
                all.Add(vote!);
            }

            return all;
        }
    }

    /// <summary>
    /// Whether a durable no has been seen: the client may be told before the other votes are there, because the
    /// outcome cannot become commit any more.
    /// </summary>
    public Vote? FirstNo { get; private set; }

    /// <summary>Participants whose vote is not there yet.</summary>
    public IEnumerable<ShardId> Missing
    {
        get
        {
            for (int i = 0; i < _votes.Length; i++)
            {
                if (_votes[i] is null)
                {
                    yield return Participants[i];
                }
            }
        }
    }

    /// <summary>Takes a vote. A second vote of the same shard must say the same: registers are written once.</summary>
    /// <returns>True when this vote completed the outcome.</returns>
    public bool Take(Vote vote)
    {
        int index = IndexOf(vote.Shard);
        Invariant.Check(index >= 0, "Only a participant votes.");
        if (_votes[index] is { } earlier)
        {
            Invariant.Check(
                earlier.Ok == vote.Ok && earlier.Eta == vote.Eta && earlier.Pi == vote.Pi,
                "A shard's vote never changes.");
            return false;
        }

        _votes[index] = vote;
        FirstNo ??= vote.Ok ? null : vote;
        foreach (Vote? other in _votes)
        {
            if (other is null)
            {
                return false;
            }
        }

        Decision = Vote.Decide(Stamp, _votes!);
        return true;
    }

    private int IndexOf(ShardId shard)
    {
        for (int i = 0; i < Participants.Count; i++)
        {
            if (Participants[i] == shard)
            {
                return i;
            }
        }

        return -1;
    }
}
