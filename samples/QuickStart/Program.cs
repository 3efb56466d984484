// A bank on three nodes, in one process: create it, use it, break it, count the money.
//
//   dotnet run --project samples/QuickStart -c Release [-- FOLDER]
//
// Without a folder the data goes to a temporary one that is deleted at the end.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.QuickStart;

string folder = args.Length > 0 ? Path.GetFullPath(args[0]) : Directory.CreateTempSubdirectory("quickstart-").FullName;
if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
{
    Console.Error.WriteLine($"{folder} is not empty.");
    return 1;
}

var options = new EmbeddedClusterOptions { Name = "quickstart", Nodes = 3, Shards = 3, Folder = folder };
IReadOnlyList<Acknowledged> acknowledged;
TrafficLog within;
TrafficLog across;
double? failoverMs;
int lost;
decimal total;

Screen.Headline("Three nodes, three shards, every shard on all nodes");
await using (EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(options))
await using (ShardSqlDataSource database = ShardSqlDataSource.Create(cluster.ConnectionString))
{
    Screen.Line($"{cluster.ConnectionString}, data in {folder}");
    var bank = new Demonstration(cluster, database);
    await bank.OpenAccountsAsync();

    Screen.Headline("Queries with Dapper");
    await bank.QueryAsync();

    Screen.Headline("EXPLAIN of a transfer within a shard, and of one across shards");
    Places places = await Places.FindAsync(database);
    await bank.ExplainAsync(places);

    Screen.Headline("Transfers");
    (within, across) = await bank.MeasureAsync(places);

    Screen.Headline("A leader is killed while transfers run");
    failoverMs = await bank.KillLeaderAsync(places);
    acknowledged = bank.Acknowledged;
}

Screen.Headline("Reopened from disk");
await using (EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(options))
await using (ShardSqlDataSource database = ShardSqlDataSource.Create(cluster.ConnectionString))
{
    (lost, total) = await new Demonstration(cluster, database).AuditAsync(acknowledged);
}

var summary = new Summary(
    TotalExact: total == Bank.Total,
    TpsSingle: Math.Round(within.PerSecond),
    P99MsSingle: Math.Round(within.PercentileMs(0.99), 2),
    TpsCross: Math.Round(across.PerSecond),
    P99MsCross: Math.Round(across.PercentileMs(0.99), 2),
    FailoverMs: failoverMs is { } ms ? Math.Round(ms) : null,
    AcknowledgedLost: lost);
if (summary.IsGood && args.Length == 0)
{
    Directory.Delete(folder, recursive: true);
}

Console.WriteLine(summary);
return summary.IsGood ? 0 : 1;
