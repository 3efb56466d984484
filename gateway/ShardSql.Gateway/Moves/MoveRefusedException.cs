using System;

using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Moves;

/// <summary>A shard refuses a step of a move.</summary>
internal sealed class MoveRefusedException : Exception
{
    public MoveRefusedException()
    {
    }

    public MoveRefusedException(string message)
        : base(message)
    {
    }

    public MoveRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public MoveRefusedException(string message, MoveVerdict verdict)
        : base(message) => Verdict = verdict;

    /// <summary>Why.</summary>
    public MoveVerdict Verdict { get; }
}
