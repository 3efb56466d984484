using System;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Execution;

/// <summary>Rows that show when they were committed.</summary>
public sealed class RowStampTests
{
    [Fact]
    public void Bytes_compareAsStampsDo()
    {
        HlcTimestamp[] stamps = [HlcTimestamp.Zero, new(0, 1), new(1, 0), new(1, ulong.MaxValue), new(256, 0), new(ulong.MaxValue, 3), HlcTimestamp.Infinity];
        byte[][] bytes = [.. stamps.Reverse().Select(RowStamp.ToBytes).Order(ByteKeyComparer.Instance)];
        Assert.Equal(stamps, bytes.Select(static stamp => RowStamp.Read(stamp)));
        Assert.Equal(HlcTimestamp.Infinity, RowStamp.Read(RowStamp.Open));
    }

    [Fact]
    public void Previous_isRightBelow()
    {
        Assert.Equal(new HlcTimestamp(5, 6), new HlcTimestamp(5, 7).Previous);
        Assert.Equal(new HlcTimestamp(4, ulong.MaxValue), new HlcTimestamp(5, 0).Previous);
    }

    [Fact]
    public void Only_aRowThatEndsWithItsStamp_isShownWithIt()
    {
        var stamp = new HlcTimestamp(7, 8);
        byte[] stored = [RowKeyLayout.StampedRowVersion, 42, .. RowStamp.Open];
        Assert.Equal([RowKeyLayout.StampedRowVersion, 42, .. RowStamp.ToBytes(stamp)], RowStamp.Shown(stored, stamp));
        Assert.Equal(RowStamp.Open, stored.AsSpan(2).ToArray());
        byte[] plain = [RowKeyLayout.RowVersion, 42, .. RowStamp.Open];
        Assert.Same(plain, RowStamp.Shown(plain, stamp));
        byte[] shortened = [RowKeyLayout.StampedRowVersion, 1];
        Assert.Same(shortened, RowStamp.Shown(shortened, stamp));
    }
}
