using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Finds and opens a node's log. A damaged one is left as it is for whoever wants to look at it; the node goes on with a
/// new one that begins with what it has lost, so its replicas learn from their peers before they vote again.
/// </summary>
public static class NodeLog
{
    /// <summary>The folder of a node's first log, in its own folder.</summary>
    public const string FirstName = "log";

    // Which folder holds the log, where it is not the first.
    private const string NameFile = "log.name";

    /// <summary>Opens the log for appending and hands its records to the recovery.</summary>
    /// <param name="files">Where the node's folder is.</param>
    /// <param name="folder">The node's folder.</param>
    /// <param name="identity">Whose log it must be.</param>
    /// <param name="options">Its bounds.</param>
    /// <param name="shards">The cluster's shards.</param>
    /// <param name="recovered">Receives the records.</param>
    /// <param name="scan">What was found; after a repair the damage.</param>
    /// <exception cref="DataRefusedException">The log is another cluster's or node's, of a newer format, or damaged with
    /// no peer to repair it from.</exception>
    public static WriteAheadLog Open(
        IFileSystem files,
        string folder,
        DataIdentity identity,
        WalOptions options,
        IReadOnlyList<ShardPlacement> shards,
        NodeRecovery recovered,
        out WalScanResult scan)
    {
        string name = NameOf(files, folder);
        scan = Scan(files, folder, name, identity, recovered);
        WalScanResult begun = scan;
        if (scan.Outcome == WalOutcome.Damage)
        {
            name = BeginAnew(files, folder, identity, options, shards, recovered, $"the log is damaged: {scan.Text}");
            recovered.ForgetLog();
            begun = Scan(files, folder, name, identity, recovered);
        }

        WriteAheadLog log = WriteAheadLog.Open(files, Path.Combine(folder, name), identity, options, begun);
        recovered.LogEnd = log.Written;
        return log;
    }

    /// <summary>Begins a new log that says that what was promised and accepted is lost; returns its name.</summary>
    /// <param name="files">Where the node's folder is.</param>
    /// <param name="folder">The node's folder.</param>
    /// <param name="identity">Whose log it will be.</param>
    /// <param name="options">Its bounds.</param>
    /// <param name="shards">The cluster's shards: those that the node does not hold it may have held.</param>
    /// <param name="held">What the base store holds: without it, later, the new log has a hole. Null when the store is
    /// empty.</param>
    /// <param name="damage">Why.</param>
    /// <exception cref="DataRefusedException">A shard has no other replica to learn from.</exception>
    public static string BeginAnew(
        IFileSystem files,
        string folder,
        DataIdentity identity,
        WalOptions options,
        IReadOnlyList<ShardPlacement> shards,
        NodeRecovery? held,
        string damage)
    {
        RequirePeers(identity.Node, shards, damage);
        string name = Next(NameOf(files, folder));
        BeginAmnesiac(files, Path.Combine(folder, name), identity, options, shards, held);
        SmallFile.Write(files, Path.Combine(folder, NameFile), Encoding.UTF8.GetBytes(name));
        return name;
    }

    /// <summary>The folder that holds the log now.</summary>
    public static string NameOf(IFileSystem files, string folder) =>
        SmallFile.Read(files, Path.Combine(folder, NameFile)) is { } name ? Encoding.UTF8.GetString(name) : FirstName;

    private static WalScanResult Scan(
        IFileSystem files, string folder, string name, DataIdentity identity, NodeRecovery recovered) =>
        WalRecovery.Scan(
            files,
            Path.Combine(folder, name),
            identity,
            record => recovered.AddRecord(record.Shard, record.Kind, record.Payload));

    private static void RequirePeers(NodeId node, IReadOnlyList<ShardPlacement> shards, string damage)
    {
        foreach (ShardPlacement shard in shards)
        {
            if (shard.Members is [NodeId only] && only == node)
            {
                throw new DataRefusedException(
                    $"shard {shard.Shard} has no other replica to repair it from: {damage}");
            }
        }
    }

    private static string Next(string name)
    {
        int number = name == FirstName ? 1 : int.Parse(name.AsSpan(FirstName.Length + 1), CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{FirstName}-{number + 1}");
    }

    // An earlier start may have come to its end before the new log had its name.
    private static void BeginAmnesiac(
        IFileSystem files,
        string folder,
        DataIdentity identity,
        WalOptions options,
        IReadOnlyList<ShardPlacement> shards,
        NodeRecovery? held)
    {
        foreach (string left in files.List(folder))
        {
            files.Delete(Path.Combine(folder, left));
        }

        WalScanResult nothing = WalRecovery.Scan(files, folder, identity, _ => { });
        using WriteAheadLog log = WriteAheadLog.Open(files, folder, identity, options, nothing);
        var batch = new WalBatch();
        foreach (ShardPlacement shard in shards)
        {
            Add(batch, shard.Shard, new PaxosRecord(PaxosRecordKind.Amnesia, default, default, []));
            Slot flushed = held?.HeldOf(shard.Shard) ?? default;
            Add(batch, shard.Shard, new PaxosRecord(PaxosRecordKind.Flushed, default, flushed, []));
        }

        log.Append(batch);
        log.Sync();
    }

    private static void Add(WalBatch batch, ShardId shard, PaxosRecord record)
    {
        var body = new ByteWriter();
        record.Write(body);
        batch.Add(shard, (byte)record.Kind, body.WrittenSpan);
    }
}
