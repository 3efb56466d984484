using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Plans;
using ShardSql.Gateway.Statements;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Definitions;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>Who makes the rows of which system table. A transaction that changes the schema sees its own.</summary>
internal sealed class SystemViews
{
    private readonly Dictionary<string, Func<SystemState, CancellationToken, ValueTask<IReadOnlyList<SqlValue[]>>>> _makers =
        new(StringComparer.Ordinal);

    private readonly GatewayServices _services;

    public SystemViews(GatewayServices services)
    {
        _services = services;
        ClusterViews cluster = services.Views;
        Add(VirtualTables.Cluster, cluster.Cluster);
        Add(VirtualTables.Nodes, cluster.Nodes);
        Add(VirtualTables.Shards, cluster.Shards);
        Add(VirtualTables.Replicas, cluster.Replicas);
        Add(VirtualTables.Segments, cluster.Segments);
        Add(VirtualTables.ClusterDetails, cluster.ClusterDetailsAsync);
        Add(VirtualTables.NodeDetails, cluster.NodeDetailsAsync);
        Add(VirtualTables.ShardDetails, cluster.ShardDetailsAsync);
        Add(VirtualTables.ReplicaDetails, cluster.ReplicaDetailsAsync);
        Add(VirtualTables.SegmentDetails, cluster.SegmentDetailsAsync);
        var graph = new GraphRows(services.Graph, () => services.Catalog.Current);
        Add(TransactionTables.HotKeys, graph.Keys);
        Add(TransactionTables.HotSegments, graph.Segments);
        Add(TransactionTables.GraphEdges, graph.Edges);
        Add(TransactionTables.Graph, graph.Summary);
        Add(TransactionTables.TransactionsInDoubt, cluster.InDoubtAsync);
        Add(VirtualTables.Placement, PlacementRows.Of);
        Add(VirtualTables.Tables, VirtualRows.Tables);
        Add(VirtualTables.Indexes, VirtualRows.Indexes);
        Add(VirtualTables.ForeignKeys, VirtualRows.ForeignKeys);
        Add(VirtualTables.Sequences, SequenceRows.Shown);
        Add(VirtualTables.Definitions, DefinitionRows.Of);
        Add(JobTables.Jobs, services.JobStatements.RowsAsync);
        var plans = new PlanRows(services);
        Add(JobTables.JobSteps, plans.JobStepsAsync);
        Add(JobTables.Plans, plans.PlansAsync);
        Add(JobTables.PlanSteps, plans.PlanStepsAsync);
        Add(SpilloverTables.Spillover, cancellationToken => services.Spillover.RowsAsync(cancellationToken));
        Add(VirtualTables.Sessions, services.Sessions.Sessions);
        Add(VirtualTables.Transactions, services.Sessions.Transactions);
        Add(VirtualTables.Conflicts, ConflictsAsync);
        Add(VirtualTables.Statements, services.Statements.Rows);
        Add(VirtualTables.Settings, cancellationToken => SettingRows.OfAsync(services.Options, services.Settings, cancellationToken));
        foreach (VirtualTable table in InformationSchema.All)
        {
            Add(table, state => InformationSchemaRows.Of(table, state, services.Options.Database));
        }
    }

    /// <summary>The rows of a system table now, as a transaction sees them.</summary>
    public ValueTask<IReadOnlyList<SqlValue[]>> RowsAsync(
        VirtualTable table, OpenTransaction transaction, CancellationToken cancellationToken)
    {
        bool isMade = _makers.TryGetValue(
            table.FullName, out Func<SystemState, CancellationToken, ValueTask<IReadOnlyList<SqlValue[]>>>? maker);
        Invariant.Check(isMade, "Every system table has one who makes its rows.");
        return maker!(transaction.Schema?.State ?? _services.Catalog.Current, cancellationToken);
    }

    private async Task<IReadOnlyList<SqlValue[]>> ConflictsAsync(CancellationToken cancellationToken) =>
    [
        .. (await _services.Spillover.ConflictsAsync(cancellationToken)).Concat(_services.Conflicts.Rows())
            .OrderByDescending(static row => row[0], Comparer<SqlValue>.Create(SqlValue.Compare)),
    ];

    private void Add(VirtualTable table, Func<IReadOnlyList<SqlValue[]>> rows) => Add(table, _ => rows());

    private void Add(VirtualTable table, Func<SystemState, IReadOnlyList<SqlValue[]>> rows) =>
        _makers.Add(table.FullName, (state, _) => ValueTask.FromResult(rows(state)));

    private void Add(VirtualTable table, Func<CancellationToken, Task<IReadOnlyList<SqlValue[]>>> rows) =>
        _makers.Add(table.FullName, (_, cancellationToken) => new(rows(cancellationToken)));
}
