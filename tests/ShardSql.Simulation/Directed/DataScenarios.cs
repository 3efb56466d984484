using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Storage.Files;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;

namespace ShardSql.Simulation.Directed;

/// <summary>What a node's processes leave to each other on its disk.</summary>
internal static class DataScenarios
{
    private const ulong FlushedSlot = 5;
    private const int PowerCuts = 16;

    private static readonly ShardId s_shard = new(1);

    /// <summary>A process is killed between a flush and its sync. What the next one reads there it cuts the log behind, so
    /// no power cut may take it back.</summary>
    public static string? FlushWithoutSync()
    {
        for (ulong i = 1; i <= PowerCuts; i++)
        {
            var folder = new Folder();
            folder.Open();
            folder.Flush();
            Slot found = folder.Open().Recovered.HeldOf(s_shard);
            folder.StorePlace.Store.Crash(new Prng(i));
            Slot left = folder.Open().Recovered.HeldOf(s_shard);
            if (found.Value != FlushedSlot)
            {
                return "the flush was not found, so nothing was shown";
            }

            if (left < found)
            {
                return $"a process has read slot {found} from the base store, and the power took it back to {left}";
            }
        }

        return null;
    }

    /// <summary>A damaged log is begun anew behind a sound base store; later the store is emptied.</summary>
    public static string? StoreEmptiedBehindNewLog()
    {
        var folder = new Folder();
        NodeData first = folder.Open();
        folder.Flush();
        folder.DamageLog(first.TakeLog());
        if (folder.Open().LogOutcome != WalOutcome.Damage)
        {
            return "the log was not damaged, so nothing was shown";
        }

        folder.StorePlace.SetAside();
        return folder.Open().HasSetStoreAside ? null : "the emptied base store is taken for what the log was begun behind";
    }

    private sealed class Folder
    {
        private const string Name = "data";
        private const int LogHeadBytes = 4096;
        private const int Batches = 3;

        private readonly SimulatedFileSystem _disk = new(1);
        private readonly StorageNodeOptions _options;

        public Folder()
        {
            NodeId[] members = [new(1), new(2), new(3)];
            _options = new StorageNodeOptions
            {
                Self = members[0],
                Layout = new ClusterLayout(
                    Guid.Empty, Array.ConvertAll(members, node => new NodeAddress(node, $"{node}")),
                    [new ShardPlacement(s_shard, members)]),
                Folder = Name,
            };
        }

        public MemoryStorePlace StorePlace { get; } = new();

        /// <summary>The next process begins.</summary>
        public NodeData Open()
        {
            Task<NodeData> opening = NodeData.OpenAsync(_disk, _options, StorePlace, CancellationToken.None);
            Invariant.Check(opening.IsCompletedSuccessfully, "Memory does not wait.");
            return opening.Result;
        }

        /// <summary>Writes a state to the base store, and does not sync it.</summary>
        public void Flush() => SimulatedStore.Completed(StorePlace.Store.ApplyAsync(
            [
                new StoreChange(StoreKeys.Meta(s_shard), new StoreMeta(0, new Slot(FlushedSlot), 1).ToBytes()),
                new StoreChange(StoreKeys.StateChunk(s_shard, 0, 0), SnapshotScenarios.StateAt(FlushedSlot)),
            ],
            CancellationToken.None));

        /// <summary>Turns over a bit that a later batch says was synced.</summary>
        public void DamageLog(WriteAheadLog log)
        {
            for (int i = 0; i < Batches; i++)
            {
                var body = new ByteWriter();
                var promise = new PaxosRecord(PaxosRecordKind.Promise, new Ballot((ulong)i + 1, new NodeId(1)), default, []);
                promise.Write(body);
                var batch = new WalBatch();
                batch.Add(s_shard, (byte)promise.Kind, body.WrittenSpan);
                log.Append(batch);
                log.Sync();
            }

            string folder = Path.Combine(Name, NodeLog.FirstName);
            _disk.FlipBit(WalSegmentFiles.SegmentPath(folder, WalSegmentFiles.Segments(_disk, folder)[0]), LogHeadBytes, 0);
        }
    }
}
