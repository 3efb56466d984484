using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>Number and checksum of rows, by which a move compares its shards.</summary>
public sealed class RowSumTests
{
    [Fact]
    public void Add_ofTheSameRow_settledHereAndAVersionThere_isTheSame()
    {
        RowSum settled = SumOf(50, new KeyCopy { Key = [1], SettledValue = [9], SettledCstamp = At(10) });
        RowSum version = SumOf(50, new KeyCopy { Key = [1], Versions = [Version(10, 9)] });
        RowSum before = SumOf(50, new KeyCopy { Key = [1], Versions = [Version(5, 8), Version(10, 9), Version(60, 7)] });
        Assert.Equal((1, settled.Checksum), (version.Rows, version.Checksum));
        Assert.Equal((1, settled.Checksum), (before.Rows, before.Checksum));
    }

    [Fact]
    public void Add_ofADeletedOrLaterRow_countsNothing()
    {
        Assert.Equal(0, SumOf(50, new KeyCopy { Key = [1], Versions = [Version(10, null)] }).Rows);
        Assert.Equal(0, SumOf(50, new KeyCopy { Key = [1], Versions = [Version(60, 9)] }).Rows);
        Assert.Equal(0, SumOf(50, new KeyCopy { Key = [1], SettledValue = [9], SettledCstamp = At(60) }).Rows);
    }

    [Fact]
    public void Checksum_ofAnotherKeyValueOrStamp_isAnother()
    {
        var seen = new SortedSet<ulong>();
        Assert.True(seen.Add(SumOf(50, new KeyCopy { Key = [1], SettledValue = [9], SettledCstamp = At(10) }).Checksum));
        Assert.True(seen.Add(SumOf(50, new KeyCopy { Key = [2], SettledValue = [9], SettledCstamp = At(10) }).Checksum));
        Assert.True(seen.Add(SumOf(50, new KeyCopy { Key = [1], SettledValue = [8], SettledCstamp = At(10) }).Checksum));
        Assert.True(seen.Add(SumOf(50, new KeyCopy { Key = [1], SettledValue = [9], SettledCstamp = At(11) }).Checksum));
    }

    private static RowSum SumOf(ulong at, KeyCopy copy)
    {
        var sum = new RowSum();
        sum.Add(copy, At(at));
        return sum;
    }

    private static KeyVersion Version(ulong at, byte? value) => new()
    {
        Cstamp = At(at), Value = value is { } some ? [some] : null,
    };
}
