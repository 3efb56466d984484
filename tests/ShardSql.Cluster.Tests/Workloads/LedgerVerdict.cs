using System.Collections.Generic;
using System.Linq;

using Xunit;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>What a <see cref="Ledger"/> shows against what its clients were told.</summary>
internal sealed record LedgerVerdict
{
    /// <summary>Acknowledged, and not there.</summary>
    public required IReadOnlyList<long> Lost { get; init; }

    /// <summary>There more than once.</summary>
    public required IReadOnlyList<long> Repeated { get; init; }

    /// <summary>There in part: the row without its id in the text, or the id without the row.</summary>
    public required IReadOnlyList<long> Torn { get; init; }

    /// <summary>There, though the client was told that it was rolled back.</summary>
    public required IReadOnlyList<long> Undead { get; init; }

    /// <summary>Accounts whose balance is not what the transfers make it.</summary>
    public required IReadOnlyList<string> WrongBalances { get; init; }

    /// <summary>Fails unless all is as it was told.</summary>
    public void AssertClean() =>
        Assert.True(Lost.Count + Repeated.Count + Torn.Count + Undead.Count + WrongBalances.Count == 0, ToString());

    /// <inheritdoc />
    public override string ToString() =>
        $"lost: {Some(Lost)}; repeated: {Some(Repeated)}; torn: {Some(Torn)}; "
        + $"rolled back, but there: {Some(Undead)}; wrong balances: {Some(WrongBalances)}";

    private static string Some<T>(IReadOnlyList<T> all)
    {
        const int shown = 20;
        return all.Count == 0 ? "none" : $"{all.Count} ({string.Join(", ", all.Take(shown))})";
    }
}
