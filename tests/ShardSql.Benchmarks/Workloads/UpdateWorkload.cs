using System.Collections.Generic;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Rows 1 and 2: autocommit UPDATE against PG-Q and etcd, which keep as many durable copies.</summary>
internal sealed class UpdateWorkload : IWorkload
{
    private const int Accounts = 50_000;
    private const int ManyClients = 64;
    private const string What = "autocommit UPDATE";

    public string Name => "update";

    public string Rows => "1, 2";

    public async Task RunAsync(CompareRun run)
    {
        string folder = run.FolderOf(Name);
        run.Say("update: starting ShardSql, PostgreSQL with two standbys");
        await using ShardSqlCluster shardSql = await ShardSqlCluster.StartAsync(folder, run.Shape);
        await using PostgresQuorum postgres = await PostgresQuorum.StartAsync(folder);
        await AccountTable.LoadAsync(shardSql.DataSource, "", 1, Accounts);
        await AccountTable.LoadAsync(postgres.DataSource, "", 1, Accounts);
        var ours = new UpdateContender(
            run.Shape.Name, shardSql.ProcessIds, new Additions(shardSql.DataSource, Accounts));
        var quorum = new UpdateContender(
            "PG-Q", postgres.ProcessIds, new Additions(postgres.DataSource, Accounts));
        if (EtcdCluster.IsInstalled)
        {
            await using EtcdCluster etcd = await EtcdCluster.StartAsync(folder);
            await MeasureAsync(run, ours, quorum, new EtcdPutContender(etcd, Accounts));
        }
        else
        {
            run.Note("etcd is not installed (Debian: etcd-server): rows 1 and 2 are measured against PG-Q only.");
            await MeasureAsync(run, ours, quorum, null);
        }
    }

    private static async Task MeasureAsync(
        CompareRun run, UpdateContender ours, UpdateContender quorum, EtcdPutContender? etcd)
    {
        List<IContender> contenders = etcd is null ? [ours, quorum] : [ours, quorum, etcd];
        Rounds one = await run.RunAsync(contenders, clients: 1, isFirst: true);
        run.Add(one.Compare(Measure.P50(1, What, Goal.AtMost(0.60)), ours, quorum));
        if (etcd is not null)
        {
            run.Add(one.Compare(Measure.P50(1, What, Goal.AtMost(0.45)), ours, etcd));
        }

        Rounds many = await run.RunAsync(contenders, ManyClients, isFirst: false);
        run.Add(many.Compare(Measure.Throughput(2, What, Goal.AtLeast(3)), ours, quorum));
        if (etcd is not null)
        {
            run.Add(many.Compare(Measure.Throughput(2, What, Goal.AtLeast(4)), ours, etcd));
        }
    }
}
