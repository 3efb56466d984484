using System;
using System.Buffers.Binary;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

public sealed class RowCacheTests
{
    private readonly RowCache _cache = new();

    [Fact]
    public void TryGet_givesWhatWasPutLast()
    {
        _cache.Put([1], Row(5, [7, 8]));
        _cache.Put([2], BaseRow.Absent);
        _cache.Put([1], Row(6, []));

        Assert.True(_cache.TryGet([1], out BaseRow row));
        Assert.Equal((At(6), 0), (row.Cstamp, row.Value!.Length));
        Assert.True(_cache.TryGet([2], out BaseRow absent));
        Assert.Null(absent.Value);
        Assert.False(_cache.TryGet([3], out _));
    }

    [Fact]
    public void Put_ofALongRow_forgetsTheKey()
    {
        _cache.Put([1], Row(5, [7]));
        _cache.Put([1], Row(6, new byte[RowCache.ValueBytesMax + 1]));
        Assert.False(_cache.TryGet([1], out _));
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public void Put_beyondTheBound_forgetsTheOldestAndKeepsTheNewest()
    {
        byte[] value = new byte[1_000];
        int rows = RowCache.BlocksMax * RowCache.BlockBytes / value.Length;
        for (int i = 0; i < rows * 5 / 2; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(value, i);
            _cache.Put(Key(i), Row((ulong)i, value));
            _cache.Put(Key(-1), Row((ulong)i, value));
        }

        Assert.InRange(_cache.Count, rows / 3, rows / 2);
        Assert.False(_cache.TryGet(Key(0), out _));
        Assert.True(_cache.TryGet(Key(-1), out BaseRow often));
        Assert.Equal(At((ulong)(rows * 5 / 2) - 1), often.Cstamp);
        for (int i = (rows * 5 / 2) - (rows / 3); i < rows * 5 / 2; i++)
        {
            Assert.True(_cache.TryGet(Key(i), out BaseRow row));
            Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(row.Value));
        }
    }

    private static byte[] Key(int number) => BitConverter.GetBytes(number);

    private static HlcTimestamp At(ulong time) => new(time, 1);

    private static BaseRow Row(ulong time, byte[] value) => new(At(time), value);
}
