using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging.Abstractions;

using ShardSql.Gateway;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Stamps;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Simulation.Cluster.Moves;

/// <summary>
/// What a gateway of the simulator has of catalog and jobs when segments move: the gateway's own classes over the
/// simulated shards. It follows the map, takes jobs whose runner has died, and collects what moves leave.
/// </summary>
internal sealed class GatewayMoves
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(400);

    private readonly SimulatedGateway _gateway;
    private readonly MoveServices _services;
    private readonly MovedRows _moved;
    private readonly SortedSet<long> _running = [];
    private long _noJobUs;

    public GatewayMoves(
        SimulatedGateway gateway, StampSource stamps, SnapshotRegistry snapshots, BackgroundWork background, TimeProvider time)
    {
        _gateway = gateway;
        var client = new SimulatedShardClient(gateway, attempted: null);
        var committer = new Committer(client, stamps, time, new OutcomeResolver(client, stamps, time), background);
        var store = new SystemStore(client, stamps, snapshots, committer, time, gateway.World.NextOwnSession);
        Catalog = new CatalogCache(store, stamps, NullLogger.Instance);
        _services = new MoveServices(client, stamps, time, store, Catalog, new JobStore(store, time));
        _moved = new MovedRows(_services, _ => gateway.World.Reach("collecting failed"));
    }

    /// <summary>Catalog and map as the gateway knows them.</summary>
    public CatalogCache Catalog { get; }

    /// <summary>Whether it knows any.</summary>
    public bool IsReady => Catalog.Current.Map.Segments.Count > 0;

    /// <summary>Jobs that had not ended at the last look.</summary>
    public int OpenJobs { get; private set; }

    /// <summary>Whether the last look, after some time, found no job that has not ended.</summary>
    public bool SawNoJobSince(long us) => _noJobUs > us;

    /// <summary>Reads catalog and map again.</summary>
    public Task<SystemState> NewestAsync() => Catalog.NewestAsync(CancellationToken.None);

    /// <summary>Loads the catalog, then works on jobs for as long as the process lives.</summary>
    public async Task RunAsync()
    {
        while (!IsReady)
        {
            await TryAsync(() => Catalog.StartAsync(
                new ClusterIdentity(Guid.Empty, "", [.. _gateway.World.DataShards]), CancellationToken.None));
            await PauseAsync();
        }

        while (true)
        {
            await TryAsync(TakeJobsAsync);
            await TryAsync(() => _moved.CollectAsync(CancellationToken.None));
            await PauseAsync();
        }
    }

    /// <summary>Puts a job that moves a segment; whoever looks next runs it.</summary>
    public Task PutAsync(long id, Segment segment, ShardId target) => TryAsync(() => _services.Store.ChangeAsync(
        transaction =>
        {
            JobStore.Put(transaction, new JobRecord
            {
                Id = id,
                Kind = JobRecord.MoveSegment,
                Target = "",
                SegmentId = segment.Id.Value,
                ToShard = target.Value,
                MaxPauseMs = 1_000,
            });
            return Task.FromResult((id, HasWrites: true));
        },
        CancellationToken.None));

    /// <summary>CANCEL JOB, if it has not ended.</summary>
    public Task CancelAsync(long id) => TryAsync(() => _services.JobRows.ChangeAsync(
        id, job => job.HasEnded || job.IsCancelled ? null : job with { IsCancelled = true }, CancellationToken.None));

    /// <inheritdoc />
    public override string ToString() =>
        $"{OpenJobs} jobs that have not ended, at work on {string.Join(' ', _running)}, last look without one at {_noJobUs}";

    // On the simulator's clock: no time passes by it.
    private Task PauseAsync() => Task.Delay(s_look, _services.Time, CancellationToken.None);

    private async Task TakeJobsAsync()
    {
        List<JobRecord> jobs = await _services.JobRows.ListAsync(CancellationToken.None);
        OpenJobs = jobs.Count(static job => !job.HasEnded);
        _noJobUs = OpenJobs == 0 ? _gateway.World.Events.NowUs : 0;
        foreach (JobRecord job in jobs)
        {
            if (job.HasEnded)
            {
                await _services.JobRows.ForgetAsync(job.Id, CancellationToken.None);
                _gateway.World.Reach("move " + job.State);
            }
            else if (!_running.Contains(job.Id)
                && await _services.JobRows.TakeAsync(job.Id, CancellationToken.None) is { } taken)
            {
                _gateway.World.Reach("move taken over", taken.Epoch > 1 ? 1 : 0);
                _running.Add(taken.Id);
                _gateway.Start(() => WorkAsync(taken));
            }
        }
    }

    private async Task WorkAsync(JobRecord job)
    {
        await TryAsync(() => new SegmentMoving(_services, job).RunAsync(CancellationToken.None));
        _running.Remove(job.Id);
    }

    // What fails is tried again by whoever finds the lease over.
    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is ShardUnavailableException or GatewayException or SqlException
            or SnapshotRefusedException or MoveRefusedException or JobLostException)
        {
            _gateway.World.Reach("move work failed: " + failure.GetType().Name);
            _gateway.World.Check(
                failure is not SqlException { SqlState: SqlStates.DataCorrupted }, $"a move failed: {failure.Message}");
        }
    }
}
