using System.CommandLine;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Parsing;

var root = new RootCommand("Measures ShardSql against its peers (design/performance.md).")
{
    CompareCommand.Create(), ParseCommand.Create(), ParseCommand.CreateChild(),
};
return await root.Parse(args).InvokeAsync();
