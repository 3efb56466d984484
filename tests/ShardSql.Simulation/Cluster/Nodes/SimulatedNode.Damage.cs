using System;
using System.IO;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;

namespace ShardSql.Simulation.Cluster.Nodes;

/// <content>What becomes of a node's data: another folder in its place, a damaged log, a full disk.</content>
internal sealed partial class SimulatedNode
{
    private const int DamageTries = 8;
    private const int LogHeadBytes = 4096;

    private FolderContent _folder;
    private FolderContent? _kept;
    private int _folders;
    private KnownPeers? _peers;
    private bool _wasCorrected;
    private ulong? _relearnedAt;

    /// <summary>The disk, to damage it.</summary>
    public SimulatedFileSystem Disk => _folder.Disk;

    /// <summary>The base store; it survives the process as its disk does.</summary>
    public MemoryStore Store => _folder.StorePlace.Store;

    /// <summary>Names the folder that the node came with when it last started.</summary>
    public Guid DataId { get; private set; }

    /// <summary>Whether it has an empty folder in the place of its own.</summary>
    public bool IsWiped => _kept is not null;

    /// <summary>Whether its log or store was damaged, until all of its replicas have learned again what they may have lost.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether every write fails for want of room, over restarts too.</summary>
    public bool IsDiskFull { get; private set; }

    /// <summary>Whether the disk has only its reserve left.</summary>
    public bool IsDiskNearlyFull { get; private set; }

    private IFileSystem Files => _folder.Files;

    /// <summary>The process has ended; it is started with an empty folder, its own is kept aside.</summary>
    public void Wipe()
    {
        Invariant.Check(Core is null && !IsWiped, "A folder is replaced while nobody uses it.");
        _kept = _folder;
        _folder = NewFolder(_prng.NextUInt64());
    }

    /// <summary>The process has ended; it gets its own folder back.</summary>
    public void GiveFolderBack()
    {
        Invariant.Check(Core is null && _kept is not null, "A folder is given back while nobody uses the other.");
        _folder = _kept;
        _kept = null;
    }

    /// <summary>Turns over a bit of the log where a later batch says that it was synced, so that it cannot be taken for
    /// a torn tail, which no reader could tell from it.</summary>
    /// <returns>Whether there is such a place.</returns>
    public bool DamageLog()
    {
        string folder = Path.Combine(Folder, NodeLog.NameOf(Files, Folder));
        for (int i = 0; i < DamageTries; i++)
        {
            var segments = WalSegmentFiles.Segments(Disk, folder);
            if (segments.Count == 0)
            {
                return false;
            }

            string path = WalSegmentFiles.SegmentPath(folder, segments[_prng.Next(segments.Count)]);
            using IDurableFile file = Disk.Open(path);
            long offset = LogHeadBytes + _prng.Next((int)long.Max(1, file.Length - LogHeadBytes));
            int bit = _prng.Next(8);
            if (offset < file.Length)
            {
                Disk.FlipBit(path, offset, bit);
                if (WalRecovery.Scan(Disk, folder, Identity, _ => { }).Outcome == WalOutcome.Damage)
                {
                    IsDamaged = true;
                    return true;
                }

                Disk.FlipBit(path, offset, bit);
            }
        }

        return false;
    }

    /// <summary>The process has ended; its base store is emptied, or put back as an earlier process left it.</summary>
    public void DamageStore()
    {
        MemoryStorePlace place = _folder.StorePlace;
        place.Store = _prng.Chance(500_000) ? new MemoryStore() : new MemoryStore(place.Earlier);
        IsDamaged = true;
    }

    /// <summary>Nothing can be written any more, or again.</summary>
    public void SetDiskFull(bool isFull)
    {
        IsDiskFull = isFull;
        Disk.ClearFaults();
        if (isFull)
        {
            Disk.FailWrite(0, diskFull: true);
        }
    }

    /// <summary>The watch over the disk says that it is nearly full, or that there is room again.</summary>
    public void SetDiskNearlyFull(bool isNearlyFull)
    {
        IsDiskNearlyFull = isNearlyFull;
        OnLoop(core => core.IsDiskFull = isNearlyFull);
    }

    private StorageNodeOptions DataOptions => new()
    {
        Self = Id, Layout = _layout, Folder = Folder, LogSegmentBytes = _knobs.SegmentBytes,
    };

    private DataIdentity Identity => new(World.Layout.ClusterId, Id);

    private FolderContent NewFolder(ulong seed)
    {
        var disk = new SimulatedFileSystem(seed);
        return new FolderContent(
            new Guid((int)Id.Value, (short)++_folders, 0, new byte[8]), disk,
            World.Options.Tampering.Disk?.Invoke(Id, disk) ?? disk, new MemoryStorePlace());
    }

    private bool Recognizes(NodeId node, Guid dataId)
    {
        try
        {
            return _peers!.Recognizes(node, dataId);
        }
        catch (IOException)
        {
            // The stream that the other would have spoken through is not made.
            return false;
        }
    }

    private void Receive(NodeCore core, uint from, Guid folder, byte[] message)
    {
        if (!SimulatedCluster.IsNode(from))
        {
            core.Receive(default, new ReplyLink(this, from, ReadOf(message)), message);
            return;
        }

        var node = new NodeId(from);
        if (!Recognizes(node, folder))
        {
            World.Reach("wiped node refused");
            return;
        }

        World.Check(
            World.Nodes[(int)from - 1].IsOwnFolder(folder), $"{Id} hears {node}, which came with another folder");
        core.Receive(node, new ReplyLink(this, from, null), message);
    }

    // The shard that a request reads at a snapshot, and whose leader needs a lease to answer it.
    private static ShardId? ReadOf(ReadOnlySpan<byte> message)
    {
        var reader = new ByteReader(message);
        if ((StorageMessageKind)reader.ReadByte() != StorageMessageKind.Request)
        {
            return null;
        }

        reader.ReadVarint();
        var shard = new ShardId(reader.ReadVarint32());
        return (RequestKind)reader.ReadByte() is RequestKind.Fragment or RequestKind.Continue ? shard : null;
    }

    private void TellDamage(NodeData data)
    {
        if (data.LogOutcome == WalOutcome.Damage || data.HasSetStoreAside)
        {
            World.Check(IsDamaged, $"{Id} found its data damaged: {string.Join(", ", data.Notices)}");
        }

        World.Reach("log damaged", data.LogOutcome == WalOutcome.Damage ? 1 : 0);
        World.Reach("store set aside", data.HasSetStoreAside ? 1 : 0);
        World.Reach("torn tail cut", data.LogOutcome == WalOutcome.TornTail ? 1 : 0);
    }

    private bool IsOwnFolder(Guid folder) => folder == (_kept ?? _folder).Name;

    private void FollowRepair(NodeCore core)
    {
        bool isCorrected = core.ClockCorrectionMs != 0;
        World.Reach("clock corrected by the others", isCorrected && !_wasCorrected ? 1 : 0);
        _wasCorrected = isCorrected;
        if (!IsDamaged)
        {
            return;
        }

        // A replica that was given up before it had learned has its votes to learn when it is made again.
        if (core.IsRelearning)
        {
            return;
        }

        // A log that was damaged and not yet opened again has no core to be seen here. Before the disk has synced that
        // they have learned, they would forget it with the power.
        _relearnedAt ??= _log!.Appended;
        if (_log!.Synced < _relearnedAt)
        {
            return;
        }

        IsDamaged = false;
        World.Reach("log relearned");
    }

    private sealed record FolderContent(
        Guid Name, SimulatedFileSystem Disk, IFileSystem Files, MemoryStorePlace StorePlace);
}
