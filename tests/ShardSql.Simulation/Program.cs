using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Simulation;
using ShardSql.Simulation.Explorer;
using ShardSql.Simulation.Model;

return args switch
{
    ["explore"] => Explore(),
    ["model", "--seeds", string seeds] when ulong.TryParse(seeds, out ulong count) => RunModel(count),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("ShardSql.Simulation explore           all states of the small models");
    Console.Error.WriteLine("ShardSql.Simulation model --seeds N   random histories of the commit cores, N seeds of each kind");
    return 2;
}

static int Explore()
{
    var clock = Stopwatch.StartNew();
    long states = 0;
    bool clean = true;
    foreach (Func<ExplorerReport> exploration in Explorations.All)
    {
        ExplorerReport report = exploration();
        states += report.States;
        clean &= report.Violation is null && report.Complete;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Name,-32}{report.States,12:N0} states {report.Transitions,12:N0} steps  depth {report.Depth,3}"
            + $"{report.Elapsed.TotalSeconds,7:F1} s  {report.Violation ?? (report.Complete ? "clean" : "not complete")}"));
    }

    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{"all",-32}{states,12:N0} states in {clock.Elapsed.TotalSeconds:F1} s"));
    return clean ? 0 : 1;
}

static int RunModel(ulong seeds)
{
    var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
    var clock = Stopwatch.StartNew();
    try
    {
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            for (int shards = 1; shards <= 3; shards++)
            {
                foreach ((string what, long count) in ModelWorld.Run(new ModelOptions { Seed = seed, Shards = shards }))
                {
                    sums[what] = sums.GetValueOrDefault(what) + count;
                }
            }
        }
    }
    catch (InvariantException broken)
    {
        Console.Error.WriteLine(broken.Message);
        return 1;
    }

    foreach ((string what, long count) in sums)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-32}{count,12:N0}"));
    }

    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{seeds * 3:N0} histories in {clock.Elapsed.TotalSeconds:F1} s, all serial"));
    return 0;
}
