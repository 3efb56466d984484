namespace ShardSql.Planning.Plans;

/// <summary>What a plan asks of its executor.</summary>
public enum StatementKind
{
    /// <summary>Reads: tasks, rows, nothing written.</summary>
    Query,

    /// <summary>Writes: tasks whose writes the transaction gathers.</summary>
    Write,

    /// <summary>BEGIN, COMMIT, ROLLBACK: the statement tree says which.</summary>
    TransactionControl,

    /// <summary>CREATE and DROP TABLE: <see cref="StatementPlan.Ddl"/>.</summary>
    Ddl,

    /// <summary>EXPLAIN: rows of text, or with ANALYZE the inner plan to run first.</summary>
    Explain,

    /// <summary>SET: the statement tree says what.</summary>
    Set,

    /// <summary>Begins a job, or drives one.</summary>
    Job,
}
