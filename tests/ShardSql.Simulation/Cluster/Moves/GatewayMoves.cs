using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging.Abstractions;

using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Stamps;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Moves;

/// <summary>The jobs of a gateway where segments move and nothing else changes: each moves one segment.</summary>
internal sealed class GatewayMoves : GatewayWork
{
    private readonly SortedSet<long> _running = [];

    public GatewayMoves(
        SimulatedGateway gateway, StampSource stamps, SnapshotRegistry snapshots, BackgroundWork background, TimeProvider time)
        : base(gateway)
    {
        var client = new SimulatedShardClient(gateway, attempted: null);
        var committer = new Committer(client, stamps, time, new OutcomeResolver(client, stamps, time), background);
        var store = new SystemStore(client, stamps, snapshots, committer, time, gateway.World.NextOwnSession);
        Catalog = new CatalogCache(store, stamps, NullLogger.Instance);
        Services = new MoveServices(client, stamps, time, store, Catalog, new JobStore(store, time));
    }

    public override CatalogCache Catalog { get; }

    protected override MoveServices Services { get; }

    /// <summary>Puts a job that moves a segment; whoever looks next runs it.</summary>
    public Task PutAsync(long id, Segment segment, ShardId target) => TryAsync(() => Services.Store.ChangeAsync(
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
    public Task CancelAsync(long id) => TryAsync(() => Services.JobRows.ChangeAsync(
        id, job => job.HasEnded || job.IsCancelled ? null : job with { IsCancelled = true }, CancellationToken.None));

    /// <inheritdoc />
    public override string ToString() =>
        $"{OpenJobs} jobs that have not ended, at work on {string.Join(' ', _running)}";

    protected override async Task LookAsync()
    {
        foreach (JobRecord job in await ListAsync())
        {
            if (job.HasEnded)
            {
                await Services.JobRows.ForgetAsync(job.Id, CancellationToken.None);
                Gateway.World.Reach("move " + job.State);
            }
            else if (!_running.Contains(job.Id)
                && await Services.JobRows.TakeAsync(job.Id, CancellationToken.None) is { } taken)
            {
                Gateway.World.Reach("move taken over", taken.Epoch > 1 ? 1 : 0);
                _running.Add(taken.Id);
                Gateway.Start(() => WorkAsync(taken));
            }
        }
    }

    private async Task WorkAsync(JobRecord job)
    {
        await TryAsync(() => new SegmentMoving(Services, job).RunAsync(CancellationToken.None));
        _running.Remove(job.Id);
    }
}
