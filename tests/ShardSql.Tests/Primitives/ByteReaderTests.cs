using System;

using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Primitives;

public sealed class ByteReaderTests
{
    [Fact]
    public void Read_pastTheEnd_failsAndGivesZeros()
    {
        var reader = new ByteReader([1, 2, 3]);
        Assert.Equal(0u, reader.ReadUInt32());
        Assert.True(reader.Failed);
        Assert.Equal(0, reader.ReadByte());
        Assert.Equal(0ul, reader.ReadVarint());
        Assert.Empty(reader.ReadBytes());
        Assert.False(reader.EndedWell);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, ulong.MaxValue, false)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02 }, 0ul, true)]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, 0ul, true)]
    [InlineData(new byte[] { 0x80 }, 0ul, true)]
    [InlineData(new byte[] { 0xAC, 0x02 }, 300ul, false)]
    public void ReadVarint_atTheEdges_readsOrFails(byte[] bytes, ulong expected, bool fails)
    {
        var reader = new ByteReader(bytes);
        Assert.Equal(expected, reader.ReadVarint());
        Assert.Equal(fails, reader.Failed);
    }

    [Fact]
    public void ReadCount_ofMoreThanThereIs_failsBeforeAnythingIsAllocated()
    {
        var writer = new ByteWriter();
        writer.WriteVarint(int.MaxValue);
        var reader = new ByteReader(writer.WrittenSpan);
        Assert.Equal(0, reader.ReadCount(1));
        Assert.True(reader.Failed);
    }

    [Fact]
    public void ReadBoolean_otherThanZeroAndOne_fails()
    {
        var reader = new ByteReader([2]);
        Assert.False(reader.ReadBoolean());
        Assert.True(reader.Failed);
    }

    [Fact]
    public void ReadCommand_ofRandomBytes_neverThrows()
    {
        var random = new Prng(4);
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(60)];
            foreach (ref byte one in bytes.AsSpan())
            {
                one = (byte)random.Next(random.Chance(500_000) ? 4 : 256);
            }

            var reader = new ByteReader(bytes);
            read += Command.Read(ref reader) is null ? 0 : 1;
        }

        Assert.InRange(read, 1, 19_999);
    }
}
