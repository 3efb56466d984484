using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Simulation;
using ShardSql.Simulation.Cluster;
using ShardSql.Simulation.Cluster.Workloads;
using ShardSql.Simulation.Directed;
using ShardSql.Simulation.Explorer;
using ShardSql.Simulation.Model;
using ShardSql.Simulation.Mutation;

return args switch
{
    ["explore"] => Explore(),
    ["directed"] => RunDirected(),
    ["model", "--seeds", string seeds] when ulong.TryParse(seeds, out ulong count) => RunModel(count),
    ["mutants"] => new MutantRuns(Console.Out).RunAlone(null) ? 0 : 1,
    ["mutants", "--name", string name] => new MutantRuns(Console.Out).RunAlone(name) ? 0 : 1,
    [] => Usage(),
    _ => RunClusters(args),
};

static int Usage()
{
    Console.Error.WriteLine("ShardSql.Simulation explore           all states of the small models");
    Console.Error.WriteLine("ShardSql.Simulation directed          single paths, each once a bug or too rare for random runs");
    Console.Error.WriteLine("ShardSql.Simulation model --seeds N   random histories of the commit cores, N seeds of each kind");
    Console.Error.WriteLine("ShardSql.Simulation mutants [--name X]  rules broken one at a time: is each noticed?");
    Console.Error.WriteLine(
        "ShardSql.Simulation --seeds N [--first S] [--minutes M] [--load MS] [--trace]   whole clusters under faults");
    Console.Error.WriteLine(
        "    --store: slow base stores and snapshots all the time, with faults of their own; --sql: programs in SQL alone; --moves: while segments move; --jobs: while jobs of all kinds change tables; --voters: while voters and leaders change; --layouts: while replicas are added and removed");
    Console.Error.WriteLine(
        "    --deep fails when a rare state was not reached; --mutants runs the mutants after the seeds");
    return 2;
}

static int RunClusters(string[] args)
{
    var suite = new ClusterSuite();
    bool isBounded = false;
    for (int i = 0; i < args.Length; i++)
    {
        string next = i + 1 < args.Length ? args[i + 1] : "";
        (ClusterSuite? read, bool hasValue) = args[i] switch
        {
            "--seeds" when TryParse(next, out ulong count) => (suite with { Count = count }, true),
            "--first" when TryParse(next, out ulong first) => (suite with { First = first }, true),
            "--load" when TryParse(next, out ulong loadMs) => (suite with { LoadMs = (long)loadMs }, true),
            "--minutes" when TryParseMinutes(next, out TimeSpan limit) => (suite with { Limit = limit }, true),
            "--trace" => (suite with { IsTraced = true }, false),
            "--store" => (suite with { StressesStore = true }, false),
            "--sql" => (suite with { Kinds = WorkloadKinds.Sql }, false),
            "--moves" => (suite with { Kinds = WorkloadKinds.Moves }, false),
            "--jobs" => (suite with { Kinds = WorkloadKinds.Jobs }, false),
            "--voters" => (suite with { Kinds = WorkloadKinds.Voters }, false),
            "--layouts" => (suite with { Kinds = WorkloadKinds.Layouts }, false),
            "--deep" => (suite with { IsDeep = true }, false),
            "--mutants" => (suite with { WithMutants = true }, false),
            _ => ((ClusterSuite?)null, false),
        };
        if (read is null)
        {
            return Usage();
        }

        isBounded |= args[i] is "--seeds" or "--minutes";
        suite = read;
        i += hasValue ? 1 : 0;
    }

    return !isBounded ? Usage() : new ClusterRuns(Console.Out).Run(suite) ? 0 : 1;
}

static bool TryParse(string text, out ulong number) =>
    ulong.TryParse(text, CultureInfo.InvariantCulture, out number) && number is > 0 and < uint.MaxValue;

static bool TryParseMinutes(string text, out TimeSpan limit)
{
    bool known = double.TryParse(text, CultureInfo.InvariantCulture, out double minutes) && minutes is > 0 and < 100_000;
    limit = known ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue;
    return known;
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

static int RunDirected()
{
    bool clean = true;
    foreach ((string name, Func<string?> scenario) in DirectedScenarios.All)
    {
        string? found = scenario();
        clean &= found is null;
        Console.WriteLine($"{name,-40}{found ?? "clean"}");
    }

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
