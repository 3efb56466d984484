namespace ShardSql.Data;

/// <summary>What a session promises about the order of transactions.</summary>
public enum ShardSqlIsolation
{
    /// <summary>Every history equals a serial one; a session reads its own writes.</summary>
    Serializable = 0,

    /// <summary>The serial order also respects real time across sessions.</summary>
    StrictSerializable = 1,
}
