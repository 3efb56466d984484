using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ShardSql.Primitives;

/// <summary>Assertions that stay on: a broken one is a programming error and ends the replica (style.md 14).</summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantException"/> with the reason when the condition does not hold.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        string why,
        [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition)
        {
            throw new InvariantException($"{why} ({expression})");
        }
    }
}

/// <summary>An invariant of a core does not hold; the replica must stop rather than go on with a wrong state.</summary>
public sealed class InvariantException : Exception
{
    /// <summary>An exception with no text.</summary>
    public InvariantException()
    {
    }

    /// <summary>An exception that says which invariant broke.</summary>
    public InvariantException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public InvariantException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
