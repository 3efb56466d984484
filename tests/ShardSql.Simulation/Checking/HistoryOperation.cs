using System;
using System.Collections.Generic;

namespace ShardSql.Simulation.Checking;

/// <summary>What a client knows of its transaction.</summary>
public enum HistoryOutcome
{
    /// <summary>It committed.</summary>
    Ok,

    /// <summary>It surely did not.</summary>
    Fail,

    /// <summary>Nobody told.</summary>
    Info,
}

/// <summary>One step of a list-append transaction: it reads a list, or appends to it.</summary>
/// <param name="Key">The list.</param>
/// <param name="Append">The element appended, unique in the history; null for a read.</param>
/// <param name="Read">The list that was read.</param>
public readonly record struct MicroOperation(int Key, int? Append, IReadOnlyList<int> Read)
{
    /// <summary>An append.</summary>
    public static MicroOperation OfAppend(int key, int element) => new(key, element, []);

    /// <summary>A read.</summary>
    public static MicroOperation OfRead(int key, params int[] list) => new(key, null, list);

    /// <inheritdoc />
    public override string ToString() => Append is { } element
        ? FormattableString.Invariant($"append({Key},{element})")
        : FormattableString.Invariant($"r({Key})=[{string.Join(' ', Read)}]");
}

/// <summary>A transaction of a history, with the time it began and ended on one monotonic clock.</summary>
public sealed record HistoryOperation
{
    /// <summary>The client; its transactions follow each other.</summary>
    public required int Process { get; init; }

    /// <summary>When it began.</summary>
    public required long InvokedAt { get; init; }

    /// <summary>When its outcome was known; not used for <see cref="HistoryOutcome.Info"/>.</summary>
    public required long CompletedAt { get; init; }

    /// <summary>How it ended.</summary>
    public HistoryOutcome Outcome { get; init; }

    /// <summary>Its steps. Reads of a transaction that is not Ok are not looked at.</summary>
    public required IReadOnlyList<MicroOperation> Steps { get; init; }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"p{Process} {Outcome} {InvokedAt}–{CompletedAt}: {string.Join(", ", Steps)}");
}
