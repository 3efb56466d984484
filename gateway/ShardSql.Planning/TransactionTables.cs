using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>The system tables of what transactions do: the graph of what they touch, and those in doubt.</summary>
public static class TransactionTables
{
    /// <summary>SHOW HOT KEYS: the rows that transactions of the gateway that answers touch most, per second, recent times
    /// counting more; the hottest first.</summary>
    public static VirtualTable HotKeys { get; } = new(
        "hot_keys",
        [
            new("table_name", SqlType.Text),
            new("key", SqlType.Text),
            new("segment", SqlType.Text),
            new("shard", SqlType.Text),
            new("reads_per_s", SqlType.Double),
            new("writes_per_s", SqlType.Double),
            new("aborts_per_s", SqlType.Double),
            new("abort_rate", SqlType.Double),
        ]);

    /// <summary>SHOW HOT SEGMENTS: the same of segments.</summary>
    public static VirtualTable HotSegments { get; } = new(
        "hot_segments",
        [
            new("segment", SqlType.Text),
            new("tables", SqlType.Text),
            new("colocation_group", SqlType.Int32),
            new("shard", SqlType.Text),
            new("reads_per_s", SqlType.Double),
            new("writes_per_s", SqlType.Double),
            new("aborts_per_s", SqlType.Double),
            new("abort_rate", SqlType.Double),
        ]);

    /// <summary>SHOW HOT EDGES: rows that transactions of the gateway that answers touch together. Where a row is not kept one
    /// by one its table and key are NULL, and its segment stands for it.</summary>
    public static VirtualTable GraphEdges { get; } = new(
        "graph_edges",
        [
            new("table_a", SqlType.Text),
            new("key_a", SqlType.Text),
            new("segment_a", SqlType.Text),
            new("shard_a", SqlType.Text),
            new("table_b", SqlType.Text),
            new("key_b", SqlType.Text),
            new("segment_b", SqlType.Text),
            new("shard_b", SqlType.Text),
            new("per_s", SqlType.Double),
            new("cross_shard", SqlType.Boolean),
        ]);

    /// <summary>SHOW GRAPH: one row, what the gateway that answers has seen of its transactions and keeps of it.</summary>
    public static VirtualTable Graph { get; } = new(
        "graph",
        [
            new("transactions", SqlType.Int64),
            new("sampled", SqlType.Int64),
            new("missed", SqlType.Int64),
            new("aborts", SqlType.Int64),
            new("transactions_per_s", SqlType.Double),
            new("cross_shard_pct", SqlType.Double),
            new("keys", SqlType.Int32),
            new("keys_max", SqlType.Int32),
            new("segments", SqlType.Int32),
            new("edges", SqlType.Int32),
            new("edges_max", SqlType.Int32),
            new("sample_every", SqlType.Int32),
            new("half_life_s", SqlType.Double),
        ]);

    /// <summary>SHOW TRANSACTIONS IN DOUBT: what shards have voted yes for and do not know the outcome of. Leaders are asked;
    /// one that does not answer in time has a row with <c>unreachable</c> and its shard.</summary>
    public static VirtualTable TransactionsInDoubt { get; } = new(
        "transactions_in_doubt",
        [
            new("txn", SqlType.Text),
            new("shard", SqlType.Text),
            new("state", SqlType.Text),
            new("participants", SqlType.Text),
            new("waiting_for", SqlType.Text),
            new("coordinator", SqlType.Text),
            new("stamp", SqlType.Text),
            new("prepared", SqlType.TimestampTz),
            new("age_ms", SqlType.Int64),
            new("keys_read", SqlType.Int32),
            new("ranges_read", SqlType.Int32),
            new("keys_written", SqlType.Int32),
            new("unreachable", SqlType.Boolean),
        ]);
}
