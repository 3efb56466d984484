namespace ShardSql.Planning.TransactionGraph;

/// <summary>What happened to a row.</summary>
internal enum TouchKind
{
    Read,
    Write,
    Abort,
}
