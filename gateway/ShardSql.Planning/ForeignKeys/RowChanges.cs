using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>The rows that a statement writes in tables that have foreign keys or that some refer to.</summary>
internal sealed class RowChanges(PlanningContext context)
{
    private readonly List<RowChange> _all = [];

    /// <summary>The changes in order.</summary>
    public IReadOnlyList<RowChange> All => _all;

    /// <summary>What follows the statement; null: nothing has to be looked at. Copies of reference tables are read where the
    /// statement has written already.</summary>
    public IFollowUp? FollowUp(IReadOnlyList<ShardTask> written) => _all.Count == 0
        ? null
        : new ForeignKeyFollowUp(
            _all, written.Count == 0 ? context : context with { PreferredShard = context.PreferredShard ?? written[0].Shard });

    /// <summary>Notes a row where a foreign key may be about it.</summary>
    public void Add(TableDescriptor table, SqlValue[]? old, SqlValue[]? row)
    {
        bool matters = (row is not null && table.ForeignKeys.Count > 0)
            || (old is not null && context.Catalog.ReferencesTo(table).Count > 0);
        if (matters)
        {
            _all.Add(new RowChange(table, old, row));
        }
    }
}
