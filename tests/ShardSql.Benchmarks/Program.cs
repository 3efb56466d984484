using System.CommandLine;
using ShardSql.Benchmarks.Comparing;

var root = new RootCommand("Measures ShardSql against its peers (design/performance.md).") { CompareCommand.Create() };
return await root.Parse(args).InvokeAsync();
