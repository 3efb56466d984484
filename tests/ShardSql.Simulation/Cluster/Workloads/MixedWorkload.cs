using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>All workloads at once on one cluster, in shares that the seed draws.</summary>
internal sealed class MixedWorkload : IWorkload
{
    private const int WeightMax = 4;

    private readonly List<(IWorkload Workload, int Weight)> _parts = [];
    private readonly int _weights;

    public MixedWorkload(int groups, WorkloadKinds kinds, Prng prng)
    {
        IWorkload[] rows = kinds is WorkloadKinds.Sql or WorkloadKinds.Moves or WorkloadKinds.Jobs ? [new ListAppend(groups)] :
        [
            new ListAppend(groups), new Bank(groups), new WriteSkew(groups), new PredicateInserts(),
            new UniqueInserts(groups), new LongFork(groups), new CycleRing(groups), new Churn(groups),
            new CausalReverse(groups), new SecondaryKeys(groups),
        ];
        IWorkload[] sql = kinds == WorkloadKinds.Rows ? []
            : [new SqlPredicates(), new SqlBookings(), new SqlUniqueNames(), new SqlReferences(),
                new SqlPurses(SqlPurses.Table, isBounded: false), new SqlPurses(SqlPurses.BoundedTable, isBounded: true),
                new SqlSlates(), new SqlGauges()];
        sql = kinds switch
        {
            WorkloadKinds.Moves => [.. sql, new SqlTags()],
            WorkloadKinds.Jobs => [.. sql, new SqlTags(), new SqlLedger()],
            _ => sql,
        };

        foreach (IWorkload workload in rows.Concat(sql))
        {
            // The lists come first and are never left out.
            int weight = _parts.Count == 0 || workload is SqlLedger ? WeightMax : prng.Next(WeightMax);
            _parts.Add((workload, weight));
            _weights += weight;
        }
    }

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() =>
        _parts.SelectMany(part => part.Workload.InitialRows());

    public ClientProgram Next(Prng prng)
    {
        int drawn = prng.Next(_weights);
        foreach ((IWorkload workload, int weight) in _parts)
        {
            if (drawn < weight)
            {
                return workload.Next(prng);
            }

            drawn -= weight;
        }

        throw new InvariantException("A workload is drawn by its weight.");
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached) =>
        _parts.SelectMany(part => part.Workload.Check(final, reached));
}
