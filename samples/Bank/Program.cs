// SmallBank whose customers pay within communities that the hash of their ids hides: most payments cross shards, until
// RESHARD BY GRAPH has found the communities and moved them together, under load, with a leader killed in the middle. Then
// all pay one merchant, whose account is a hot row until it spills over.
//
//   dotnet run --project samples/Bank -c Release [-- PLOT.svg]
using System;
using System.IO;

using ShardSql.Bank;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;

string plot = Path.GetFullPath(args.Length > 0 ? args[0] : "bank.svg");
string folder = Directory.CreateTempSubdirectory("bank-").FullName;
var options = new EmbeddedClusterOptions { Name = "bank", Nodes = 3, Shards = 3, Folder = folder };
Summary summary;
await using (EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(options))
await using (ShardSqlDataSource database = ShardSqlDataSource.Create(cluster.ConnectionString))
{
    var run = new Run(cluster, database);
    summary = await run.TellAsync();
    await File.WriteAllTextAsync(plot, run.Plot());
}

Console.WriteLine($"Throughput over time: {plot}");
if (summary.IsGood)
{
    Directory.Delete(folder, recursive: true);
}

Console.WriteLine(summary);
return summary.IsGood ? 0 : 1;
