using System.Collections.Generic;
using System.Linq;

using ShardSql.Gateway.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Resharding;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;

namespace ShardSql.Simulation.Cluster.Jobs;

/// <summary>Asks for jobs of all kinds, drawn from the seed, at whatever gateway is up; pauses, cancels, retries and reverts
/// some, and ends gateways that may be at work on one.</summary>
internal sealed class JobDriver(SimulatedCluster world, Prng prng)
{
    private const long BetweenMeanUs = 1_200_000;
    private const long PauseMeanUs = 1_500_000;
    private const long AgainUs = 1_000_000;
    private const long CrashMeanUs = 800_000;
    private const int OpenJobsMax = 4;
    private const int CrashesPerMillion = 120_000;

    private static readonly (string Table, string Column)[] s_tables =
    [
        ("ledger", "ward"), ("ledger", "ward"), ("ledger", "ward"), ("tags", "kind"), ("names", "kind"), ("seats", "number"),
        ("places", "number"), ("dogs", "owner"), ("owners", "id"), ("bookings", "units"),
    ];

    private static readonly string[] s_placements =
    [
        "SHARD BY HASH (id) INTO {0} SEGMENTS", "SHARD BY RANGE (id) SPLIT AT VALUES ({0})",
        "SHARD BY RANGE (id) SPLIT AT VALUES ({0}), (3{0})", "SINGLE", "SHARD BY HASH (id)",
    ];

    private int _indexes;

    /// <summary>Begins, and goes on as long as there is load.</summary>
    public void Start() => world.Events.After(prng.Exponential(BetweenMeanUs), Next);

    private void Next()
    {
        if (!world.WantsLoad)
        {
            ResumeAll();
            return;
        }

        if (Pick() is { } picked)
        {
            Ask(picked.Gateway, picked.Jobs);
            if (prng.Chance(CrashesPerMillion))
            {
                long afterUs = prng.Exponential(BetweenMeanUs);
                long lengthUs = prng.Exponential(CrashMeanUs);
                world.Events.After(afterUs, () => Crash(picked.Gateway, lengthUs));
            }
        }

        Start();
    }

    private void Crash(SimulatedGateway gateway, long lengthUs)
    {
        if (!world.WantsLoad || !gateway.IsUp)
        {
            return;
        }

        world.Reach("gateway ended by the driver of jobs");
        gateway.Crash();
        world.Events.After(lengthUs, () =>
        {
            if (!gateway.IsUp)
            {
                gateway.Restart();
            }
        });
    }

    private (SimulatedGateway Gateway, GatewayJobs Jobs)? Pick()
    {
        List<SimulatedGateway> up = [.. world.Gateways.Where(static gateway => gateway is { IsUp: true, Moves.IsReady: true })];
        return up.Count == 0 ? null : up[prng.Next(up.Count)] is var gateway ? (gateway, (GatewayJobs)gateway.Moves!) : null;
    }

    private void Ask(SimulatedGateway gateway, GatewayJobs jobs)
    {
        int drawn = prng.Next(20);
        if (drawn < 6)
        {
            Drive(gateway, jobs, drawn);
            return;
        }

        if (world.Gateways.Max(static other => other.Moves!.OpenJobs) >= OpenJobsMax)
        {
            return;
        }

        SystemState state = jobs.Catalog.Current;
        (string table, string column) = s_tables[prng.Next(s_tables.Length)];
        switch (drawn)
        {
            case < 10:
                Index(gateway, jobs, state, table, column);
                break;
            case < 14:
                Statement place = Parse(
                    $"ALTER TABLE {table} SET {string.Format(System.Globalization.CultureInfo.InvariantCulture, s_placements[prng.Next(s_placements.Length)], prng.Next(2, 9))}");
                gateway.Start(() => jobs.PlaceAsync(place));
                break;
            default:
                if (Wish(state, table, drawn) is { } wish)
                {
                    gateway.Start(() => jobs.BeginAsync(wish));
                }

                break;
        }
    }

    // Indexes that this driver has made are dropped again, so that tables can be rewritten.
    private void Index(SimulatedGateway gateway, GatewayJobs jobs, SystemState state, string table, string column)
    {
        IndexDescriptor[] made =
        [
            .. state.Catalog.Require(table).Indexes.Where(static index => index.Name.StartsWith("made_", System.StringComparison.Ordinal)),
        ];
        Statement statement = made.Length > 0 && prng.Next(3) > 0
            ? Parse($"DROP INDEX {made[prng.Next(made.Length)].Name}")
            : Parse($"CREATE INDEX made_{++_indexes} ON {table} ({column}) {(prng.Next(2) == 0 ? "LOCAL" : "GLOBAL")}");
        gateway.Start(() => jobs.ChangeAsync(statement));
    }

    private SegmentWish? Wish(SystemState state, string table, int drawn)
    {
        IReadOnlyList<Segment> segments = state.Map.OfGroup(state.Catalog.Require(table).GroupId);
        if (segments.Count == 0)
        {
            return null;
        }

        ShardId[] shards = [.. world.DataShards];
        ShardId shard = shards[prng.Next(shards.Length)];
        int place = prng.Next(segments.Count);
        int[] joined = [.. Enumerable.Range(1, segments.Count - 1).Where(i => segments[i].Shard == segments[i - 1].Shard)];
        var name = new TableName { Name = table };
        return drawn switch
        {
            14 => new SegmentWish { Kind = SegmentActionKind.Move, Tag = "MOVE SEGMENT", Segments = [segments[place].Id], Shard = shard },
            15 or 16 => new SegmentWish { Kind = SegmentActionKind.MoveSegments, Tag = "MOVE SEGMENTS", Table = name, Shard = shard },
            17 => new SegmentWish { Kind = SegmentActionKind.Split, Tag = "SPLIT SEGMENT", Segments = [segments[place].Id] },
            18 when joined.Length > 0 => MergeOf(segments, joined[place % joined.Length]),
            _ => new SegmentWish { Kind = SegmentActionKind.Reshard, Tag = "RESHARD", Goal = ReshardGoal.Size },
        };
    }

    private static SegmentWish MergeOf(IReadOnlyList<Segment> segments, int right) => new()
    {
        Kind = SegmentActionKind.Merge, Tag = "MERGE SEGMENTS", Segments = [segments[right - 1].Id, segments[right].Id],
    };

    private void Drive(SimulatedGateway gateway, GatewayJobs jobs, int drawn)
    {
        JobActionKind kind = drawn switch
        {
            0 or 1 => JobActionKind.Pause,
            2 or 3 => JobActionKind.Cancel,
            4 => JobActionKind.Retry,
            _ => JobActionKind.Revert,
        };
        int which = prng.Next(int.MaxValue);
        long pauseUs = prng.Exponential(PauseMeanUs);
        gateway.Start(async () =>
        {
            if (await jobs.DriveAsync(which, kind) is { } id && kind == JobActionKind.Pause)
            {
                world.Events.After(pauseUs, () => Resume(id));
            }
        });
    }

    private void Resume(long id)
    {
        if (Pick() is { } picked)
        {
            picked.Gateway.Start(() => picked.Jobs.DriveAsync(id, JobActionKind.Resume));
        }
    }

    // A gateway may have ended between a pause and its end, and a job that stays paused never ends.
    private void ResumeAll()
    {
        foreach (long id in Pick()?.Jobs.Paused.ToArray() ?? [])
        {
            Resume(id);
        }

        world.Events.After(AgainUs, ResumeAll);
    }

    private static Statement Parse(string sql) => SqlParser.Parse(sql).Statements.Single();
}
