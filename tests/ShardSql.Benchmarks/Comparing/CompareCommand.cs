using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Partitioning;
using ShardSql.Benchmarks.Reports;
using ShardSql.Benchmarks.Servers;
using ShardSql.Benchmarks.Workloads;
using ShardSql.Benchmarks.Workloads.SmallBank;
using ShardSql.Benchmarks.Workloads.Tatp;
using ShardSql.Benchmarks.Workloads.Tpcc;
using ShardSql.Benchmarks.Workloads.Ycsb;

namespace ShardSql.Benchmarks.Comparing;

/// <summary><c>compare [workload…]</c>: starts what is installed, lets both sides run in turn, writes results.</summary>
internal static class CompareCommand
{
    private const string ResultsFolder = "tests/ShardSql.Benchmarks";
    private const string Solution = "ShardSql.sln";
    private const string NodeRole = "node";
    private const string BothRole = "both";

    private static readonly IWorkload[] s_workloads =
    [
        new UpdateWorkload(), new TransferWorkload(), new HotWorkload(), new SelectWorkload(), new MoveWorkload(),
        new PartitionWorkload(), new SmallBankWorkload(), new YcsbWorkload(),
        new TatpWorkload(), new TpccWorkload(),
    ];

    public static Command Create()
    {
        string names = string.Join(
            ", ",
            s_workloads.Select(
                workload => workload.Rows is null ? workload.Name : $"{workload.Name} (rows {workload.Rows})"));
        var workloads = new Argument<string[]>("workload")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = $"Any of {names}; none: all.",
        };
        workloads.AcceptOnlyFromAmong([.. s_workloads.Select(workload => workload.Name)]);
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds: a first look." };
        var store = new Option<string>("--store")
        {
            Description = "Base store of our nodes; rocksdb where librocksdb is installed, else sqlite.",
            DefaultValueFactory = _ => BaseStore.Best(),
        };
        store.AcceptOnlyFromAmong(BaseStore.RocksDb, BaseStore.Sqlite);
        var role = new Option<string>("--role")
        {
            Description = "node: three nodes and a gateway; both: three processes that are node and gateway.",
            DefaultValueFactory = _ => NodeRole,
        };
        role.AcceptOnlyFromAmong(NodeRole, BothRole);
        var folder = new Option<string>("--folder")
        {
            Description = "Where servers keep their files; a new folder in it is removed at the end.",
            DefaultValueFactory = _ => Path.GetTempPath(),
        };
        var results = new Option<string>("--results")
        {
            Description = "Where results.md and results.json go.",
            DefaultValueFactory = _ => DefaultResults(),
        };
        var warehouses = new Option<int>("--warehouses")
        {
            Description = $"Warehouses of tpcc, 1 to {CompareSettings.WarehousesMax}.",
            DefaultValueFactory = _ => CompareSettings.WarehousesByDefault,
        };
        warehouses.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > CompareSettings.WarehousesMax)
            {
                result.AddError($"tpcc has 1 to {CompareSettings.WarehousesMax} warehouses.");
            }
        });
        var command = new Command(
            "compare",
            "Rows 1 to 9 and 11, YCSB, TATP and TPC-C: ours against PostgreSQL, etcd and METIS.")
        {
            workloads, quick, store, role, folder, results, warehouses,
        };
        command.SetAction((parsed, stop) => RunAsync(
            parsed.GetValue(workloads) ?? [],
            (parsed.GetValue(quick) ? CompareSettings.Quick : CompareSettings.Full) with
            {
                Warehouses = parsed.GetValue(warehouses),
            },
            new ClusterShape(parsed.GetRequiredValue(store), parsed.GetRequiredValue(role) == BothRole),
            parsed.GetRequiredValue(folder),
            parsed.GetRequiredValue(results),
            stop));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] names,
        CompareSettings settings,
        ClusterShape shape,
        string parent,
        string results,
        CancellationToken stop)
    {
        IWorkload[] asked = [.. s_workloads.Where(one => names.Length == 0 || names.Contains(one.Name))];
        if (asked.All(workload => workload.Missing is not null))
        {
            Console.Error.WriteLine(string.Join(' ', asked.Select(workload => workload.Missing).Distinct()));
            return 1;
        }

        string folder = Path.Combine(Path.GetFullPath(parent), "shardsql-" + Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        var run = new CompareRun(settings, folder, shape, Console.Out, stop);
        run.Note($"Our nodes run on the {shape.Store} store; both sides on unix sockets, fsync on.");
        run.Note(shape.GatewayInNodes
            ? "Ours is three processes that are node and gateway both."
            : "Ours is three nodes and a gateway, four processes.");
        run.Note($"Load average of the machine before the start: {Machine.Load()}.");
        if (settings.IsQuick)
        {
            run.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"A quick run: {settings.Rounds} rounds of {settings.Window.TotalSeconds:0} s, a first look only."));
        }

        try
        {
            foreach (IWorkload workload in asked)
            {
                if (workload.Missing is { } missing)
                {
                    run.Note($"{workload.Name} is left out: {missing}");
                    continue;
                }

                await workload.RunAsync(run);
            }

            Write(run, settings, names, results, folder);
            Directory.Delete(folder, recursive: true);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine($"Stopped; the servers' logs are in {folder}.");
            return 1;
        }
        catch (BenchmarkException error)
        {
            Console.Error.WriteLine($"{error.Message} The servers' logs are in {folder}.");
            return 1;
        }
    }

    private static void Write(
        CompareRun run, CompareSettings settings, string[] names, string results, string folder)
    {
        string command = "dotnet run -c Release --project tests/ShardSql.Benchmarks -- compare"
            + string.Concat(names.Select(name => " " + name))
            + (settings.IsQuick ? " --quick" : "")
            + (run.Shape.Store == BaseStore.Best() ? "" : " --store " + run.Shape.Store)
            + (run.Shape.GatewayInNodes ? " --role " + BothRole : "")
            + (settings.Warehouses == CompareSettings.WarehousesByDefault
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $" --warehouses {settings.Warehouses}"));
        string date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        string table = ResultsTable.Of(run.Rows, run.Notes, run.Sections, command, Machine.Describe(folder), date);
        Directory.CreateDirectory(results);
        File.WriteAllText(Path.Combine(results, "results.md"), table);
        File.WriteAllText(Path.Combine(results, "results.json"), ResultsJson.Of(run.Rows));
        Console.WriteLine();
        Console.WriteLine(table);
    }

    /// <summary>This project's folder when run from the repository, else the current one.</summary>
    internal static string DefaultResults()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, Solution)))
            {
                return Path.Combine(at.FullName, ResultsFolder);
            }
        }

        return Environment.CurrentDirectory;
    }
}
