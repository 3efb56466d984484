using System;
using System.Threading;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Automatic;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Hosting;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Plans;
using ShardSql.Gateway.Sequences;
using ShardSql.Gateway.Spillover;
using ShardSql.Gateway.Stamps;
using ShardSql.Gateway.Statements;
using ShardSql.Sql.Parsing;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway;

/// <summary>The parts of a gateway that its sessions share.</summary>
internal sealed class GatewayServices : IDisposable
{
    private ulong _deltas;

    private const int CachedTexts = 4_096;

    public GatewayServices(
        IShardClient client,
        INodeDirectory nodes,
        ILayoutHost? layouts,
        GatewayOptions options,
        TimeProvider time,
        ILogger logger)
    {
        Client = client;
        Nodes = nodes;
        Options = options;
        Time = time;
        Logger = logger;
        Background = new BackgroundWork(failure => Log.BackgroundFailed(logger, failure));
        Stamps = options.SourceNumber is { } number ? new StampSource(number, time) : new StampSource(time);
        Resolver = new OutcomeResolver(client, Stamps, time);
        Conflicts = new ConflictLog(time, () => Catalog!.Current.Catalog);
        HotRows = new HotRowWatch(time);
        Graph = new TransactionWatch(options.Graph, time, () => Catalog!.Current, HotRows);
        Committer = new Committer(
            client, Stamps, time, Resolver, Background, Conflicts, ended => Catalog!.NewestAsync(ended), Graph);
        Store = new SystemStore(client, Stamps, Snapshots, Committer, time, options.NewSession);
        Layouts = new LayoutKeeper(layouts, Background, time);
        Catalog = new CatalogCache(Store, Stamps, logger, Layouts);
        LayoutRows = new LayoutStore(this);
        NodeStatements = new NodeStatements(this);
        SequenceRows = new SequenceStore(Store);
        Sequences = new SequenceBlocks(SequenceRows);
        Views = new ClusterViews(this);
        JobRows = new JobStore(Store, time);
        JobStatements = new JobStatements(this);
        Moves = new MoveServices(client, Stamps, time, Store, Catalog, JobRows);
        Plans = new PlanJobs(this);
        Settings = new SettingStore(Store);
        Automatic = new AutomaticJobs(this, options.Automatic, time);
        Repairs = new JobRepairs(this);
        SystemTables = new SystemViews(this);
        Runner = new PlanRunner(client, Stamps, Background, SystemTables.RowsAsync);
        Batches = new BatchRunner(client, Stamps, Committer, Resolver, Background);
        Planner = new StatementPlanner(this);
        Watch = new StatementWatch(this);
        Engine = new StatementEngine(this);
        Schema = new SchemaChanger(this);
        Jobs = new JobRunner(this);
        Spillover = new SpilloverService(this);
        Memory = new ProcessMemory(options.MaxMemoryBytes);
    }

    /// <summary>What Hello answers and SHOW CLUSTER shows.</summary>
    public static string ServerVersion { get; } =
        "ShardSql " + (typeof(GatewayServices).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");

    public IShardClient Client { get; }

    public INodeDirectory Nodes { get; }

    public GatewayOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public BackgroundWork Background { get; }

    public StampSource Stamps { get; }

    public SnapshotRegistry Snapshots { get; } = new();

    public OutcomeResolver Resolver { get; }

    public Committer Committer { get; }

    public SystemStore Store { get; }

    public CatalogCache Catalog { get; }

    /// <summary>Who is in the cluster, and which nodes hold which shard.</summary>
    public LayoutKeeper Layouts { get; }

    public LayoutStore LayoutRows { get; }

    public NodeStatements NodeStatements { get; }

    public SequenceStore SequenceRows { get; }

    public SequenceBlocks Sequences { get; }

    public PlanRunner Runner { get; }

    public BatchRunner Batches { get; }

    public StatementPlanner Planner { get; }

    public StatementEngine Engine { get; }

    public SchemaChanger Schema { get; }

    public ClusterViews Views { get; }

    public SystemViews SystemTables { get; }

    public SessionRegistry Sessions { get; } = new();

    public ConflictLog Conflicts { get; }

    /// <summary>What transactions touch together; a job that reshards takes a <see cref="TransactionWatch.Snapshot"/>.
    /// </summary>
    public TransactionWatch Graph { get; }

    public StatementLog Statements { get; } = new();

    public StatementWatch Watch { get; }

    public SpilloverService Spillover { get; }

    /// <summary>A number greater than all before it: deltas of one transaction are put in order by it.</summary>
    public ulong NextDelta() => Interlocked.Increment(ref _deltas);

    /// <summary>Rows that spill over by themselves.</summary>
    public HotRowWatch HotRows { get; }

    public JobStore JobRows { get; }

    public JobRunner Jobs { get; }

    public JobStatements JobStatements { get; }

    public PlanJobs Plans { get; }

    public JobRepairs Repairs { get; }

    /// <summary>What ALTER CLUSTER SET says.</summary>
    public SettingStore Settings { get; }

    /// <summary>What the cluster does by itself.</summary>
    public AutomaticJobs Automatic { get; }

    public MoveServices Moves { get; }

    public ProcessMemory Memory { get; }

    public StatementCache Texts { get; } = new(CachedTexts);

    /// <summary>Which cluster this is; set when the gateway has started.</summary>
    public ClusterIdentity Identity { get; set; } = new(Guid.Empty, "", []);

    public void Dispose()
    {
        Jobs.Dispose();
        Catalog.Dispose();
    }
}
