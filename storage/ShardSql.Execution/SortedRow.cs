using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>A row that waits to be sorted: encoded, with its sort keys apart.</summary>
internal sealed record SortedRow(byte[] Row, SqlValue[] Keys, long Sequence);
