using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;

using ShardSql.Simulation.Model;

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
