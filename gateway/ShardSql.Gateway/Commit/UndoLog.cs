using System.Collections.Generic;

using ShardSql.Planning.Moves;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Commit;

/// <summary>What the writes of a transaction replaced in its buffers, in their order, so that they can be taken back to a
/// savepoint.</summary>
internal sealed class UndoLog
{
    private readonly List<(ShardId Shard, byte[] Key, bool WasWritten, byte[]? Value)> _writes = [];

    /// <summary>Whether anything is kept: only once there is a savepoint.</summary>
    public bool IsKept { get; set; }

    /// <summary>Writes that could be taken back.</summary>
    public int Count => _writes.Count;

    /// <summary>Keeps what a write replaces.</summary>
    public void Add(ShardId shard, byte[] key, bool wasWritten, byte[]? value)
    {
        if (IsKept)
        {
            _writes.Add((shard, key, wasWritten, value));
        }
    }

    /// <summary>Takes the newest write out; there is one.</summary>
    public (ShardId Shard, byte[] Key, bool WasWritten, byte[]? Value) Pop()
    {
        (ShardId, byte[], bool, byte[]?) last = _writes[^1];
        _writes.RemoveAt(_writes.Count - 1);
        return last;
    }

    /// <summary>Rows have moved: their writes belong to other shards now.</summary>
    /// <param name="homes">Where keys live.</param>
    /// <param name="entryOf">The buffered value of a key, which says whose entry it is.</param>
    public void Follow(KeyHomes homes, System.Func<byte[], byte[]?> entryOf)
    {
        for (int i = 0; i < _writes.Count; i++)
        {
            (ShardId shard, byte[] key, bool wasWritten, byte[]? value) = _writes[i];
            _writes[i] = (homes.Of(key, value ?? entryOf(key))?.Shard ?? shard, key, wasWritten, value);
        }
    }
}
