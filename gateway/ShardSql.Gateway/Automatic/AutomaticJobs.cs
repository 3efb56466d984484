using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Partitioning;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Automatic;

/// <summary>
/// What a cluster does by itself, as ALTER CLUSTER SET allows it (sharding.md §5). At each look the gateway that has the lease
/// thinks out a plan from what it has seen of transactions. Where several looks in a row find one worth its cost, it is kept
/// for somebody to run ('advise') or begun ('on'): one job at a time over all gateways, none while another job
/// is there, paused ones too, and none too soon after the last.
/// </summary>
internal sealed class AutomaticJobs
{
    private const int WorthItsCost = 1_000;

    // A gateway that misses one look still has its lease.
    private const int LeasePeriods = 3;

    private readonly GatewayServices _services;
    private readonly AutomaticOptions _options;
    private readonly TimeProvider _time;
    private readonly AutomaticLeaseStore _leases;
    private readonly (IAutomaticWork Work, HysteresisGate Gate)[] _works;

    public AutomaticJobs(GatewayServices services, AutomaticOptions options, TimeProvider time)
    {
        _services = services;
        _options = options;
        _time = time;
        _leases = new AutomaticLeaseStore(
            services.Store, () => services.Stamps.Source, options.Period * LeasePeriods, time);
        var gate = new HysteresisGate(WorthItsCost, options.LooksNeeded);
        _works = [(new AutomaticReshard(services, options), gate), (new AutomaticSplit(services, options), gate)];
    }

    // What this gateway has ever taken; it may have lost it since.
    private readonly HashSet<string> _taken = [];

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Looks once; what cannot be done now is the next look's business.</summary>
    public async Task LookAsync(CancellationToken ended)
    {
        for (int i = 0; i < _works.Length; i++)
        {
            await TryLookAsync(i, ended);
        }
    }

    private async Task TryLookAsync(int i, CancellationToken ended)
    {
        try
        {
            ClusterSettings settings = await _services.Settings.ReadAsync(ended);
            (IAutomaticWork work, HysteresisGate gate) = _works[i];
            _works[i].Gate = await LookAsync(work, gate, work.ModeOf(settings), ended);
        }
        catch (Exception failure) when (failure is ShardUnavailableException or SqlException or GatewayException or JobLostException)
        {
            Log.BackgroundFailed(_services.Logger, failure);
        }
    }

    /// <summary>Gives back what this gateway has, so that another need not wait for it.</summary>
    public async Task ReleaseAsync(CancellationToken ended)
    {
        foreach (string work in _taken)
        {
            await _leases.ReleaseAsync(work, ended);
        }
    }

    private async Task<HysteresisGate> LookAsync(
        IAutomaticWork work, HysteresisGate gate, AutomaticMode mode, CancellationToken ended)
    {
        HysteresisGate anew = gate with { Passed = 0 };
        if (mode == AutomaticMode.Off || !HasSeenEnough() || await _leases.TakeAsync(work.Name, ended) is not { } lease)
        {
            return anew;
        }

        _taken.Add(work.Name);
        if (NowMs < lease.NotBeforeMs || await IsBusyAsync(ended))
        {
            return anew;
        }

        if (_services.Graph.Snapshot() is not { } known || await work.ProposeAsync(known, ended) is not { } proposal)
        {
            return anew;
        }

        (HysteresisGate next, bool isOpen) = gate.Offer(proposal.Gain, proposal.Cost);
        if (isOpen)
        {
            await ActAsync(work, lease, proposal.Draft, mode, ended);
        }

        return next;
    }

    /// <summary>Who sees little would plan badly, and keep the lease from a gateway that sees much.</summary>
    private bool HasSeenEnough() => _services.Graph.Read(static (_, totals) => totals) is { } totals
        && totals.Sampled >= _options.MinSampled && totals.PerSecond >= _options.MinPerSecond;

    private async Task<bool> IsBusyAsync(CancellationToken ended) =>
        (await _services.JobRows.ListAsync(ended)).Any(static job => !job.HasEnded);

    private async Task ActAsync(
        IAutomaticWork work, AutomaticLease lease, PlanDraft draft, AutomaticMode mode, CancellationToken ended)
    {
        (PlanRecord plan, _) = await _services.Plans.KeepAsync(draft, new MoveOptions(), work.Name, ended);
        AutomaticLease after = lease with
        {
            PlanId = plan.Id, NotBeforeMs = NowMs + (long)_options.MinInterval.TotalMilliseconds,
        };
        if (mode == AutomaticMode.On)
        {
            (_, JobRecord? job) = await _services.Plans.ExecuteAsync(
                plan.Id,
                static options => options,
                (transaction, id) => _leases.NoteAsync(transaction, work.Name, lease, after with { JobId = id }, ended),
                ended);
            Log.AutomaticJobBegun(_services.Logger, work.Name, job!.Id, job.Target);
            _services.Jobs.Signal();
        }
        else
        {
            await _services.Store.ChangeAsync(
                async transaction =>
                {
                    await _leases.NoteAsync(transaction, work.Name, lease, after, ended);
                    return (plan, HasWrites: true);
                },
                ended);
        }

        await DropEarlierAsync(work, plan, ended);
    }

    /// <summary>Of plans that nobody has run only the newest is of use.</summary>
    private async Task DropEarlierAsync(IAutomaticWork work, PlanRecord newest, CancellationToken ended)
    {
        List<PlanRecord> plans = await _services.Plans.Rows.ListAsync(ended);
        foreach (PlanRecord plan in plans.Where(plan => plan.Origin == work.Name && plan.JobId == 0 && plan.Id < newest.Id))
        {
            await _services.Plans.Rows.DropAsync(plan.Id, ended);
        }
    }
}
