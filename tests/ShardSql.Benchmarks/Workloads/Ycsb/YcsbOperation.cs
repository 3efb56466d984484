namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>What YCSB does with records.</summary>
internal enum YcsbOperation
{
    Read,
    Update,
    Insert,
    Scan,
    ReadModifyWrite,
}
