using System.Collections.Generic;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>
/// Rows 6 and 7: one row that all clients add to, with and without spillover, and interactive transfers between ten of
/// them, against PG-Q. Any error but a rolled back transaction ends the run; what is stored is compared with what was
/// acknowledged after each window.
/// </summary>
internal sealed class HotWorkload : IWorkload
{
    private const int Accounts = 20_000;
    private const int HotRow = 1;
    private const int FirstTransferRow = 2;
    private const int TransferRows = 10;
    private const int FirstCalmRow = FirstTransferRow + TransferRows;
    private const int Clients = 64;
    private const int FewClients = 16;
    private const int Readers = 8;
    private const double ReadGoalMs = 5;
    private const string Plain = "plain";

    public string Name => "hot";

    public string Rows => "6, 7";

    public async Task RunAsync(CompareRun run)
    {
        string folder = run.FolderOf(Name);
        run.Say("hot: starting ShardSql, PostgreSQL with two standbys");
        await using ShardSqlCluster shardSql = await ShardSqlCluster.StartAsync(folder, run.Shape);
        await using PostgresQuorum postgres = await PostgresQuorum.StartAsync(folder);
        await AccountTable.LoadAsync(shardSql.DataSource, "", 1, Accounts);
        await AccountTable.LoadAsync(shardSql.DataSource, "", 1, Accounts, Plain);
        await AccountTable.LoadAsync(postgres.DataSource, "", 1, Accounts);
        await EnableSpilloverAsync(shardSql.DataSource);

        var spilling = new Additions(shardSql.DataSource, Accounts);
        var hot = new UpdateContender("spilling row", shardSql.ProcessIds, spilling) { Last = HotRow };
        await MeasureOneRowAsync(run, shardSql, postgres, spilling, hot);
        await MeasureReadsAsync(run, shardSql, hot);
        await MeasureTransfersAsync(run, shardSql, postgres);
    }

    private static async Task MeasureOneRowAsync(
        CompareRun run, ShardSqlCluster shardSql, PostgresQuorum postgres, Additions spilling, UpdateContender hot)
    {
        IReadOnlyList<int> processes = shardSql.ProcessIds;
        var plain = new Additions(shardSql.DataSource, Accounts, Plain);
        var ordinary = new UpdateContender("ordinary row", processes, plain) { Last = HotRow };
        var uniform = new UpdateContender("uniform, no spillover", processes, plain) { First = FirstCalmRow };
        var calm = new UpdateContender("uniform, beside spilling rows", processes, spilling) { First = FirstCalmRow };
        var quorum = new UpdateContender("PG-Q", postgres.ProcessIds, new Additions(postgres.DataSource, Accounts))
        {
            Last = HotRow,
        };
        Rounds rounds = await run.RunAsync([hot, quorum, ordinary, uniform, calm], Clients, isFirst: true);
        const string Spilling = "UPDATE of one row that spills";
        const string Ordinary = "UPDATE of one row, no spillover";
        run.Add(rounds.Compare(Measure.Throughput(6, Spilling, Goal.AtLeast(25)), hot, quorum));
        run.Add(rounds.Compare(Measure.P99(6, Spilling, Goal.AtMost(0.05)), hot, quorum));
        run.Add(rounds.Compare(Measure.Throughput(6, Ordinary, Goal.AtLeast(25)), ordinary, quorum));
        run.Add(rounds.Compare(Measure.P99(6, Ordinary, Goal.AtMost(0.05)), ordinary, quorum));
        run.Add(rounds.Compare(Measure.Throughput(6, Spilling, Goal.AtLeast(0.9)), hot, uniform));
        run.Add(rounds.Compare(Measure.Throughput(6, Ordinary, Goal.AtLeast(0.9)), ordinary, uniform));
        run.Add(rounds.Compare(
            Measure.Throughput(6, "UPDATE of many rows, others spill", Goal.AtLeast(0.98)), calm, uniform));
    }

    private static async Task MeasureReadsAsync(CompareRun run, ShardSqlCluster shardSql, UpdateContender hot)
    {
        var reads = new HotReads(shardSql.DataSource, hot, Clients);
        await using ClosedLoop readers = await ClosedLoop.OpenAsync(reads, Readers);
        await readers.RunAsync(CompareSettings.WarmUp);
        var beside = new ReadBesideContender(hot, readers, run.Window);
        Rounds rounds = await run.RunAsync([beside, hot], Clients, isFirst: false);
        run.Add(rounds.Compare(
            Measure.Throughput(6, "UPDATE of one row that spills, 8 readers beside", Goal.AtLeast(0.9)), beside, hot));
        var read = new Rounds(Readers);
        foreach (Window window in beside.Reads)
        {
            read.Add(reads, window);
        }

        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"Beside {Clients} writers {Readers} readers of the row did "
                + $"{string.Join(", ", beside.Reads.Select(static one => $"{one.PerSecond:0}"))} reads/s, window by window."));
        run.Add(read.Against(
            Measure.P99(6, "SELECT of one row that spills, 64 writers beside", Goal.AtMost(1)), reads, ReadGoalMs));
    }

    private static async Task MeasureTransfersAsync(CompareRun run, ShardSqlCluster shardSql, PostgresQuorum postgres)
    {
        var ours = new HotTransferContender(
            run.Shape.Name, shardSql.DataSource, shardSql.ProcessIds, FirstTransferRow, TransferRows);
        var quorum = new HotTransferContender(
            "PG-Q", postgres.DataSource, postgres.ProcessIds, FirstTransferRow, TransferRows);
        foreach (int clients in (int[])[FewClients, Clients])
        {
            Rounds rounds = await run.RunAsync([ours, quorum], clients, isFirst: false);
            run.Add(rounds.Compare(
                Measure.Throughput(7, "interactive transfer between ten rows that spill", Goal.AtLeast(100)), ours, quorum));
        }
    }

    private static async Task EnableSpilloverAsync(DbDataSource source)
    {
        string keys = string.Join(", ", Enumerable.Range(HotRow, FirstCalmRow - HotRow)
            .Select(static row => string.Create(CultureInfo.InvariantCulture, $"({row})")));
        await using DbCommand enable =
            source.CreateCommand($"ALTER TABLE accounts ENABLE SPILLOVER ON (balance) FOR KEYS ({keys})");
        await enable.ExecuteNonQueryAsync();
    }
}
