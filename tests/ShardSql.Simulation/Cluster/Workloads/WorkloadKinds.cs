namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>What the clients of a run do.</summary>
public enum WorkloadKinds
{
    /// <summary>Reads and writes of rows.</summary>
    Rows,

    /// <summary>Statements in SQL, and lists.</summary>
    Sql,

    /// <summary>Both.</summary>
    Both,

    /// <summary>Statements in SQL, and lists, while segments move.</summary>
    Moves,

    /// <summary>The same, while jobs of many kinds change the segments, indexes and placement of tables.</summary>
    Jobs,

    /// <summary>All kinds, while voters are added and removed and leaders hand over.</summary>
    Voters,

    /// <summary>All kinds, while nodes are given replicas and give them up.</summary>
    Layouts,
}
