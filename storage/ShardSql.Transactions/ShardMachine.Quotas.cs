using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>Quotas of keys: reserved by a vote, spent or given back by the outcome (sharding.md §4).</summary>
public sealed partial class ShardMachine
{
    /// <summary>What can be taken from the quota of a key; null: it has none.</summary>
    public Int128? FreeAt(byte[] key) => Versions.Find(key)?.Quota?.Free;

    private void CheckQuotas(ref Window window, TransactionShare share)
    {
        foreach (KeyWrite write in share.Writes)
        {
            if (BegunBy(share, write) < 0)
            {
                window.Refuse(RefusalReason.NoQuota, write.Key, default);
            }
        }

        foreach ((byte[] key, Int128 change) in ChangesOf(share))
        {
            if (Fences.WriterOf(key) is { } writer)
            {
                window.MeetUndecided(writer, key);
            }
            else if (Versions.Find(key)?.Quota is not { } quota || quota.Free + change < 0)
            {
                window.Refuse(RefusalReason.NoQuota, key, default);
            }
            else if (change < 0)
            {
                window.After(quota.Added);
            }
        }
    }

    /// <summary>Reserves what an undecided transaction will take, or ends the reservation.</summary>
    private void ReserveQuotas(TransactionShare share, bool ends)
    {
        foreach ((byte[] key, Int128 change) in ChangesOf(share))
        {
            if (change < 0)
            {
                ChangeQuota(key, quota => quota.Reserved += ends ? change : -change);
            }
        }
    }

    private void ChangeQuotas(TransactionShare share, HlcTimestamp stamp)
    {
        foreach ((byte[] key, Int128 change) in ChangesOf(share))
        {
            ChangeQuota(key, quota =>
            {
                quota.Amount += change;
                quota.Added = change > 0 ? HlcTimestamp.Max(quota.Added, stamp) : quota.Added;
            });
        }
    }

    // A key's quota begins with the key, and goes with it.
    private void PlaceQuota(KeyState state, TransactionShare share, KeyWrite write, HlcTimestamp stamp)
    {
        Int128? begun = BegunBy(share, write);
        if (write.Value is null || begun is not null)
        {
            Invariant.Check(state.Quota is null || state.Quota.Reserved == 0, "Who writes a key has met all who take from its quota.");
            state.Quota = begun is { } amount ? new Quota { Amount = amount, Added = stamp, ChangedAt = Applied } : null;
        }
    }

    // The quota that a write begins, with what the share's other writes make of it; null: none.
    private static Int128? BegunBy(TransactionShare share, KeyWrite write)
    {
        if (write.Value is null || !Begins(write))
        {
            return null;
        }

        Int128 amount = 0;
        foreach (KeyWrite other in share.Writes)
        {
            amount += other.Quota is { } change && ByteKeyComparer.Instance.Equals(change.Key, write.Key) ? change.Amount : 0;
        }

        return amount;
    }

    private static bool Begins(KeyWrite write) =>
        write.Quota is { } change && ByteKeyComparer.Instance.Equals(change.Key, write.Key);

    private void ChangeQuota(byte[] key, Action<Quota> change)
    {
        KeyState? state = Versions.Find(key);
        Invariant.Check(state?.Quota is not null, "A quota outlives those that have reserved of it.");
        change(state!.Quota!);
        state.Quota!.ChangedAt = Applied;
        Versions.Changed(state);
        Invariant.Check(state.Quota.Free >= 0 && state.Quota.Reserved >= 0, "Nothing is taken that is not there.");
    }

    // By key what all writes of the share come to. Where the key itself is written, its quota begins or ends with it.
    private static KeyValuePair<byte[], Int128>[] ChangesOf(TransactionShare share)
    {
        if (!share.Writes.Exists(static write => write.Quota is not null))
        {
            return [];
        }

        var changes = new SortedDictionary<byte[], Int128>(ByteKeyComparer.Instance);
        foreach (KeyWrite write in share.Writes)
        {
            if (write.Quota is { } change && !Begins(write))
            {
                changes[change.Key] = changes.GetValueOrDefault(change.Key) + change.Amount;
            }
        }

        share.Writes.ForEach(write => changes.Remove(write.Key));
        return [.. changes];
    }
}
