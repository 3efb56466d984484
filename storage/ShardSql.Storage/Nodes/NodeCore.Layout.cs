using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Which replicas the node holds: one that the layout names is made, one that it names no more is given up. What it promised,
/// and how far it had accepted, is kept, in the log first and then in the base store for as long as that lives: a replica
/// that is made again has no vote before it knows those slots (commit.md §5), and its rows are of a new generation.
/// </summary>
public sealed partial class NodeCore
{
    private const int SnapshotsPerLifeBits = 32;

    private readonly SortedDictionary<ShardId, Retirement> _retirements = [];
    private readonly Dictionary<ShardId, FormerLife> _formerLives = [];
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
                _formerLives[shard] = former;
                ClearFormer(shard, former.Generation);
            }

            if (!_replicas.ContainsKey(shard) && (former is null || recovered.HasRecordsOf(shard)))
            {
                BeginRetirement(shard, recovered.LifeOf(shard));
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
        FormerLife? former = _formerLives.GetValueOrDefault(placement.Shard);
        PaxosRestored restored = former is null ? PaxosRestored.Empty : PaxosRestored.Empty with
        {
            Promised = former.Promised, Forgotten = former.Accepted, IsAmnesiac = former.IsAmnesiac,
        };
        var recovered = new RecoveredShard(
            new ShardMachine(placement.Shard), former is null ? 0 : former.Generation + 1, StateChunks: 0, restored);
        Prng prng = _prng.Fork(Hash64.Combine(placement.Shard.Value, Layout.Version));
        return new ShardReplica(this, placement, recovered, prng) { LogNeededFrom = _durableEnd.Segment };
    }

    private void BeginRetirement(ShardId shard, FormerLife life) =>
        _retirements.Add(shard, new Retirement(Append(shard, life.Record), life));

    // The log must say it first: promises that it still holds would count for a replica whose rows are gone.
    private void GoOnRetiring()
    {
        foreach ((ShardId shard, Retirement retirement) in _retirements.ToArray())
        {
            if (!retirement.IsMarked && IsDurable(retirement.Sequence))
            {
                retirement.IsMarked = true;
                Store.ApplyAndSync(
                    [new StoreChange(StoreKeys.Meta(shard), new StoreMeta(0, default, 0, retirement.Life).ToBytes())],
                    () => EndRetirement(shard, retirement.Life));
            }
        }
    }

    private void EndRetirement(ShardId shard, FormerLife life)
    {
        _retirements.Remove(shard);
        _formerLives[shard] = life;
        ClearFormer(shard, life.Generation);
        FollowLayout();
    }

    private void ClearFormer(ShardId shard, uint generation) => Store.Clear(
        StoreKeys.StatesUpTo(shard, generation),
        () => Store.Clear(StoreKeys.RowsUpTo(shard, generation), () => { }));

    private sealed class Retirement(ulong sequence, FormerLife life)
    {
        public ulong Sequence => sequence;

        public FormerLife Life => life;

        /// <summary>Whether the base store is on its way to say so, too.</summary>
        public bool IsMarked { get; set; }
    }
}
