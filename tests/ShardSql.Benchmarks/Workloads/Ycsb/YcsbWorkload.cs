using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>
/// YCSB's core workloads A to F, zipfian, against PG-Q: single statements but for F's read-modify-writes.
/// </summary>
internal sealed class YcsbWorkload : IWorkload
{
    private const int Clients = 64;

    public string Name => "ycsb";

    public string? Rows => null;

    public async Task RunAsync(CompareRun run)
    {
        await using BothSides sides = await BothSides.StartAsync(run, Name);
        (YcsbTable oursTable, YcsbTable quorumTable) = await sides.LoadAsync(run, YcsbTable.LoadAsync);
        foreach (YcsbMix mix in YcsbMix.All)
        {
            run.Say($"  YCSB {mix.Letter}: {mix.Description}");
            TransactionContender ours = await ContenderAsync(sides.Ours, oursTable, mix);
            TransactionContender quorum = await ContenderAsync(sides.Quorum, quorumTable, mix);
            Rounds rounds = await run.RunAsync([ours, quorum], Clients, isFirst: mix == YcsbMix.All[0]);
            run.Add(rounds.Compare(Measure.Throughput($"YCSB {mix.Letter}: {mix.Description}"), ours, quorum));
        }
    }

    private static async Task<TransactionContender> ContenderAsync(Side side, YcsbTable table, YcsbMix mix)
    {
        if (mix.ReadModifyWrite == 0)
        {
            return new TransactionContender(side, _ => new YcsbDraw(mix, table).Next, table.FindWrongRecordsAsync);
        }

        await table.ResetCountersAsync();
        return new TransactionContender(side, _ => new YcsbDraw(mix, table).Next, table.FindWrongCountersAsync);
    }
}
