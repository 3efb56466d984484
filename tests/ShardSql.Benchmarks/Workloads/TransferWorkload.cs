using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>
/// Rows 3 and 4: a transfer between two shards, against two of three PostgreSQL servers joined by PREPARE TRANSACTION
/// and against our own transfer inside a shard.
/// </summary>
internal sealed class TransferWorkload : IWorkload
{
    private const int ManyClients = 64;

    public string Name => "transfer";

    public string Rows => "3, 4";

    public async Task RunAsync(CompareRun run)
    {
        string folder = run.FolderOf(Name);
        run.Say("transfer: starting ShardSql, three PostgreSQL servers");
        await using ShardSqlCluster shardSql = await ShardSqlCluster.StartAsync(folder, run.Shape);
        await using PostgresTriple postgres = await PostgresTriple.StartAsync(folder);
        await AccountTable.LoadAsync(
            shardSql.DataSource, Placement(), 1, TransferKeys.AccountsPerShard * TransferKeys.Shards);
        for (int shard = 0; shard < TransferKeys.Shards; shard++)
        {
            await AccountTable.LoadAsync(
                postgres.DataSources[shard], "", TransferKeys.FirstOf(shard), TransferKeys.AccountsPerShard);
        }

        var across = new TransferContender(run.Shape.Name, shardSql.DataSource, shardSql.ProcessIds, isCross: true);
        var within = new TransferContender(
            "own single-shard", shardSql.DataSource, shardSql.ProcessIds, isCross: false);
        var prepared = new PreparedTransferContender(postgres);
        await across.RequirePlacementAsync();

        Rounds one = await run.RunAsync([across, prepared, within], clients: 1, isFirst: true);
        run.Add(one.Compare(Measure.P50(3, "cross-shard transfer", Goal.AtMost(0.75)), across, prepared));
        Rounds many = await run.RunAsync([across, prepared], ManyClients, isFirst: false);
        run.Add(many.Compare(Measure.Throughput(3, "cross-shard transfer", Goal.AtLeast(5)), across, prepared));
        run.Add(one.Compare(Measure.P50(4, "cross-shard transfer", Goal.AtMost(1.35)), across, within));
    }

    /// <summary>One range of ids for each shard, so that a client knows where an account is.</summary>
    private static string Placement() => " SHARD BY RANGE (id) SPLIT AT VALUES " + string.Join(
        ", ",
        Enumerable.Range(1, TransferKeys.Shards - 1)
            .Select(shard => string.Create(CultureInfo.InvariantCulture, $"({TransferKeys.FirstOf(shard)})")));
}
