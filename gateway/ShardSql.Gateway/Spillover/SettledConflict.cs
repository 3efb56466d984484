using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Planning;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Spillover;

/// <summary>A conflict about a row that the policy of its table has settled, for SHOW CONFLICTS.</summary>
/// <param name="Table">The row's table.</param>
/// <param name="Row">Where it is kept.</param>
internal sealed record SettledConflict(TableDescriptor Table, SpilledRow Row)
{
    private const string Reason = "settled by the policy of spillover";

    /// <summary>How many conflicts there have been about each row, by its key as SQL writes it.</summary>
    public static Dictionary<string, long> Counts(IEnumerable<SettledConflict> conflicts) => conflicts
        .GroupBy(static conflict => conflict.Key, StringComparer.Ordinal)
        .ToDictionary(
            static row => row.Key,
            static row => row.Max(static conflict => ConflictNote.NumberOf(conflict.Row)),
            StringComparer.Ordinal);

    private string Key => RowKeyText.Of(Table, new KeyBuilder(Table).Suffix(Row.Key)) ?? string.Empty;

    /// <summary>As a row of <c>shard.conflicts</c>.</summary>
    public SqlValue[] ToRow()
    {
        SpilloverDescriptor spillover = Table.Spillover!;
        ConflictNote note = ConflictNote.Of(Row);
        SqlValue none = SqlValue.NullOf(SqlKind.Text);
        string columns = string.Join(", ", spillover.Columns.Select(id => Table.Columns[Table.OrdinalOf(id)].Name));
        return
        [
            SqlValue.FromTimestampTz(DateTimeOffset.FromUnixTimeMilliseconds(ConflictNote.MillisecondsOf(Row))),
            none,
            SqlValue.FromText(Reason),
            none,
            SqlValue.FromText(Table.Name),
            SqlValue.FromText(Key),
            none,
            none,
            none,
            none,
            none,
            SqlValue.FromText(columns),
            SqlValue.FromText(spillover.PolicyName),
            SqlValue.FromText(note.Winner),
            SqlValue.FromText(note.Loser),
        ];
    }
}
