using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Row 5: SmallBank, SERIALIZABLE, interactive and with batches, against PG-Q.</summary>
internal sealed class SmallBankWorkload : IWorkload
{
    private const int FewClients = 16;
    private const int ManyClients = 64;
    private const double InteractiveGoal = 2.5;

    public string Name => "smallbank";

    public string Rows => "5";

    public async Task RunAsync(CompareRun run)
    {
        await using BothSides sides = await BothSides.StartAsync(run, Name);
        (SmallBankTables oursTables, SmallBankTables quorumTables) =
            await sides.LoadAsync(run, SmallBankTables.LoadAsync);
        foreach (bool batches in (bool[])[false, true])
        {
            TransactionContender ours = ContenderOf(sides.Ours, oursTables, batches);
            TransactionContender quorum = ContenderOf(sides.Quorum, quorumTables, batches);
            foreach (int clients in (int[])[FewClients, ManyClients])
            {
                Rounds rounds = await run.RunAsync(
                    [ours, quorum], clients, isFirst: !batches && clients == FewClients);
                run.Add(rounds.Compare(
                    batches
                        ? Measure.Throughput("SmallBank, batches")
                        : Measure.Throughput(5, "SmallBank, interactive", Goal.AtLeast(InteractiveGoal)),
                    ours,
                    quorum));
            }
        }
    }

    private static TransactionContender ContenderOf(Side side, SmallBankTables tables, bool batches) =>
        new(side, _ => random => SmallBankMix.Next(random, tables), tables.FindWrongAsync) { Batches = batches };
}
