using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Stamps;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Catalogs;

/// <summary>
/// Catalog and shard map as this gateway knows them: an immutable state, swapped whole. It may be old at any time; the
/// shards refuse what was planned with an old one, and then it is read again.
/// </summary>
internal sealed class CatalogCache : IDisposable
{
    private readonly SystemStore _store;
    private readonly IndexAges _ages;
    private readonly LayoutKeeper? _layouts;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _gate = new();
    private volatile SystemState _current = SystemState.Initial([]);
    private IReadOnlyList<ShardId> _dataShards = [];
    private ulong _reads;

    public CatalogCache(SystemStore store, StampSource stamps, ILogger logger, LayoutKeeper? layouts = null)
    {
        _layouts = layouts;
        _store = store;
        _ages = new IndexAges(stamps);
        _logger = logger;
    }

    /// <summary>Held by whoever pauses a segment to change the map: all such changes write the map's version, so two at once
    /// would only make each other wait.</summary>
    public SemaphoreSlim MapTurn { get; } = new(1);

    /// <summary>The state that plans are made with now.</summary>
    public SystemState Current => _current;

    /// <summary>The state as queries at a snapshot may use it.</summary>
    public SystemState AsOf(SystemState state, HlcTimestamp snapshot) => _ages.AsOf(state, snapshot);

    /// <summary>The first state, once the cluster's identity is known.</summary>
    public async Task StartAsync(ClusterIdentity identity, CancellationToken cancellationToken)
    {
        _dataShards = identity.DataShards;
        _current = SystemState.Initial(_dataShards);
        await RefreshAsync(cancellationToken);
    }

    /// <summary>
    /// Reads the state again. Those who ask while it is being read wait and share one reading more: the one on its way
    /// may have begun before what they know of.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        ulong asked = Interlocked.Read(ref _reads) + (_reading.CurrentCount == 0 ? 1UL : 0UL);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            // A reading that began after the question answers it.
            if (Interlocked.Read(ref _reads) <= asked)
            {
                Publish(await LoadAsync(cancellationToken));
                Interlocked.Increment(ref _reads);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The state, read again.</summary>
    public async Task<SystemState> NewestAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        return Current;
    }

    /// <summary>Whether there is a newer state than the one that the caller has used; it is current when this returns.
    /// </summary>
    public async Task<bool> CatchUpAsync(SystemState known, CancellationToken cancellationToken)
    {
        byte[]? row = await _store.ChangeAsync(
            async transaction =>
                (await _store.GetAsync(transaction, SystemKeys.Header, cancellationToken), HasWrites: false),
            cancellationToken);
        if (row is null || CatalogHeader.Decode(row) == known.Catalog.Header)
        {
            // Another may have read a newer state since ours was looked at.
            return Current.Catalog.Header != known.Catalog.Header;
        }

        await RefreshAsync(cancellationToken);
        return true;
    }

    /// <summary>Catches up by the clock; an unreachable system shard is the next poll's business.</summary>
    public async Task PollAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CatchUpAsync(Current, cancellationToken);
            await (_layouts?.FollowAsync(cancellationToken) ?? Task.CompletedTask);
        }
        catch (ShardUnavailableException failure)
        {
            Log.CatalogUnreachable(_logger, failure.Message);
        }
        catch (SqlException failure)
        {
            Log.CatalogUnreachable(_logger, failure.Message);
        }
        catch (GatewayException failure)
        {
            Log.CatalogUnreachable(_logger, failure.Message);
        }
    }

    /// <summary>Takes a state unless a newer one is here.</summary>
    public void Publish(SystemState state)
    {
        lock (_gate)
        {
            if ((state.Catalog.Version, state.Map.Version).CompareTo((_current.Catalog.Version, _current.Map.Version)) >= 0)
            {
                _ages.Observe(state);
                _current = state;
            }
        }

        Log.CatalogRefreshed(_logger, state.Catalog.Version, state.Map.Version);
    }

    public void Dispose()
    {
        MapTurn.Dispose();
        _reading.Dispose();
    }

    private async Task<SystemState> LoadAsync(CancellationToken cancellationToken)
    {
        (SystemState state, byte[]? layout) = await ReadAsync(cancellationToken);
        if (layout is not null && _layouts is not null)
        {
            // Whoever plans with this state reaches the shards that it names.
            await _layouts.TakeAsync(LayoutStore.Decode(layout), cancellationToken);
        }

        return state;
    }

    private Task<(SystemState State, byte[]? Layout)> ReadAsync(CancellationToken cancellationToken) => _store.ChangeAsync(
        async transaction =>
        {
            List<KeyValuePair<byte[], byte[]>> rows =
                await _store.ScanAsync(transaction, SystemKeys.All, limit: 0, cancellationToken);
            if (await _store.GetAsync(transaction, SystemKeys.Topology, cancellationToken) is { } topology)
            {
                rows.Add(new(SystemKeys.Topology, topology));
            }

            byte[]? layout = await _store.GetAsync(transaction, SystemTableIds.LayoutKey, cancellationToken);
            return ((SystemState.Load(rows, _dataShards), layout), HasWrites: false);
        },
        cancellationToken);
}
