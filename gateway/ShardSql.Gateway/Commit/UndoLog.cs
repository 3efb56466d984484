using System.Collections.Generic;

using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>What the writes of a transaction replaced in its buffers, in their order, so that they can be taken back to a
/// savepoint.</summary>
internal sealed class UndoLog
{
    private readonly List<(ShardId Shard, byte[] Key, KeyWrite? Earlier)> _writes = [];

    /// <summary>Whether anything is kept: only once there is a savepoint.</summary>
    public bool IsKept { get; set; }

    /// <summary>Writes that could be taken back.</summary>
    public int Count => _writes.Count;

    /// <summary>Keeps what a write replaces.</summary>
    /// <param name="shard">Where.</param>
    /// <param name="key">The key.</param>
    /// <param name="earlier">What was to be written there; null: nothing.</param>
    public void Add(ShardId shard, byte[] key, KeyWrite? earlier)
    {
        if (IsKept)
        {
            _writes.Add((shard, key, earlier));
        }
    }

    /// <summary>Takes the newest write out; there is one.</summary>
    public (ShardId Shard, byte[] Key, KeyWrite? Earlier) Pop()
    {
        (ShardId, byte[], KeyWrite?) last = _writes[^1];
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
            (ShardId shard, byte[] key, KeyWrite? earlier) = _writes[i];
            _writes[i] = (homes.Of(key, earlier?.Value ?? entryOf(key))?.Shard ?? shard, key, earlier);
        }
    }
}
