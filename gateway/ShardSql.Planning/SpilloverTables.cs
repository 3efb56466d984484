using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>What SHOW SPILLOVER gives.</summary>
public static class SpilloverTables
{
    /// <summary>The column of a row's key.</summary>
    public const string RowKeyName = "row_key";

    /// <summary>SHOW SPILLOVER: each row of a table that takes deltas, by the spill shards that it has.</summary>
    public static VirtualTable Spillover { get; } = new(
        "spillover",
        [
            new("table_name", SqlType.Text),
            new(RowKeyName, SqlType.Text),
            new("reason", SqlType.Text),
            new("slot", SqlType.Int32),
            new("shard", SqlType.Text),
            new("pending", SqlType.Int64),
            new("oldest_ms", SqlType.Int64),
            new("conflicts", SqlType.Int64),
            new("quota", SqlType.Decimal),
            new("problem", SqlType.Text),
        ]);
}
