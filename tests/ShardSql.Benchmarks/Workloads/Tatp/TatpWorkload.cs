using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tatp;

/// <summary>TATP, interactive, against PG-Q.</summary>
internal sealed class TatpWorkload : IWorkload
{
    private const int FewClients = 16;
    private const int ManyClients = 64;

    public string Name => "tatp";

    public string? Rows => null;

    public async Task RunAsync(CompareRun run)
    {
        await using BothSides sides = await BothSides.StartAsync(run, Name);
        (TatpTables oursTables, TatpTables quorumTables) = await sides.LoadAsync(run, TatpTables.LoadAsync);
        TransactionContender ours = ContenderOf(sides.Ours, oursTables);
        TransactionContender quorum = ContenderOf(sides.Quorum, quorumTables);
        foreach (int clients in (int[])[FewClients, ManyClients])
        {
            Rounds rounds = await run.RunAsync([ours, quorum], clients, isFirst: clients == FewClients);
            run.Add(rounds.Compare(Measure.Throughput("TATP"), ours, quorum));
        }
    }

    private static TransactionContender ContenderOf(Side side, TatpTables tables) =>
        new(side, _ => random => TatpMix.Next(random, tables), tables.FindWrongAsync);
}
