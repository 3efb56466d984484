using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Which replicas the node holds: one that the layout names is made, one that it names no more is given up. What it promised,
/// and how far it had accepted, is kept, in the log and in the base store: a replica that is made again has no vote before
/// it knows those slots (commit.md §5), and its rows are of a new generation. Nothing tells that a base store has lost such
/// a life, so the log is not cut behind its record before that is written again.
/// </summary>
public sealed partial class NodeCore
{
    private const int SnapshotsPerLifeBits = 32;

    private readonly SortedDictionary<ShardId, Retirement> _retirements = [];
    private readonly SortedDictionary<ShardId, KeptLife> _formerLives = [];
    private ulong _snapshotsBegun;

    /// <summary>Who is in the cluster, as far as this node knows.</summary>
    public ClusterLayout Layout { get; private set; }

    /// <summary>Takes a newer layout; an older or equal one changes nothing. It must be durable here: a node that came up with an
    /// older one would hold replicas that others do not count on.</summary>
    public void Adopt(ClusterLayout layout)
    {
        if (layout.Version > Layout.Version)
        {
            Layout = layout;
            FollowLayout();
        }
    }

    /// <summary>Whether a replica that is here, or was and may be made again, has lost votes that it does not know yet.</summary>
    internal bool IsRelearning => _inOrder.Any(static replica => replica.Paxos.IsRelearning)
        || _formerLives.Values.Concat(_retirements.Values.Select(static retirement => retirement.Kept))
            .Any(static kept => kept.Life.IsAmnesiac);

    /// <summary>A number that no snapshot of this node's life has.</summary>
    internal ulong NextSnapshot() => (Options.StampSource << SnapshotsPerLifeBits) + ++_snapshotsBegun;

    // What an end of the process left of replicas that the layout names no more, or of former lives.
    private void RetireWhatIsLeft(NodeRecovery recovered)
    {
        foreach (ShardId shard in recovered.Found)
        {
            FormerLife? former = recovered.FormerOf(shard);
            if (former is not null)
            {
                ClearFormer(shard, former.Generation);
            }

            if (_replicas.ContainsKey(shard))
            {
                continue;
            }

            if (former is null || recovered.HasRecordsOf(shard))
            {
                BeginRetirement(shard, recovered.LifeOf(shard));
            }
            else
            {
                _formerLives.Add(shard, new KeptLife(former, logNeededFrom: 0));
            }
        }
    }

    private void FollowLayout()
    {
        IReadOnlyList<ShardPlacement> held = Layout.ShardsOf(Options.Self);
        foreach (ShardReplica replica in _inOrder)
        {
            if (held.FirstOrDefault(placement => placement.Shard == replica.Shard) is { } placement)
            {
                replica.Placement = placement;
            }
            else
            {
                _replicas.Remove(replica.Shard);
                replica.End();
                BeginRetirement(replica.Shard, replica.Life);
            }
        }

        foreach (ShardPlacement placement in held)
        {
            // A replica that is being given up is made anew when that is done.
            if (!_replicas.ContainsKey(placement.Shard) && !_retirements.ContainsKey(placement.Shard))
            {
                _replicas.Add(placement.Shard, NewReplica(placement));
            }
        }

        _inOrder = [.. _replicas.Values];
    }

    private ShardReplica NewReplica(ShardPlacement placement)
    {
        _formerLives.Remove(placement.Shard, out KeptLife? kept);
        FormerLife? former = kept?.Life;
        PaxosRestored restored = former is null ? PaxosRestored.Empty : PaxosRestored.Empty with
        {
            Promised = former.Promised, Forgotten = former.Accepted, IsAmnesiac = former.IsAmnesiac,
        };
        var recovered = new RecoveredShard(
            new ShardMachine(placement.Shard), former is null ? 0 : former.Generation + 1, StateChunks: 0, restored);
        Prng prng = _prng.Fork(Hash64.Combine(placement.Shard.Value, Layout.Version));
        return new ShardReplica(this, placement, recovered, prng)
        {
            LogNeededFrom = kept?.LogNeededFrom ?? _durableEnd.Segment,
        };
    }

    private void BeginRetirement(ShardId shard, FormerLife life) => _retirements.Add(
        shard, new Retirement(Append(shard, life.Record), new KeptLife(life, _durableEnd.Segment)));

    // The log must say it first: promises that it still holds would count for a replica whose rows are gone.
    private void GoOnRetiring()
    {
        foreach ((ShardId shard, Retirement retirement) in _retirements.ToArray())
        {
            if (!retirement.IsMarked && IsDurable(retirement.Sequence))
            {
                retirement.IsMarked = true;
                Store.ApplyAndSync(
                    [new StoreChange(StoreKeys.Meta(shard), new StoreMeta(0, default, 0, retirement.Kept.Life).ToBytes())],
                    () => EndRetirement(shard, retirement.Kept));
            }
        }
    }

    private void EndRetirement(ShardId shard, KeptLife kept)
    {
        _retirements.Remove(shard);
        _formerLives.Add(shard, kept);
        ClearFormer(shard, kept.Life.Generation);
        FollowLayout();
    }

    // Where the log's end has left the segment that holds a former life, it is written again behind.
    private void CarryFormerLives()
    {
        foreach ((ShardId shard, KeptLife kept) in _formerLives)
        {
            if (kept.Again is { } again && IsDurable(again.Sequence))
            {
                kept.LogNeededFrom = again.Segment;
                kept.Again = null;
            }

            if (kept.Again is null && kept.LogNeededFrom < _durableEnd.Segment)
            {
                kept.Again = (_durableEnd.Segment, Append(shard, kept.Life.Record));
            }
        }
    }

    private void ClearFormer(ShardId shard, uint generation) => Store.Clear(
        StoreKeys.StatesUpTo(shard, generation),
        () => Store.Clear(StoreKeys.RowsUpTo(shard, generation), () => { }));

    private sealed class Retirement(ulong sequence, KeptLife kept)
    {
        public ulong Sequence => sequence;

        public KeptLife Kept => kept;

        /// <summary>Whether the base store is on its way to say so, too.</summary>
        public bool IsMarked { get; set; }
    }

    private sealed class KeptLife(FormerLife life, ulong logNeededFrom)
    {
        public FormerLife Life => life;

        /// <summary>The first segment of the log that may hold it.</summary>
        public ulong LogNeededFrom { get; set; } = logNeededFrom;

        /// <summary>The record that was written again, and the first segment that may hold that one.</summary>
        public (ulong Segment, ulong Sequence)? Again { get; set; }
    }
}
