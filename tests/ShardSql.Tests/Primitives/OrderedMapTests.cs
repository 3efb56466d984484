using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Primitives;

public sealed class OrderedMapTests
{
    [Fact]
    public void RandomOperations_agreeWithASortedDictionary()
    {
        var random = new Prng(3);
        var map = new OrderedMap<string>();
        var model = new SortedDictionary<byte[], string>(ByteKeyComparer.Instance);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] key = RandomKey(random);
            switch (random.Next(4))
            {
                case 0:
                    Assert.Equal(model.Remove(key), map.Remove(key));
                    break;
                case 1:
                    Assert.Equal(model.TryGetValue(key, out string? expected), map.TryGet(key, out string? actual));
                    Assert.Equal(expected, actual);
                    break;
                default:
                    map.Set(key, "v" + i);
                    model[key] = "v" + i;
                    break;
            }

            Assert.Equal(model.Count, map.Count);
        }

        for (int i = 0; i < 500; i++)
        {
            var range = new KeyRange(RandomKey(random), random.Chance(200_000) ? null : RandomKey(random));
            Assert.Equal(
                model.Where(pair => range.Contains(pair.Key)).Select(pair => pair.Value),
                map.Range(range).Select(pair => pair.Value));
            byte[] at = RandomKey(random);
            string? floor = model.LastOrDefault(pair => ByteKeyComparer.Instance.Compare(pair.Key, at) <= 0).Value;
            Assert.Equal(floor is not null, map.TryFloor(at, out string? found));
            Assert.Equal(floor, found);
        }
    }

    [Fact]
    public void AscendingOperations_agreeWithASortedDictionary()
    {
        var random = new Prng(5);
        var map = new OrderedMap<string>();
        var model = new SortedDictionary<byte[], string>(ByteKeyComparer.Instance);
        for (int round = 0; round < 300; round++)
        {
            var keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
            for (int i = random.Next(60); i > 0; i--)
            {
                keys.Add(RandomKey(random));
            }

            if (random.Chance(500_000))
            {
                map.RemoveAscending(keys);
                keys.ToList().ForEach(key => model.Remove(key));
            }
            else
            {
                map.SetAscending(keys.Select(key => KeyValuePair.Create(key, "v" + round)));
                keys.ToList().ForEach(key => model[key] = "v" + round);
            }

            Assert.Equal(model.Select(pair => pair.Value), map.Range(KeyRange.All).Select(pair => pair.Value));
            Assert.Equal(model.Keys, map.Range(KeyRange.All).Select(pair => pair.Key));
        }
    }

    [Fact]
    public void TryFloor_ofAnEmptyMap_findsNothing()
    {
        var map = new OrderedMap<string>();
        Assert.False(map.TryFloor([1], out _));
        map.Set([], "first");
        Assert.True(map.TryFloor([], out string? value));
        Assert.Equal("first", value);
    }

    private static byte[] RandomKey(Prng random)
    {
        byte[] key = new byte[random.Next(4)];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = (byte)random.Next(6);
        }

        return key;
    }
}
