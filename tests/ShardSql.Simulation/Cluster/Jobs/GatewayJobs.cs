using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Plans;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Planning;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Moves;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Jobs;

/// <summary>The jobs of a gateway, begun and run by all of its own classes: steps of the map, indexes, tables that are
/// rewritten.</summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A gateway of the simulator is lost, not ended in order.")]
internal sealed class GatewayJobs : GatewayWork
{
    private readonly GatewayServices _services;
    private readonly Dictionary<long, JobRecord> _seen = [];

    public GatewayJobs(SimulatedGateway gateway, TimeProvider time)
        : base(gateway) => _services = new GatewayServices(
            new SimulatedShardClient(gateway, attempted: null),
            new NoNodes(),
            layouts: null,
            new GatewayOptions
            {
                SourceNumber = gateway.World.NextGatewaySource(),
                NewSession = gateway.World.NextOwnSession,
                NewId = () => gateway.World.Sql.NextId(),
                Graph = null,
            },
            time,
            new ErrorLog(gateway.World));

    /// <summary>The gateway's parts.</summary>
    public GatewayServices All => _services;

    public override CatalogCache Catalog => _services.Catalog;

    protected override MoveServices Services => _services.Moves;

    /// <summary>Jobs that were paused when this gateway looked last.</summary>
    public IEnumerable<long> Paused => _seen.Values.Where(static job => job is { HasEnded: false, IsPaused: true })
        .Select(static job => job.Id).Order();

    /// <summary>A statement as a session of this gateway would run it now.</summary>
    public Task<StatementPlan> PlanAsync(
        Statement statement,
        IEnumerable<(string Name, SqlValue Value)> parameters,
        OpenTransaction transaction,
        CancellationToken ended) => _services.Planner.PlanAsync(
            statement,
            [.. parameters.Select(static named => KeyValuePair.Create(named.Name, named.Value))],
            PlanHints.Of(transaction),
            ended);

    /// <summary>A change of the schema: CREATE INDEX begins a job, so does a placement for which rows are written anew.</summary>
    public Task ChangeAsync(Statement statement) => TryAsync(async () =>
    {
        MoveOptions options = MoveOptions.OfBuild(
            [], static _ => SqlValue.Null, isRewrite: statement.Segment is not null, new MoveOptions { Throttle = Durations.UnlimitedRate });
        long id = await _services.JobRows.NextIdAsync(CancellationToken.None);
        await _services.Schema.RunAsync(
            statement,
            _services.Store.NewName(),
            static () => GatewayLimits.SubmissionTime,
            (transaction, plan) =>
            {
                if (plan.Builds is { } target)
                {
                    JobStore.Put(transaction, JobStatements.Of(id, target, statement, options));
                }
            },
            CancellationToken.None);
        Gateway.World.Reach("job: " + statement.KindCase);
    });

    /// <summary>ALTER TABLE ... SET placement, whichever way it goes.</summary>
    public Task PlaceAsync(Statement statement) => TryAsync(async () =>
    {
        StatementPlan plan = await _services.Planner.PlanAsync(statement, [], PlanHints.None, CancellationToken.None);
        await (plan.Builds is not null
            ? ChangeAsync(statement)
            : BeginAsync(new SegmentWish { Kind = statement.Segment.Kind, Tag = plan.Tag, Statement = statement, Table = statement.Segment.Table }));
    });

    /// <summary>Begins the job of a statement on segments.</summary>
    public Task BeginAsync(SegmentWish wish) => TryAsync(async () =>
    {
        await _services.Plans.BeginAsync(
            wish,
            new MoveOptions { MaxWritePause = TimeSpan.FromSeconds(1), Throttle = Durations.UnlimitedRate },
            CancellationToken.None);
        Gateway.World.Reach("job: " + wish.Kind);
    });

    /// <summary>PAUSE, RESUME, CANCEL, RETRY or REVERT of one of the jobs that were seen last.</summary>
    /// <param name="which">Which of them.</param>
    /// <param name="kind">What is done.</param>
    public async Task<long?> DriveAsync(int which, JobActionKind kind)
    {
        JobRecord[] meant =
        [
            .. _seen.Values.Where(job => kind is JobActionKind.Retry or JobActionKind.Revert ? job.HasEnded : !job.HasEnded)
                .OrderBy(static job => job.Id),
        ];
        if (meant.Length == 0)
        {
            return null;
        }

        long id = meant[which % meant.Length].Id;
        await DriveAsync(id, kind);
        return id;
    }

    /// <summary>The same of a certain job; false: nobody could be told.</summary>
    public async Task<bool> DriveAsync(long id, JobActionKind kind)
    {
        bool isTold = false;
        await TryAsync(async () =>
        {
            try
            {
                await (kind switch
                {
                    JobActionKind.Pause => _services.JobStatements.PauseAsync(id, isPaused: true, CancellationToken.None),
                    JobActionKind.Resume => _services.JobStatements.PauseAsync(id, isPaused: false, CancellationToken.None),
                    JobActionKind.Cancel => _services.JobStatements.CancelAsync(id, CancellationToken.None),
                    JobActionKind.Retry => _services.Repairs.RetryAsync(
                        id, static () => GatewayLimits.SubmissionTime, CancellationToken.None),
                    _ => _services.Repairs.RevertAsync(id, static () => GatewayLimits.SubmissionTime, CancellationToken.None),
                });
                Gateway.World.Reach("job: " + kind);
                isTold = true;
            }
            catch (SqlException refused) when (refused.SqlState is SqlStates.ObjectNotInPrerequisiteState or SqlStates.UndefinedObject)
            {
                isTold = true;
            }
        });
        return isTold;
    }

    /// <inheritdoc />
    public override string ToString() => string.Join(
        "; ",
        _seen.Values.Where(static job => !job.HasEnded).Select(static job =>
            $"job {job.Id} {job.Kind} {job.Target} is {JobStatements.StateName(job)}, {job.Phase}, step {job.StepsDone} of {job.Steps}, "
                + $"waits for '{job.WaitingFor}', attempts {job.Attempts}, {job.ErrorState} {job.LastError}"));

    protected override async Task LookAsync()
    {
        await _services.Catalog.PollAsync(CancellationToken.None);
        await _services.Jobs.LookAsync(CancellationToken.None);
        foreach (JobRecord job in await ListAsync())
        {
            JobRecord? before = _seen.GetValueOrDefault(job.Id);
            _seen[job.Id] = job;
            Gateway.World.Reach($"job {job.Kind} {job.State}", job.HasEnded && before?.HasEnded == false ? 1 : 0);
            Gateway.World.Reach("job taken over", job.Epoch > 1 && before?.Epoch == 1 ? 1 : 0);
            Gateway.World.Check(
                job.ErrorState != SqlStates.DataCorrupted,
                $"job {job.Id} ({job.Kind} {job.Target}, {job.Phase}): {job.ErrorState} {job.LastError} {job.ErrorDetail}");
        }
    }

    /// <summary>Nobody asks for the nodes.</summary>
    private sealed class NoNodes : INodeDirectory
    {
        public IReadOnlyList<NodeEntry> Nodes => [];

        public IReadOnlyList<ShardEntry> Shards => [];
    }
}
