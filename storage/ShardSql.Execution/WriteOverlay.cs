using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>What the statements of a fragment have written so far, in key order; a null value deletes.</summary>
internal sealed class WriteOverlay
{
    private const int EntryOverheadBytes = 128;

    private readonly SortedSet<byte[]> _keys = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], byte[]?> _values = new(ByteKeyComparer.Instance);
    private readonly MemoryAccount _account;

    public WriteOverlay(MemoryAccount account) => _account = account;

    /// <summary>Keys written.</summary>
    public int Count => _keys.Count;

    /// <summary>Writes a key, or deletes it.</summary>
    public void Put(byte[] key, byte[]? value)
    {
        if (_values.TryGetValue(key, out byte[]? old))
        {
            _account.Release(old?.Length ?? 0);
            _account.Reserve(value?.Length ?? 0);
        }
        else
        {
            _account.Reserve(key.Length + (value?.Length ?? 0) + EntryOverheadBytes);
            _keys.Add(key);
        }

        _values[key] = value;
    }

    /// <summary>What becomes of the quota of another key, or of its own, when a key that is written here commits.</summary>
    public Dictionary<byte[], RowQuota> Quotas { get; } = new(ByteKeyComparer.Instance);

    /// <summary>What all of that comes to for the quota of a key.</summary>
    public Int128 ChangeOf(byte[] key)
    {
        Int128 sum = 0;
        foreach (RowQuota quota in Quotas.Values)
        {
            sum += ByteKeyComparer.Instance.Equals(quota.Key, key) ? quota.Amount : 0;
        }

        return sum;
    }

    /// <summary>Whether the key was written here, and as what.</summary>
    public bool TryGet(byte[] key, out byte[]? value) => _values.TryGetValue(key, out value);

    /// <summary>What was written in a range, in key order.</summary>
    public IEnumerable<KeyValuePair<byte[], byte[]?>> Within(KeyRange range)
    {
        if (_keys.Max is not { } last || ByteKeyComparer.Instance.Compare(range.Start, last) > 0)
        {
            yield break;
        }

        foreach (byte[] key in _keys.GetViewBetween(range.Start, last))
        {
            if (!range.Contains(key))
            {
                yield break;
            }

            yield return KeyValuePair.Create(key, _values[key]);
        }
    }

    /// <summary>All writes in key order.</summary>
    public IReadOnlyList<RowWrite> ToList()
    {
        var list = new List<RowWrite>(_keys.Count);
        foreach (byte[] key in _keys)
        {
            list.Add(new RowWrite(key, _values[key], Quotas.GetValueOrDefault(key)));
        }

        return list;
    }
}
