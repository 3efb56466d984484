using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>
/// Row 8: UPDATEs of rows of one segment, while it goes from shard to shard and while it stays. Any error but a rolled back
/// transaction ends the run; what is stored is compared with what was acknowledged after each window.
/// </summary>
internal sealed class MoveWorkload : IWorkload
{
    private const int Accounts = 200_000;
    private const int Clients = 16;
    private const double StallGoalMs = 25;

    public string Name => "move";

    public string Rows => "8";

    public string? Missing => null;

    public async Task RunAsync(CompareRun run)
    {
        string folder = run.FolderOf(Name);
        run.Say("move: starting ShardSql");
        await using ShardSqlCluster shardSql = await ShardSqlCluster.StartAsync(folder, run.Shape);
        await AccountTable.LoadAsync(shardSql.DataSource, " SHARD BY RANGE (id)", 1, Accounts);
        var calm = new UpdateContender(
            "without a move", shardSql.ProcessIds, new Additions(shardSql.DataSource, Accounts));
        var moving = new MovingContender(calm, shardSql.DataSource);
        Rounds rounds = await run.RunAsync([calm, moving], Clients, isFirst: true);
        run.Add(rounds.Compare(
            Measure.Throughput(8, "UPDATEs of a segment that moves", Goal.AtLeast(0.85)), moving, calm));
        run.Add(rounds.Against(Measure.Longest(8, "UPDATE of a segment that moves"), moving, StallGoalMs));
        run.Add(rounds.Against(Measure.Longest(8, "UPDATE of a segment that stays"), calm, StallGoalMs));
        run.AddSection(string.Create(
            CultureInfo.InvariantCulture,
            $"## Moves\n\n{Accounts} rows in {moving.Moves.Count} moves, one in each window: took "
                + $"{string.Join(", ", moving.Moves.Select(static move => $"{move.TookMs:0}"))} ms; writes waited for "
                + $"{string.Join(", ", moving.Moves.Select(static move => move.PauseMs))} ms.\n"));
    }
}
