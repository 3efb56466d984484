using System.IO;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Row 11: point SELECT against one PostgreSQL.</summary>
internal sealed class SelectWorkload : IWorkload
{
    private const int Accounts = 50_000;
    private const int Clients = 16;

    public string Name => "select";

    public string Rows => "11";

    public async Task RunAsync(CompareRun run)
    {
        string folder = run.FolderOf(Name);
        run.Say("select: starting ShardSql, PostgreSQL");
        await using ShardSqlCluster shardSql = await ShardSqlCluster.StartAsync(folder, run.Shape);
        await using PostgresServer postgres = await PostgresServer.CreateAsync(Path.Combine(folder, "pg"));
        await AccountTable.LoadAsync(shardSql.DataSource, "", 1, Accounts);
        await AccountTable.LoadAsync(postgres.DataSource, "", 1, Accounts);
        var ours = new SelectContender(run.Shape.Name, shardSql.DataSource, shardSql.ProcessIds, Accounts);
        var peer = new SelectContender("PostgreSQL", postgres.DataSource, [postgres.ProcessId], Accounts);
        Rounds rounds = await run.RunAsync([ours, peer], Clients, isFirst: true);
        run.Add(rounds.Compare(Measure.Throughput(11, "point SELECT", Goal.AtLeast(1.5)), ours, peer));
    }
}
