using System;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Commit;

/// <summary>
/// The client's name of a transaction, and the attempts made under it: each new one is another id, and starts only
/// after a durable no (commit.md §3).
/// </summary>
internal sealed class TransactionName(UInt128 session, ulong sequence)
{
    private uint _attempt;

    /// <summary>The id of the attempt made last; attempt 0: none yet.</summary>
    public TxnId LastAttempt => new(session, sequence, _attempt);

    /// <inheritdoc />
    public override string ToString() => LastAttempt.ToString();

    /// <summary>The id of a new attempt.</summary>
    public TxnId NextAttempt() => new(session, sequence, ++_attempt);
}
