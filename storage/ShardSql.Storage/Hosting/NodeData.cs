using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// A node's log and base store, and what they recover to. A damaged base store is set aside and the log with it begun
/// anew: what stood in both tells together what was promised, so the node learns it again from its peers as one that
/// lost its log does (<see cref="NodeLog"/>).
/// </summary>
internal sealed class NodeData : IAsyncDisposable
{
    // Says that a damage was met while the node ran, which the next open may not meet.
    private const string DamageFile = "store.damage";

    private readonly IFileSystem _files;
    private readonly StorageNodeOptions _options;
    private readonly DataIdentity _identity;
    private readonly WalOptions _walOptions;
    private readonly IStorePlace _stores;
    private readonly List<string> _notices = [];
    private WriteAheadLog? _log;

    private NodeData(IFileSystem files, StorageNodeOptions options, IStorePlace? stores)
    {
        _files = files;
        _options = options;
        _identity = new DataIdentity(options.Layout.ClusterId, options.Self);
        _walOptions = new WalOptions { SegmentBytes = options.LogSegmentBytes };
        _stores = stores ?? new FolderStorePlace(options.Store, options.Folder, _identity);
    }

    /// <summary>The base store; owned by whoever opened this.</summary>
    public IBaseStore Store { get; private set; } = null!;

    /// <summary>What was there.</summary>
    public NodeRecovery Recovered { get; private set; } = null!;

    /// <summary>What whoever runs the node should know: a log whose end was cut, damage.</summary>
    public IReadOnlyList<string> Notices => _notices;

    /// <summary>What was found of the log as it was.</summary>
    public WalOutcome LogOutcome { get; private set; }

    /// <summary>Whether the base store was set aside.</summary>
    public bool HasSetStoreAside { get; private set; }

    /// <summary>Opens both, or makes them.</summary>
    /// <param name="files">Where the node's folder is.</param>
    /// <param name="options">Whose data it is.</param>
    /// <param name="stores">Where the base store is, if it is not in the node's folder.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DataRefusedException">Data of another cluster or node, of a newer format, or damaged with no peer
    /// to repair it from.</exception>
    public static async Task<NodeData> OpenAsync(
        IFileSystem files, StorageNodeOptions options, IStorePlace? stores, CancellationToken cancellationToken)
    {
        var data = new NodeData(files, options, stores);
        try
        {
            if (SmallFile.Read(files, data.DamagePath) is { } met)
            {
                data.BeginAnew(Encoding.UTF8.GetString(met));
            }

            await data.RecoverOrBeginAnewAsync(cancellationToken).ConfigureAwait(false);
            return data;
        }
        catch
        {
            await data.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Notes a damage that was met while the node ran, for its next start.</summary>
    public static void NoteDamage(IFileSystem files, string folder, StoreDamagedException damage) =>
        SmallFile.Write(files, Path.Combine(folder, DamageFile), Encoding.UTF8.GetBytes(damage.Message));

    /// <summary>Hands the log over to whoever writes it from now on.</summary>
    public WriteAheadLog TakeLog()
    {
        WriteAheadLog log = _log!;
        _log = null;
        return log;
    }

    /// <summary>Closes the store, and the log where nobody took it.</summary>
    public async ValueTask DisposeAsync()
    {
        _log?.Dispose();
        _log = null;
        if (Store is not null)
        {
            await Store.DisposeAsync().ConfigureAwait(false);
        }
    }

    private string DamagePath => Path.Combine(_options.Folder, DamageFile);

    private async Task RecoverOrBeginAnewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RecoverAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreDamagedException damage)
        {
            await DisposeAsync().ConfigureAwait(false);
            BeginAnew(damage.Message);
            await RecoverAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        Recovered = new NodeRecovery();
        Store = _stores.Open();

        // What a killed process left here may not be on the disk yet, and the log is cut behind what is read from it.
        await Store.SyncAsync(cancellationToken).ConfigureAwait(false);
        foreach (StoreRow meta in
            await Store.ScanAsync(NodeRecovery.Metas, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            await ReadStateAsync(NodeRecovery.ShardOf(meta), meta.Value, cancellationToken).ConfigureAwait(false);
        }

        _log = NodeLog.Open(
            _files, _options.Folder, _identity, _walOptions, _options.Layout.Shards, Recovered, out WalScanResult scan);
        LogOutcome = scan.Outcome;
        Recovered.RequireFlushed();
        if (scan.Outcome == WalOutcome.Damage)
        {
            _notices.Add($"the log was damaged and is left as it was; a new one is filled from the other replicas. {scan.Text}");
        }
        else if (scan.Outcome == WalOutcome.TornTail)
        {
            _notices.Add($"the log's end was cut: {scan.Text}");
        }
    }

    private async Task ReadStateAsync(ShardId shard, byte[] meta, CancellationToken cancellationToken)
    {
        var state = new ByteWriter();
        IReadOnlyList<StoreRow> parts = await Store
            .ScanAsync(NodeRecovery.StateRangeOf(shard, meta), int.MaxValue, cancellationToken)
            .ConfigureAwait(false);
        foreach (StoreRow part in parts)
        {
            state.WriteRaw(part.Value);
        }

        Recovered.AddState(shard, meta, state.WrittenSpan);
    }

    // The log goes first: an empty store behind the old one would be taken for all that the old one held.
    private void BeginAnew(string damage)
    {
        NodeLog.BeginAnew(_files, _options.Folder, _identity, _walOptions, _options.Layout.Shards, held: null, damage);
        string? aside = _stores.SetAside();
        HasSetStoreAside = true;
        if (_files.Exists(DamagePath))
        {
            _files.Delete(DamagePath);
            _files.SyncFolder(_options.Folder);
        }

        _notices.Add(
            $"the base store was damaged and lies in {aside}; a new one is filled from the other replicas. {damage}");
    }
}
