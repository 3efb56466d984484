using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>Validation: the exclusion window of Serial Safety Net, per shard (commit.md §1; studies/commit.md §3.4).</summary>
public sealed partial class ShardMachine
{
    private Vote Validate(
        TxnId id, HlcTimestamp stamp, HlcTimestamp readFloor, TransactionShare share, OneCommand? one)
    {
        var window = new Window(stamp);
        window.After(Floor);
        window.After(Horizon);
        window.After(readFloor);
        window.After(GridPointBelow(stamp));
        if (share.IsInOrder)
        {
            // Behind all that is below its stamp: with π below the stamp, here or at another shard, there is no place for it.
            window.After(stamp.Previous);
        }

        bool evaluated = one is { Mode: OneMode.Evaluated };
        if (stamp <= Closed)
        {
            // η tells the coordinator's clock where the next attempt has to be.
            window.After(Closed);
            window.Refuse(NoVoteReason(stamp, RefusalReason.Closed), null, default);
        }
        else if (_refusedSessions.Contains(id))
        {
            window.Refuse(RefusalReason.Refused, null, default);
        }
        else if (!evaluated && share.Reads.Count + share.Ranges.Count > 0 && share.Begin < Horizon)
        {
            window.Refuse(RefusalReason.SnapshotTooOld, null, default);
        }

        CheckGuards(ref window, share);
        CheckSwitches(ref window, share);
        if (evaluated)
        {
            CheckEvaluated(ref window, one!);
        }
        else
        {
            CheckReads(ref window, share);
            CheckRanges(ref window, share);
        }

        CheckWrites(ref window, share);
        CheckQuotas(ref window, share);
        return window.ToVote(Shard);
    }

    // A transaction that asks at or below a stamp that was forgotten may be that one.
    private RefusalReason NoVoteReason(HlcTimestamp stamp, RefusalReason otherwise) =>
        stamp <= Registers.ForgottenYes ? RefusalReason.Forgotten : otherwise;

    private static HlcTimestamp GridPointBelow(HlcTimestamp stamp)
    {
        HlcTimestamp point = HlcTimestamp.FromPhysicalMs(stamp.PhysicalMs / SnapshotGridMs * SnapshotGridMs);
        return point < stamp ? point : HlcTimestamp.Zero;
    }

    private void CheckGuards(ref Window window, TransactionShare share)
    {
        foreach (Guard guard in share.Guards)
        {
            if (Guards.VersionOf(guard) != guard.Version)
            {
                window.Refuse(
                    guard.Kind == GuardKind.Table ? RefusalReason.StaleSchema : RefusalReason.StaleEpoch, null, default);
            }

            if (IsFenced(guard))
            {
                window.Refuse(RefusalReason.Moving, null, default);
            }

            if (share.Begin < Guards.HorizonOf(guard) && share.Reads.Count + share.Ranges.Count > 0)
            {
                window.Refuse(RefusalReason.SnapshotTooOld, null, default);
            }

            window.After(Guards.CstampOf(guard));
            foreach (Register setter in Fences.HoldersOf(guard, sets: true))
            {
                window.MeetUndecided(setter, null);
            }
        }

        foreach (Guard guard in share.NewGuards)
        {
            window.After(Guards.PstampOf(guard));
            window.After(Guards.CstampOf(guard));
            foreach (bool sets in (bool[])[false, true])
            {
                foreach (Register holder in Fences.HoldersOf(guard, sets))
                {
                    window.MeetUndecided(holder, null);
                }
            }
        }
    }

    private void CheckReads(ref Window window, TransactionShare share)
    {
        SortedSet<byte[]>? written = null;
        foreach (KeyRead read in share.Reads)
        {
            window.After(read.Cstamp);
            if (Fences.WriterOf(read.Key) is { } writer)
            {
                window.MeetUndecided(writer, read.Key);
            }

            if (Versions.Find(read.Key) is not { } state)
            {
                continue;
            }

            if (state.Find(read.Cstamp) is not { } version)
            {
                window.Refuse(RefusalReason.SnapshotTooOld, read.Key, default);
                continue;
            }

            written ??= KeysOf(share.Writes);
            bool own = ReferenceEquals(version, state.Newest) && written.Contains(read.Key);
            if (!own && !version.Sstamp.IsInfinity)
            {
                window.Overwritten(version, read.Key);
            }
        }
    }

    // A scan at begin saw exactly the versions at or below begin: every newer one is an overwriter it did not see.
    private void CheckRanges(ref Window window, TransactionShare share)
    {
        foreach (KeyRange range in share.Ranges)
        {
            foreach ((byte[] key, Register writer) in Fences.WritersIn(range))
            {
                window.MeetUndecided(writer, key);
            }

            foreach ((byte[] key, KeyState state) in Versions.Range(range))
            {
                window.After(state.AsOf(share.Begin).Cstamp);
                KeyVersion version = state.Newest;
                while (version.Cstamp > share.Begin && version.Older is { } overwritten)
                {
                    window.Overwritten(overwritten, key);
                    version = overwritten;
                }
            }
        }
    }

    // Evaluated on top of all that its leader had proposed: nothing it read may have changed since.
    private void CheckEvaluated(ref Window window, OneCommand one)
    {
        foreach (KeyRead read in one.Share.Reads)
        {
            window.After(read.Cstamp);
            if (Fences.WriterOf(read.Key) is { } writer)
            {
                window.MeetUndecided(writer, read.Key);
            }

            // Without a retained version the newest is settled, so a stamp above the horizon was never installed: the ONE
            // that was to write it was refused, or lost with its leader.
            bool isNewest = Versions.Find(read.Key) is { } state && !state.Newest.InBase
                ? ReferenceEquals(state.Find(read.Cstamp), state.Newest)
                : read.Cstamp <= Horizon;
            if (!isNewest)
            {
                window.Refuse(RefusalReason.StaleEvaluation, read.Key, default);
            }
        }

        foreach (KeyRange range in one.Share.Ranges)
        {
            foreach ((byte[] key, Register writer) in Fences.WritersIn(range))
            {
                window.MeetUndecided(writer, key);
            }

            foreach ((byte[] key, KeyState state) in Versions.Range(range))
            {
                window.After(state.Newest.Cstamp);
                if (!WasSeen(state.Newest, one))
                {
                    window.Refuse(RefusalReason.StaleEvaluation, key, default);
                }
            }
        }
    }

    // Applied before the evaluation, or a ONE of the same leader: what it proposed before was seen, what it proposes
    // later is applied later. Another leader's entry can stand before this one too; its stamp's source tells.
    private static bool WasSeen(KeyVersion version, OneCommand one) =>
        version.InstalledAt <= one.Basis || (!version.ByOutcome && version.Cstamp.Source == one.Stamp.Source);

    private void CheckWrites(ref Window window, TransactionShare share)
    {
        foreach (KeyWrite write in share.Writes)
        {
            window.AfterReader(Versions.Find(write.Key)?.Newest.Pstamp ?? _buckets.At(write.Key), write.Key);
            window.AfterReader(_rangeStamps.At(write.Key), write.Key);
            if (Fences.WriterOf(write.Key) is { } writer)
            {
                window.MeetUndecided(writer, write.Key);
            }

            foreach (Register reader in Fences.ReadersOf(write.Key))
            {
                window.OverwriteReadOf(reader, write.Key);
            }
        }
    }

    private void Install(HlcTimestamp stamp, HlcTimestamp pi, TransactionShare share, bool byOutcome)
    {
        foreach (KeyRead read in share.Reads)
        {
            if (Versions.Find(read.Key) is { } state && state.Find(read.Cstamp) is { } version)
            {
                version.Pstamp = HlcTimestamp.Max(version.Pstamp, stamp);
                Versions.Changed(state);
            }
            else
            {
                _buckets.Raise(read.Key, stamp);
            }
        }

        foreach (KeyRange range in share.Ranges)
        {
            _rangeStamps.Raise(range, stamp);
        }

        foreach (KeyWrite write in share.Writes)
        {
            var version = new KeyVersion
            {
                Value = write.Value,
                Cstamp = stamp,
                Pstamp = stamp,
                InstalledAt = Applied,
                ByOutcome = byOutcome,
            };
            KeyVersion overwritten = Versions.Install(write.Key, version, _buckets.At(write.Key));
            overwritten.Sstamp = pi;
            overwritten.Scstamp = stamp;
            if (write.Value is null || write.Quota is not null)
            {
                PlaceQuota(Versions.Find(write.Key)!, share, write, stamp);
            }
        }

        ChangeQuotas(share, stamp);

        share.Guards.ForEach(guard => Guards.Rely(guard, stamp));
        Switch(share, stamp);
        share.NewGuards.ForEach(guard => Guards.Set(guard, stamp, HorizonOf(share, guard, stamp)));
    }

    // Of a segment that comes, what its former owner had forgotten is not here either. What a version of a table hides the
    // later ones hide, too.
    private HlcTimestamp HorizonOf(TransactionShare share, Guard guard, HlcTimestamp stamp) => guard.Kind == GuardKind.Segment
        ? share.Switches.Find(moved => moved.Segment == guard.Id && !moved.IsSource).Horizon
        : guard.HidesOlder ? stamp : Guards.HorizonOf(guard);

    private static SortedSet<byte[]> KeysOf(List<KeyWrite> writes)
    {
        var keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        foreach (KeyWrite write in writes)
        {
            keys.Add(write.Key);
        }

        return keys;
    }

    /// <summary>The exclusion window of one transaction while it is being computed.</summary>
    private ref struct Window(HlcTimestamp stamp)
    {
        private readonly HlcTimestamp _stamp = stamp;
        private HlcTimestamp _eta = HlcTimestamp.Zero;
        private HlcTimestamp _pi = stamp;
        private RefusalReason _reason = RefusalReason.None;
        private byte[]? _key;
        private byte[]? _etaKey;
        private byte[]? _piKey;
        private TxnId _other;

        /// <summary>The transaction must come after something with this stamp.</summary>
        public void After(HlcTimestamp stamp) => _eta = HlcTimestamp.Max(_eta, stamp);

        /// <summary>It overwrites what one with this stamp has read.</summary>
        public void AfterReader(HlcTimestamp stamp, byte[] key)
        {
            _etaKey = stamp > _eta ? key : _etaKey;
            After(stamp);
        }

        /// <summary>The first reason to refuse stays.</summary>
        public void Refuse(RefusalReason reason, byte[]? key, TxnId other)
        {
            if (_reason == RefusalReason.None)
            {
                _reason = reason;
                _key = key;
                _other = other;
            }
        }

        /// <summary>A read version that a committed U has overwritten: a back edge, or a late arrival (rule L).</summary>
        public void Overwritten(KeyVersion version, byte[] key)
        {
            if (version.Scstamp < _stamp)
            {
                _piKey = version.Sstamp < _pi ? key : _piKey;
                _pi = HlcTimestamp.Min(_pi, version.Sstamp);
            }
            else if (version.Sstamp <= _stamp)
            {
                Refuse(RefusalReason.Window, key, default);
            }
        }

        /// <summary>Reads or overwrites what an undecided transaction will write.</summary>
        public void MeetUndecided(Register other, byte[]? key) => Refuse(
            _stamp > other.Stamp ? RefusalReason.Busy : RefusalReason.Late, key, other.Id);

        /// <summary>Overwrites what an undecided transaction has read.</summary>
        public void OverwriteReadOf(Register reader, byte[] key)
        {
            if (_stamp > reader.Stamp)
            {
                After(reader.Stamp);
            }
            else
            {
                Refuse(RefusalReason.Late, key, reader.Id);
            }
        }

        public Vote ToVote(ShardId shard)
        {
            // Equality is a read skew: it aborts.
            if (_eta >= _pi)
            {
                Refuse(RefusalReason.Window, _piKey ?? _etaKey, default);
            }

            byte[]? key = _key is { Length: > Vote.KeyLengthMax } ? _key[..Vote.KeyLengthMax] : _key;
            return new Vote(shard, _reason == RefusalReason.None, _eta, _pi, _reason, key, _other);
        }
    }
}
