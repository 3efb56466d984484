namespace ShardSql.Execution;

/// <summary>What a merger had.</summary>
internal enum MergeState
{
    Row,
    NeedSource,
    Ended,
}
