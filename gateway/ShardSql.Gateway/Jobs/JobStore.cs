using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Plans;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Jobs;

/// <summary>The jobs' rows in the system shard. A step reads its job's row in the transaction that does the step, so that
/// of two gateways which believe that they have the job only one commits.</summary>
internal sealed class JobStore(SystemStore store, TimeProvider time)
{
    /// <summary>The steps of jobs that change the map.</summary>
    public StepStore Steps { get; } = new(store, SystemTableIds.JobSteps);

    private const string Counter = "jobs";

    private static readonly KeyRange s_all = KeyRange.Prefix(RowKeyLayout.RowPrefix(SystemTableIds.Jobs));

    /// <summary>The clock of jobs.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The id of a new job.</summary>
    public async Task<long> NextIdAsync(CancellationToken cancellationToken) =>
        (long)await Bootstrap.NextNumberAsync(store, Counter, cancellationToken);

    /// <summary>All jobs in the order of their ids.</summary>
    public Task<List<JobRecord>> ListAsync(CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction =>
        {
            var jobs = new List<JobRecord>();
            foreach ((_, byte[] row) in await store.ScanAsync(transaction, s_all, limit: 0, cancellationToken))
            {
                jobs.Add(JobRecord.Decode(row));
            }

            return (jobs, HasWrites: false);
        },
        cancellationToken);

    /// <summary>A job; null where there is none.</summary>
    public Task<JobRecord?> FindAsync(long id, CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction => (await GetAsync(transaction, id, cancellationToken), HasWrites: false), cancellationToken);

    /// <summary>Forgets a job that has ended.</summary>
    public Task ForgetAsync(long id, CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction =>
        {
            await Steps.DropAsync(transaction, id, cancellationToken);
            transaction.At(ShardId.System).Write(SystemRows.Write(KeyOf(id), null));
            return (id, HasWrites: true);
        },
        cancellationToken);

    /// <summary>Takes a job that nobody works on; null: somebody does, or it has ended.</summary>
    public Task<JobRecord?> TakeAsync(long id, CancellationToken cancellationToken) => store.ChangeAsync<JobRecord?>(
        async transaction =>
        {
            JobRecord? job = await GetAsync(transaction, id, cancellationToken);
            if (job is null || job.HasEnded || LeaseTime.IsHeld(job.LeaseUntilMs, NowMs, GatewayLimits.JobLease))
            {
                return (null, HasWrites: false);
            }

            job = job with { Epoch = job.Epoch + 1, StartedMs = job.StartedMs == 0 ? NowMs : job.StartedMs };
            return (Write(transaction, job), HasWrites: true);
        },
        cancellationToken);

    /// <summary>Gives a job back that a gateway works on no more, so that another need not wait for its lease.</summary>
    public Task ReleaseAsync(JobRecord taken, CancellationToken cancellationToken) => ChangeAsync(
        taken.Id,
        job => job.HasEnded || job.Epoch != taken.Epoch ? null : job with { LeaseUntilMs = 0 },
        cancellationToken);

    /// <summary>Changes a job, whoever works on it; the change gives null where nothing is to be done.</summary>
    public Task<JobRecord?> ChangeAsync(
        long id, Func<JobRecord, JobRecord?> change, CancellationToken cancellationToken) => store.ChangeAsync<JobRecord?>(
        async transaction =>
        {
            JobRecord? job = await GetAsync(transaction, id, cancellationToken);
            if (job is null || change(job) is not { } changed)
            {
                return (job, HasWrites: false);
            }

            Put(transaction, changed);
            return (changed, HasWrites: true);
        },
        cancellationToken);

    /// <summary>The job as it is, for a step of the gateway that took it; JobLostException where another has.</summary>
    public async Task<JobRecord> RequireAsync(
        OpenTransaction transaction, JobRecord taken, CancellationToken cancellationToken)
    {
        JobRecord? job = await GetAsync(transaction, taken.Id, cancellationToken);
        return job is { HasEnded: false } && job.Epoch == taken.Epoch
            ? job
            : throw new JobLostException($"job {taken.Id} is not ours any more");
    }

    /// <summary>Writes a step's outcome, with a longer lease.</summary>
    public JobRecord Write(OpenTransaction transaction, JobRecord job)
    {
        job = job with
        {
            LeaseUntilMs = NowMs + (long)GatewayLimits.JobLease.TotalMilliseconds,
            FinishedMs = job.HasEnded ? NowMs : 0,
        };
        Put(transaction, job);
        return job;
    }

    /// <summary>Writes a job that nobody has yet.</summary>
    public static void Put(OpenTransaction transaction, JobRecord job) =>
        transaction.At(ShardId.System).Write(SystemRows.Write(KeyOf(job.Id), job.Encode()));

    /// <summary>A job, in a transaction.</summary>
    public async Task<JobRecord?> GetAsync(OpenTransaction transaction, long id, CancellationToken cancellationToken) =>
        await store.GetAsync(transaction, KeyOf(id), cancellationToken) is { } row ? JobRecord.Decode(row) : null;

    private static byte[] KeyOf(long id) =>
        [.. RowKeyLayout.RowPrefix(SystemTableIds.Jobs), .. SystemTableIds.NumberKey(id)];
}
