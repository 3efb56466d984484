using System;
using System.Collections.Generic;
using ShardSql.Sql;

namespace ShardSql.Planning.Partitioning;

/// <summary>What a partition must be like.</summary>
public sealed record PartitionOptions
{
    /// <summary>Most parts.</summary>
    public const int PartsMax = 256;

    /// <summary>Most vertices times parts: the refinement keeps a weight for each of them.</summary>
    public const long CellsMax = 1L << 26;

    /// <summary>Greatest balance bound: a part ten times its share.</summary>
    public const int BalancePerMilleMax = 10_000;

    /// <summary>Greatest share of a part.</summary>
    public const int ShareMax = 1_000_000;

    /// <summary>Most V-cycles.</summary>
    public const int CyclesMax = 64;

    /// <summary>Number of parts.</summary>
    public required int Parts { get; init; }

    /// <summary>How the load is shared between the parts, in any unit; null: evenly.</summary>
    public IReadOnlyList<int>? Shares { get; init; }

    /// <summary>The most that a part may weigh, in thousandths of its share: 1030 for 3 % above.</summary>
    public int BalancePerMille { get; init; } = 1030;

    /// <summary>The same seed and graph give the same partition.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>V-cycles after the first descent: each contracts inside the parts and refines again.</summary>
    public int Cycles { get; init; } = 1;

    /// <summary>Refuses options that ask for what there is not.</summary>
    internal void Check(int vertices)
    {
        Require(Parts is >= 1 and <= PartsMax, $"a partition has 1 to {PartsMax} parts, not {Parts}");
        Require(
            BalancePerMille is >= 1000 and <= BalancePerMilleMax,
            $"the balance bound is 1000 to {BalancePerMilleMax} thousandths of a part's share, not {BalancePerMille}");
        Require(Cycles is >= 0 and <= CyclesMax, $"a partition takes 0 to {CyclesMax} cycles, not {Cycles}");
        if (vertices > CellsMax / Parts)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded,
                FormattableString.Invariant(
                    $"{vertices} vertices in {Parts} parts: their product is beyond {CellsMax}"));
        }

        if (Shares is null)
        {
            return;
        }

        Require(Shares.Count == Parts, $"{Parts} parts have as many shares, not {Shares.Count}");
        foreach (int share in Shares)
        {
            Require(share is >= 1 and <= ShareMax, $"a part's share is 1 to {ShareMax}, not {share}");
        }
    }

    private static void Require(bool holds, FormattableString otherwise)
    {
        if (!holds)
        {
            throw new SqlException(SqlStates.InvalidParameterValue, FormattableString.Invariant(otherwise));
        }
    }
}
