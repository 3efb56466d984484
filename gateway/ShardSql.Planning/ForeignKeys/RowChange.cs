using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>A row that a statement writes.</summary>
/// <param name="Table">The table.</param>
/// <param name="Old">As it was; null: it is inserted.</param>
/// <param name="Row">As it is now; null: it is deleted.</param>
internal sealed record RowChange(TableDescriptor Table, SqlValue[]? Old, SqlValue[]? Row);
