namespace ShardSql.Transactions;

/// <summary>
/// How long a PREPARE is held back so that an earlier stamp can overtake it. Zero until late refusals show that holding
/// would pay; doubled while they stay frequent, halved when they are rare (commit.md §3, Scheduling).
/// </summary>
public sealed class AdaptiveHold
{
    /// <summary>Votes between two decisions.</summary>
    public const int WindowVotes = 64;

    /// <summary>The first hold that is tried, µs.</summary>
    public const long FirstUs = 30;

    /// <summary>The longest hold, µs.</summary>
    public const long MaxUs = 1_000;

    private const int LatePercentToHold = 10;

    private int _votes;
    private int _late;

    /// <summary>The hold now, µs.</summary>
    public long Microseconds { get; private set; }

    /// <summary>Counts a vote on a PREPARE.</summary>
    public void Count(bool late)
    {
        _votes++;
        _late += late ? 1 : 0;
        if (_votes < WindowVotes)
        {
            return;
        }

        bool frequent = _late * 100 >= _votes * LatePercentToHold;
        Microseconds = frequent
            ? long.Min(MaxUs, Microseconds == 0 ? FirstUs : Microseconds * 2)
            : Microseconds <= FirstUs ? 0 : Microseconds / 2;
        _votes = 0;
        _late = 0;
    }
}
