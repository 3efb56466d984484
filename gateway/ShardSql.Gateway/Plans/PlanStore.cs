using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Plans;

/// <summary>The plans' rows in the system shard; of too many the oldest are dropped.</summary>
internal sealed class PlanStore(SystemStore store)
{
    private const string Counter = "plans";

    private static readonly KeyRange s_all = KeyRange.Prefix(RowKeyLayout.RowPrefix(SystemTableIds.Plans));

    /// <summary>The steps of plans.</summary>
    public StepStore Steps { get; } = new(store, SystemTableIds.PlanSteps);

    /// <summary>All plans in the order of their ids.</summary>
    public Task<List<PlanRecord>> ListAsync(CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction => (await ListAsync(transaction, cancellationToken), HasWrites: false), cancellationToken);

    /// <summary>Keeps a new plan, and gives it its id.</summary>
    public async Task<PlanRecord> AddAsync(
        PlanRecord plan, IReadOnlyList<StepRecord> steps, CancellationToken cancellationToken)
    {
        plan = plan with { Id = (long)await Bootstrap.NextNumberAsync(store, Counter, cancellationToken) };
        await store.ChangeAsync(
            transaction =>
            {
                Put(transaction, plan);
                foreach (StepRecord step in steps)
                {
                    Steps.Put(transaction, plan.Id, step);
                }

                return Task.FromResult((plan, HasWrites: true));
            },
            cancellationToken);
        await TrimAsync(cancellationToken);
        return plan;
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        List<PlanRecord> plans = await ListAsync(cancellationToken);
        int steps = 0;
        for (int i = plans.Count - 1; i >= 0; i--)
        {
            steps += plans[i].Steps;
            if (plans.Count - i > GatewayLimits.MaxKeptPlans || (steps > GatewayLimits.MaxKeptSteps && i < plans.Count - 1))
            {
                await DropAsync(plans[i].Id, cancellationToken);
            }
        }
    }

    /// <summary>A plan; null where there is none.</summary>
    public async Task<PlanRecord?> FindAsync(OpenTransaction transaction, long id, CancellationToken cancellationToken) =>
        await store.GetAsync(transaction, KeyOf(id), cancellationToken) is { } row ? PlanRecord.Decode(row) : null;

    /// <summary>Writes a plan.</summary>
    public static void Put(OpenTransaction transaction, PlanRecord plan) =>
        transaction.At(ShardId.System).Write(SystemRows.Write(KeyOf(plan.Id), plan.Encode()));

    /// <summary>Drops a plan; false: there is none.</summary>
    public Task<bool> DropAsync(long id, CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction =>
        {
            bool isThere = await FindAsync(transaction, id, cancellationToken) is not null;
            if (isThere)
            {
                await DropAsync(transaction, id, cancellationToken);
            }

            return (isThere, HasWrites: isThere);
        },
        cancellationToken);

    private async Task DropAsync(OpenTransaction transaction, long id, CancellationToken cancellationToken)
    {
        await Steps.DropAsync(transaction, id, cancellationToken);
        transaction.At(ShardId.System).Write(SystemRows.Write(KeyOf(id), null));
    }

    private async Task<List<PlanRecord>> ListAsync(OpenTransaction transaction, CancellationToken cancellationToken)
    {
        var plans = new List<PlanRecord>();
        foreach ((_, byte[] row) in await store.ScanAsync(transaction, s_all, limit: 0, cancellationToken))
        {
            plans.Add(PlanRecord.Decode(row));
        }

        return plans;
    }

    private static byte[] KeyOf(long id) =>
        [.. RowKeyLayout.RowPrefix(SystemTableIds.Plans), .. SystemTableIds.NumberKey(id)];
}
