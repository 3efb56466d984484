using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Which replicas the node holds: one that the layout names is made, one that it names no more is given up. With it goes
/// what it promised and accepted. The log says so first, then a mark in the base store, for as long as the store lives:
/// a replica that comes back begins as one that lost its votes (commit.md §5), and its rows are of a generation of their own.
/// </summary>
public sealed partial class NodeCore
{
    private const int SnapshotsPerLifeBits = 32;

    private readonly SortedDictionary<ShardId, Retirement> _retirements = [];
    private readonly Dictionary<ShardId, uint> _formerGenerations = [];
    private ulong _snapshotsBegun;

    /// <summary>Who is in the cluster, as far as this node knows.</summary>
    public ClusterLayout Layout { get; private set; }

    /// <summary>Replicas given up by this node since it was started.</summary>
    public long Retirements { get; private set; }

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
            uint? former = recovered.FormerGenerationOf(shard);
            if (former is { } generation)
            {
                _formerGenerations[shard] = generation;
                ClearFormer(shard, generation);
            }

            if (!_replicas.ContainsKey(shard) && (former is null || recovered.HasRecordsOf(shard)))
            {
                BeginRetirement(shard, recovered.GenerationOf(shard));
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
                Retirements++;
                BeginRetirement(replica.Shard, replica.LastGeneration);
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
        bool isFormer = _formerGenerations.TryGetValue(placement.Shard, out uint former);
        var recovered = new RecoveredShard(
            new ShardMachine(placement.Shard),
            isFormer ? former + 1 : 0,
            StateChunks: 0,
            PaxosRestored.Empty with { IsAmnesiac = isFormer });
        Prng prng = _prng.Fork(Hash64.Combine(placement.Shard.Value, Layout.Version));
        return new ShardReplica(this, placement, recovered, prng) { LogNeededFrom = _durableEnd.Segment };
    }

    private void BeginRetirement(ShardId shard, uint generation) => _retirements.Add(
        shard,
        new Retirement(Append(shard, new PaxosRecord(PaxosRecordKind.Retired, default, default, [])), generation));

    // The log must say it first: promises that it still holds would count for a replica whose rows are gone.
    private void GoOnRetiring()
    {
        foreach ((ShardId shard, Retirement retirement) in _retirements.ToArray())
        {
            if (!retirement.IsMarked && IsDurable(retirement.Sequence))
            {
                retirement.IsMarked = true;
                Store.ApplyAndSync(
                    [new StoreChange(StoreKeys.Meta(shard), StoreMeta.Retired(retirement.Generation).ToBytes())],
                    () => EndRetirement(shard, retirement.Generation));
            }
        }
    }

    private void EndRetirement(ShardId shard, uint generation)
    {
        _retirements.Remove(shard);
        _formerGenerations[shard] = generation;
        ClearFormer(shard, generation);
        FollowLayout();
    }

    private void ClearFormer(ShardId shard, uint generation) => Store.Clear(
        StoreKeys.StatesUpTo(shard, generation),
        () => Store.Clear(StoreKeys.RowsUpTo(shard, generation), () => { }));

    private sealed class Retirement(ulong sequence, uint generation)
    {
        public ulong Sequence => sequence;

        public uint Generation => generation;

        /// <summary>Whether the base store is on its way to say so, too.</summary>
        public bool IsMarked { get; set; }
    }
}
