using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>TPC-C, scaled down, statement by statement and with batches, against PG-Q; consistent after each window.
/// </summary>
internal sealed class TpccWorkload : IWorkload
{
    private const int Clients = 16;

    public string Name => "tpcc";

    public string? Rows => null;

    public async Task RunAsync(CompareRun run)
    {
        var scale = new TpccScale(run.Warehouses);
        await using BothSides sides = await BothSides.StartAsync(run, Name);
        (TpccLedger oursLedger, TpccLedger quorumLedger) =
            await sides.LoadAsync(run, side => TpccTables.LoadAsync(side, scale));
        foreach (bool batches in (bool[])[false, true])
        {
            TransactionContender ours = ContenderOf(sides.Ours, oursLedger, batches);
            TransactionContender quorum = ContenderOf(sides.Quorum, quorumLedger, batches);
            Rounds rounds = await run.RunAsync([ours, quorum], Clients, isFirst: !batches);
            run.Add(rounds.Compare(
                Measure.Throughput($"TPC-C, {(batches ? "batches" : "interactive")}"), ours, quorum));
        }

        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"TPC-C: --warehouses {scale.Warehouses}, each of {TpccScale.Districts} districts of {TpccScale.Customers} "
            + $"customers; {TpccScale.Items} items; no thinking times; 45 % of the transactions are new orders."));
    }

    private static TransactionContender ContenderOf(Side side, TpccLedger ledger, bool batches)
    {
        var checks = new TpccConsistency(side, ledger);
        return new TransactionContender(
            side, client => new TpccMix(ledger, ledger.Scale.HomeOf(client)).Next, checks.FindWrongAsync)
        {
            Batches = batches,
        };
    }
}
