using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Plans;
using ShardSql.Gateway.Statements;
using ShardSql.Planning;
using ShardSql.Planning.Definitions;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>Who makes the rows of which system table.</summary>
internal sealed class SystemViews
{
    private readonly Dictionary<string, Func<CancellationToken, ValueTask<IReadOnlyList<SqlValue[]>>>> _makers =
        new(StringComparer.Ordinal);

    public SystemViews(GatewayServices services)
    {
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
        Add(VirtualTables.Placement, () => PlacementRows.Of(services.Catalog.Current));
        Add(VirtualTables.Tables, () => VirtualRows.Tables(services.Catalog.Current));
        Add(VirtualTables.Indexes, () => VirtualRows.Indexes(services.Catalog.Current));
        Add(VirtualTables.ForeignKeys, () => VirtualRows.ForeignKeys(services.Catalog.Current));
        Add(VirtualTables.Sequences, () => SequenceRows.Shown(services.Catalog.Current));
        Add(VirtualTables.Definitions, () => DefinitionRows.Of(services.Catalog.Current));
        Add(JobTables.Jobs, services.JobStatements.RowsAsync);
        var plans = new PlanRows(services);
        Add(JobTables.JobSteps, plans.JobStepsAsync);
        Add(JobTables.Plans, plans.PlansAsync);
        Add(JobTables.PlanSteps, plans.PlanStepsAsync);
        Add(VirtualTables.Sessions, services.Sessions.Sessions);
        Add(VirtualTables.Transactions, services.Sessions.Transactions);
        Add(VirtualTables.Conflicts, services.Conflicts.Rows);
        Add(VirtualTables.Statements, services.Statements.Rows);
        Add(VirtualTables.Settings, cancellationToken => SettingRows.OfAsync(services.Options, services.Settings, cancellationToken));
        foreach (VirtualTable table in InformationSchema.All)
        {
            Add(table, () => InformationSchemaRows.Of(table, services.Catalog.Current, services.Options.Database));
        }
    }

    /// <summary>The rows of a system table now.</summary>
    public ValueTask<IReadOnlyList<SqlValue[]>> RowsAsync(VirtualTable table, CancellationToken cancellationToken)
    {
        bool isMade = _makers.TryGetValue(
            table.FullName, out Func<CancellationToken, ValueTask<IReadOnlyList<SqlValue[]>>>? maker);
        Invariant.Check(isMade, "Every system table has one who makes its rows.");
        return maker!(cancellationToken);
    }

    private void Add(VirtualTable table, Func<IReadOnlyList<SqlValue[]>> rows) =>
        _makers.Add(table.FullName, _ => ValueTask.FromResult(rows()));

    private void Add(VirtualTable table, Func<CancellationToken, Task<IReadOnlyList<SqlValue[]>>> rows) =>
        _makers.Add(table.FullName, cancellationToken => new(rows(cancellationToken)));
}
