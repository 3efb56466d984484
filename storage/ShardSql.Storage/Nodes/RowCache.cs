using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Rows in a ring of blocks, a row written last in the block written last: the oldest block is used again for the newest
/// rows. However many rows there are, they are few objects: a collector that must look at each holds up the node's loop.
/// </summary>
internal sealed class RowCache
{
    /// <summary>Bytes after which the next block is begun.</summary>
    public const int BlockBytes = 32 * 1024;

    /// <summary>Most blocks, 32 MiB in all.</summary>
    public const int BlocksMax = 1_024;

    /// <summary>Most bytes of a value; a longer one is not kept.</summary>
    public const int ValueBytesMax = 4_096;

    private readonly ByteWriter?[] _blocks = new ByteWriter?[BlocksMax];

    // By the hash of the key: of two keys with one hash the newer is kept.
    private readonly Dictionary<ulong, Place> _places = [];
    private int _newest;

    /// <summary>How many rows there are.</summary>
    public int Count => _places.Count;

    /// <summary>A row that was put there, if it is there still.</summary>
    public bool TryGet(byte[] key, out BaseRow row)
    {
        if (_places.TryGetValue(Hash64.Compute(key), out Place place))
        {
            var reader = new ByteReader(_blocks[place.Block]!.WrittenSpan[place.Start..]);
            if (reader.ReadRaw(reader.ReadCount()).SequenceEqual(key))
            {
                row = new BaseRow(reader.ReadStamp(), reader.ReadNullableBytes());
                return true;
            }
        }

        row = default;
        return false;
    }

    /// <summary>Puts a row in the place of what is there of its key.</summary>
    public void Put(byte[] key, BaseRow row)
    {
        ulong hash = Hash64.Compute(key);
        if (row.Value is { Length: > ValueBytesMax })
        {
            _places.Remove(hash);
            return;
        }

        ByteWriter block = _blocks[_newest] ??= new ByteWriter();
        if (block.Length >= BlockBytes)
        {
            _newest = (_newest + 1) % BlocksMax;
            block = _blocks[_newest] ??= new ByteWriter();
            Empty(block);
        }

        _places[hash] = new Place(_newest, block.Length);
        block.WriteBytes(key);
        block.WriteStamp(row.Cstamp);
        block.WriteNullableBytes(row.Value);
    }

    private void Empty(ByteWriter block)
    {
        var reader = new ByteReader(block.WrittenSpan);
        while (reader.Remaining > 0)
        {
            var place = new Place(_newest, block.Length - reader.Remaining);
            ulong hash = Hash64.Compute(reader.ReadRaw(reader.ReadCount()));
            _ = reader.ReadStamp();
            _ = reader.ReadNullableBytes();
            if (_places.TryGetValue(hash, out Place current) && current == place)
            {
                _places.Remove(hash);
            }
        }

        block.Clear();
    }

    private readonly record struct Place(int Block, int Start);
}
