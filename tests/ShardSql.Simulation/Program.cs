using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;

using ShardSql.Simulation.Explorer;
using ShardSql.Simulation.Model;

if (args[0] == "px")
{
    Console.WriteLine(PaxosExplorer.Run(new PaxosBounds { Slots = int.Parse(args[1]), CampaignsOfFirst = int.Parse(args[2]), CampaignsOfSecond = int.Parse(args[3]), Proposals = int.Parse(args[4]), Restarts = int.Parse(args[5]), Defect = (PaxosDefect)int.Parse(args[6]), Heartbeats = int.Parse(args[7]), Rejections = args.Length > 8, StatesMax = 3_000_000 }));
    return 0;
}

var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
var clock = Stopwatch.StartNew();
for (ulong seed = 1; seed <= ulong.Parse(args[1], CultureInfo.InvariantCulture); seed++)
{
    foreach ((string what, long count) in ModelWorld.Run(new ModelOptions { Seed = seed, Shards = int.Parse(args[2], CultureInfo.InvariantCulture) }))
    {
        sums[what] = sums.GetValueOrDefault(what) + count;
    }
}

foreach ((string what, long count) in sums)
{
    Console.WriteLine($"{what,-30}{count,12}");
}

Console.WriteLine(clock.Elapsed);
return 0;
