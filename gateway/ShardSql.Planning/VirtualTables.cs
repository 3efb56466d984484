using System.Collections.Generic;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>The system tables (sql.md §2, R6): the one place that says which columns SHOW gives.</summary>
public static class VirtualTables
{
    /// <summary>The schema of what SHOW gives.</summary>
    public const string Schema = "shard";

    private const string Details = "_details";

    /// <summary>SHOW CLUSTER: one row.</summary>
    public static VirtualTable Cluster { get; } = new(
        "cluster",
        [
            new("cluster_id", SqlType.Uuid),
            new("database", SqlType.Text),
            new("version", SqlType.Text),
            new("nodes", SqlType.Int32),
            new("nodes_up", SqlType.Int32),
            new("shards", SqlType.Int32),
            new("shards_with_leader", SqlType.Int32),
            new("tables", SqlType.Int32),
            new("segments", SqlType.Int32),
            new("catalog_version", SqlType.Int64),
            new("map_version", SqlType.Int64),
        ]);

    /// <summary>SHOW NODES.</summary>
    public static VirtualTable Nodes { get; } = new(
        "nodes",
        [
            new("node", SqlType.Text),
            new("address", SqlType.Text),
            new("role", SqlType.Text),
            new("state", SqlType.Text),
            new("leaders", SqlType.Int32),
            new("replicas", SqlType.Int32),
            new("store", SqlType.Text),
            new("last_seen_ms", SqlType.Int64),
        ]);

    /// <summary>SHOW SHARDS. What only its leader knows, its slot and the counters of its queues and filter (commit.md §3, seed
    /// 004), is NULL here and filled in WITH DETAILS.</summary>
    public static VirtualTable Shards { get; } = new(
        "shards",
        [
            new("shard", SqlType.Text),
            new("leader", SqlType.Text),
            new("replicas", SqlType.Text),
            new("state", SqlType.Text),
            new("applied_slot", SqlType.Int64),
            new("segments", SqlType.Int32),
            new("local_queue", SqlType.Int32),
            new("reorder_queue", SqlType.Int32),
            new("hold_us", SqlType.Int64),
            new("bloom_checks", SqlType.Int64),
            new("bloom_overlaps", SqlType.Int64),
            new("bloom_false_positives", SqlType.Int64),
            new("commits", SqlType.Int64),
            new("late_aborts", SqlType.Int64),
            new("window_aborts", SqlType.Int64),
        ]);

    /// <summary>SHOW SEGMENTS: a row for each segment, its tables as a list; of REFERENCE tables a row for each copy.
    /// </summary>
    public static VirtualTable Segments { get; } = new(
        "segments",
        [
            new("segment", SqlType.Text),
            new("tables", SqlType.Text),
            new("colocation_group", SqlType.Int32),
            new("shard", SqlType.Text),
            new("leader", SqlType.Text),
            new("epoch", SqlType.Int64),
            new("from_key", SqlType.Text),
            new("to_key", SqlType.Text),
        ]);

    /// <summary>SHOW TABLES.</summary>
    public static VirtualTable Tables { get; } = new(
        "tables",
        [
            new("table_name", SqlType.Text),
            new("placement", SqlType.Text),
            new("shard_key", SqlType.Text),
            new("primary_key", SqlType.Text),
            new("colocation_group", SqlType.Int32),
            new("columns", SqlType.Int32),
            new("segments", SqlType.Int32),
            new("version", SqlType.Int32),
        ]);

    /// <summary>SHOW REPLICAS: a row for each replica of each shard.</summary>
    public static VirtualTable Replicas { get; } = new(
        "replicas",
        [
            new("shard", SqlType.Text),
            new("node", SqlType.Text),
            new("role", SqlType.Text),
            new("state", SqlType.Text),
        ]);

    /// <summary>SHOW SESSIONS: those of the gateway that answers.</summary>
    public static VirtualTable Sessions { get; } = new(
        "sessions",
        [
            new("session_id", SqlType.Uuid),
            new("client", SqlType.Text),
            new("application", SqlType.Text),
            new("state", SqlType.Text),
            new("started", SqlType.TimestampTz),
            new("requests", SqlType.Int64),
            new("running", SqlType.Boolean),
        ]);

    /// <summary>SHOW TRANSACTIONS: explicit transactions that are open at the gateway that answers.</summary>
    public static VirtualTable Transactions { get; } = new(
        "transactions",
        [
            new("txn", SqlType.Text),
            new("session_id", SqlType.Uuid),
            new("state", SqlType.Text),
            new("read_only", SqlType.Boolean),
            new("begun", SqlType.TimestampTz),
            new("snapshot", SqlType.Text),
            new("type", SqlType.Text),
        ]);

    /// <summary>SHOW SETTINGS: those of the cluster (ALTER CLUSTER SET), what the gateway that answers was told, and the limits
    /// that it keeps.</summary>
    public static VirtualTable Settings { get; } = new(
        "settings",
        [
            new("name", SqlType.Text),
            new("value", SqlType.Text),
            new("description", SqlType.Text),
        ]);

    /// <summary>SHOW CONFLICTS: the latest of the gateway that answers, and those that policies of spillover have settled, newest
    /// first.</summary>
    public static VirtualTable Conflicts { get; } = new(
        "conflicts",
        [
            new("time", SqlType.TimestampTz),
            new("sqlstate", SqlType.Text),
            new("reason", SqlType.Text),
            new("shard", SqlType.Text),
            new("table", SqlType.Text),
            new("key", SqlType.Text),
            new("my_txn", SqlType.Text),
            new("other_txn", SqlType.Text),
            new("other_statement", SqlType.Text),
            new("pi", SqlType.Text),
            new("eta", SqlType.Text),
            new("column", SqlType.Text),
            new("policy", SqlType.Text),
            new("winner", SqlType.Text),
            new("loser", SqlType.Text),
        ]);

    /// <summary>SHOW STATEMENTS: those that the gateway that answers has run more than once, by the text of their tree.
    /// </summary>
    public static VirtualTable Statements { get; } = new(
        "statements",
        [
            new("digest", SqlType.Text),
            new("calls", SqlType.Int64),
            new("single_shard_pct", SqlType.Double),
            new("shards_avg", SqlType.Double),
            new("retries", SqlType.Int64),
            new("p50_ms", SqlType.Double),
            new("p99_ms", SqlType.Double),
            new("last_plan", SqlType.Text),
        ]);

    /// <summary>SHOW INDEXES: secondary indexes, and those of UNIQUE constraints.</summary>
    public static VirtualTable Indexes { get; } = new(
        "indexes",
        [
            new("table_name", SqlType.Text),
            new("index_name", SqlType.Text),
            new("columns", SqlType.Text),
            new("storing", SqlType.Text),
            new("is_unique", SqlType.Boolean),
            new("is_constraint", SqlType.Boolean),
            new("placement", SqlType.Text),
            new("state", SqlType.Text),
        ]);

    /// <summary>SHOW FOREIGN KEYS.</summary>
    public static VirtualTable ForeignKeys { get; } = new(
        "foreign_keys",
        [
            new("table_name", SqlType.Text),
            new("constraint_name", SqlType.Text),
            new("columns", SqlType.Text),
            new("referenced_table", SqlType.Text),
            new("referenced_columns", SqlType.Text),
            new("match_option", SqlType.Text),
            new("update_rule", SqlType.Text),
            new("delete_rule", SqlType.Text),
        ]);

    /// <summary>SHOW SEQUENCES.</summary>
    public static VirtualTable Sequences { get; } = new(
        "sequences",
        [
            new("sequence_name", SqlType.Text),
            new("data_type", SqlType.Text),
            new("start_value", SqlType.Int64),
            new("increment", SqlType.Int64),
            new("minimum_value", SqlType.Int64),
            new("maximum_value", SqlType.Int64),
            new("cache", SqlType.Int64),
            new("cycles", SqlType.Boolean),
            new("owner_table", SqlType.Text),
            new("owner_column", SqlType.Text),
        ]);

    /// <summary>The statements that make what is there again; SHOW CREATE TABLE, VIEW and SEQUENCE give one of them.
    /// </summary>
    public static VirtualTable Definitions { get; } = new(
        "definitions",
        [
            new("kind", SqlType.Text),
            new("name", SqlType.Text),
            new("statement", SqlType.Text),
        ]);

    /// <summary>SHOW PLACEMENT: how the rows of each table are placed.</summary>
    public static VirtualTable Placement { get; } = new(
        "placement",
        [
            new("table_name", SqlType.Text),
            new("placement", SqlType.Text),
            new("columns", SqlType.Text),
            new("colocated_with", SqlType.Text),
            new("colocation_group", SqlType.Int32),
            new("segments", SqlType.Int32),
            new("shards", SqlType.Text),
            new("clause", SqlType.Text),
        ]);

    /// <summary>SHOW CLUSTER WITH DETAILS: which shards have a leader that answers.</summary>
    public static VirtualTable ClusterDetails { get; } = Detailed(Cluster, new VirtualColumn("silent_shards", SqlType.Text));

    /// <summary>SHOW NODES WITH DETAILS.</summary>
    public static VirtualTable NodeDetails { get; } = Detailed(Nodes, new VirtualColumn("led_shards", SqlType.Text));

    /// <summary>SHOW SHARDS WITH DETAILS: all counters of the leader; NULL where it does not answer.</summary>
    public static VirtualTable ShardDetails { get; } = Detailed(
        Shards,
        new("ones", SqlType.Int64),
        new("prepares", SqlType.Int64),
        new("aborts", SqlType.Int64),
        new("waits", SqlType.Int64),
        new("recoveries", SqlType.Int64),
        new("read_retries", SqlType.Int64),
        new("refused_busy", SqlType.Int64),
        new("refused_snapshot_too_old", SqlType.Int64),
        new("refused_stale_schema", SqlType.Int64),
        new("undecided", SqlType.Int64),
        new("versions", SqlType.Int64),
        new("settled", SqlType.Int64),
        new("log_first", SqlType.Int64),
        new("flushed_slot", SqlType.Int64),
        new("snapshots_sent", SqlType.Int64),
        new("elections", SqlType.Int64),
        new("clock_correction_ms", SqlType.Int64));

    /// <summary>SHOW REPLICAS WITH DETAILS.</summary>
    public static VirtualTable ReplicaDetails { get; } = Detailed(
        Replicas, new("address", SqlType.Text), new("store", SqlType.Text), new("last_seen_ms", SqlType.Int64));

    /// <summary>SHOW SEGMENTS WITH DETAILS.</summary>
    public static VirtualTable SegmentDetails { get; } = Detailed(
        Segments, new("replicas", SqlType.Text), new("applied_slot", SqlType.Int64));

    /// <summary>What RESOLVE TRANSACTION gives.</summary>
    public static IReadOnlyList<Plans.ResultColumn> ResolveColumns { get; } =
    [
        new("txn", SqlType.Text),
        new("outcome", SqlType.Text),
        new("message", SqlType.Text),
    ];

    /// <summary>The tables of the schema <c>shard</c>.</summary>
    public static IReadOnlyList<VirtualTable> Shown { get; } =
        [
            Cluster, ClusterDetails, Conflicts, Definitions, ForeignKeys, TransactionTables.Graph,
            TransactionTables.GraphEdges, TransactionTables.HotKeys, TransactionTables.HotSegments, Indexes,
            JobTables.Jobs, JobTables.JobSteps, Nodes, NodeDetails, Placement, JobTables.Plans, JobTables.PlanSteps,
            Replicas, ReplicaDetails, Segments, SegmentDetails, Sequences, Sessions, Settings, Shards, ShardDetails,
            SpilloverTables.Spillover, Statements, Tables, Transactions, TransactionTables.TransactionsInDoubt,
        ];

    /// <summary>All of them, in the order of schemas and names.</summary>
    public static IReadOnlyList<VirtualTable> All { get; } = [.. InformationSchema.All, .. Shown];

    /// <summary>The table of a name in a schema; null where there is none.</summary>
    public static VirtualTable? Find(string schema, string name)
    {
        foreach (VirtualTable table in All)
        {
            if (table.Name == name && table.Schema == schema)
            {
                return table;
            }
        }

        return null;
    }

    /// <summary>The table that a statement names; 42P01 where there is none.</summary>
    public static VirtualTable Require(Sql.Tree.TableName name) =>
        Find(name.Schema, name.Name) ?? throw new SqlException(
            SqlStates.UndefinedTable, $"table \"{name.Schema}.{name.Name}\" does not exist", (int)name.Position)
        {
            Hint = NearestName.Hint(name.Name, NamesOf(name.Schema)),
            Table = name.Name,
        };

    /// <summary>What WITH DETAILS adds to a table of the schema <c>shard</c>; null where nodes know no more of it.</summary>
    public static VirtualTable? DetailsOf(VirtualTable table)
    {
        System.ArgumentNullException.ThrowIfNull(table);
        return Find(Schema, table.Name + Details);
    }

    /// <summary>What there is to SHOW, by name; details are of these.</summary>
    public static IEnumerable<string> ShownNames()
    {
        foreach (string name in NamesOf(Schema))
        {
            if (!name.EndsWith(Details, System.StringComparison.Ordinal))
            {
                yield return name;
            }
        }
    }

    /// <summary>The names in a schema.</summary>
    public static IEnumerable<string> NamesOf(string schema)
    {
        foreach (VirtualTable table in All)
        {
            if (table.Schema == schema)
            {
                yield return table.Name;
            }
        }
    }

    /// <summary>As sql.md §2, R6, has it: what only nodes know, and whether they could not be asked in time.</summary>
    private static VirtualTable Detailed(VirtualTable table, params VirtualColumn[] more) =>
        new(table.Name + Details, [.. table.Columns, .. more, new VirtualColumn("unreachable", SqlType.Boolean)]);
}
