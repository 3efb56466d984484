using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>A write that a leader has proposed and that is not applied yet.</summary>
/// <param name="Id">The transaction.</param>
/// <param name="Stamp">c(T).</param>
/// <param name="ReadFloor">The read stamps that its entry carries: a snapshot at or below it is accounted for.</param>
/// <param name="IsPrepare">A PREPARE's value becomes visible only with its OUTCOME.</param>
/// <param name="Value">The value.</param>
public sealed record ProposedWrite(TxnId Id, HlcTimestamp Stamp, HlcTimestamp ReadFloor, bool IsPrepare, byte[]? Value);

/// <summary>
/// What a leader has proposed and not yet applied, by key. ONEs read through it, snapshots and PREPAREs wait for it.
/// Volatile: it ends with the leadership.
/// </summary>
public sealed class ProposalTable
{
    private readonly OrderedMap<List<ProposedWrite>> _byKey = new();
    private readonly List<(Guard Guard, TxnId Id, HlcTimestamp Stamp)> _guards = [];

    /// <summary>Keys with a proposed write.</summary>
    public int Count => _byKey.Count;

    /// <summary>Adds the writes of a command that was proposed.</summary>
    public void Add(TxnId id, HlcTimestamp stamp, HlcTimestamp readFloor, TransactionShare share, bool isPrepare)
    {
        foreach (KeyWrite write in share.Writes)
        {
            if (!_byKey.TryGet(write.Key, out List<ProposedWrite>? writes))
            {
                writes = new List<ProposedWrite>(1);
                _byKey.Set(write.Key, writes);
            }

            writes.Add(new ProposedWrite(id, stamp, readFloor, isPrepare, write.Value));
        }

        share.NewGuards.ForEach(guard => _guards.Add((guard, id, stamp)));
    }

    /// <summary>Removes the writes of a command that was applied.</summary>
    public void Remove(TxnId id, TransactionShare share)
    {
        foreach (KeyWrite write in share.Writes)
        {
            if (_byKey.TryGet(write.Key, out List<ProposedWrite>? writes))
            {
                writes.RemoveAll(proposed => proposed.Id == id);
                if (writes.Count == 0)
                {
                    _byKey.Remove(write.Key);
                }
            }
        }

        if (share.NewGuards.Count > 0)
        {
            _guards.RemoveAll(held => held.Id == id);
        }
    }

    /// <summary>Proposed writes of a key, in order.</summary>
    public IReadOnlyList<ProposedWrite> Of(byte[] key) =>
        _byKey.TryGet(key, out List<ProposedWrite>? writes) ? writes : [];

    /// <summary>Proposed writes in a range, by key.</summary>
    public IEnumerable<KeyValuePair<byte[], List<ProposedWrite>>> In(KeyRange range) => _byKey.Range(range);

    /// <summary>A proposed transaction with a smaller stamp that sets a guard, or null.</summary>
    public TxnId? SetterOf(Guard guard, HlcTimestamp below)
    {
        foreach ((Guard held, TxnId id, HlcTimestamp stamp) in _guards)
        {
            if (held.Kind == guard.Kind && held.Id == guard.Id && stamp < below)
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>The newest ONE's write of a key that is on its way, or null: what an evaluation reads.</summary>
    public ProposedWrite? NewestOne(byte[] key)
    {
        IReadOnlyList<ProposedWrite> writes = Of(key);
        for (int i = writes.Count - 1; i >= 0; i--)
        {
            if (!writes[i].IsPrepare)
            {
                return writes[i];
            }
        }

        return null;
    }
}
