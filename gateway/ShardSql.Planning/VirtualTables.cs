using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>All virtual tables (sql.md §2, R6): the one place that says which columns SHOW gives.</summary>
public static class VirtualTables
{
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

    /// <summary>SHOW SHARDS, with the counters of the leader's queues and filter (commit.md §3, seed 004).</summary>
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

    /// <summary>SHOW JOBS (sql.md §2).</summary>
    public static VirtualTable Jobs { get; } = new(
        "jobs",
        [
            new("job_id", SqlType.Int64),
            new("kind", SqlType.Text),
            new("state", SqlType.Text),
            new("phase", SqlType.Text),
            new("pct", SqlType.Int32),
            new("rows_copied", SqlType.Int64),
            new("bytes_copied", SqlType.Int64),
            new("lag_ms", SqlType.Int64),
            new("eta_s", SqlType.Int64),
            new("est_write_pause_ms", SqlType.Int64),
            new("real_write_pause_ms", SqlType.Int64),
            new("waiting_for", SqlType.Text),
            new("attempts", SqlType.Int32),
            new("last_error", SqlType.Text),
            new("target", SqlType.Text),
        ]);

    /// <summary>What every statement that begins or drives a job gives (sql.md §2, R2).</summary>
    public static IReadOnlyList<Plans.ResultColumn> JobColumns { get; } =
    [
        new("job_id", SqlType.Int64),
        new("kind", SqlType.Text),
        new("state", SqlType.Text),
        new("plan_id", SqlType.Text),
        new("message", SqlType.Text),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<VirtualTable> All { get; } = [Cluster, Indexes, Jobs, Nodes, Segments, Shards, Tables];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            foreach (VirtualTable table in All)
            {
                yield return table.Name;
            }
        }
    }

    /// <summary>The table of a SHOW; null for a kind that does not exist.</summary>
    public static VirtualTable? Of(ShowKind kind) => kind switch
    {
        ShowKind.Cluster => Cluster,
        ShowKind.Nodes => Nodes,
        ShowKind.Shards => Shards,
        ShowKind.Segments => Segments,
        ShowKind.Tables => Tables,
        ShowKind.Jobs => Jobs,
        ShowKind.Indexes => Indexes,
        _ => null,
    };

    /// <summary>The table of a name in the schema <c>shard</c>; null where there is none.</summary>
    public static VirtualTable? Find(string name)
    {
        foreach (VirtualTable table in All)
        {
            if (table.Name == name)
            {
                return table;
            }
        }

        return null;
    }
}
