using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;

namespace ShardSql.Planning.Writes;

/// <summary>The CHECK constraints of a table as parts of a fragment.</summary>
internal static class CheckBinder
{
    /// <summary>Binds them all.</summary>
    public static void Bind(TableDescriptor table, Binding binding, IList<CheckPlan> checks)
    {
        if (table.Checks.Count == 0)
        {
            return;
        }

        // Checks name columns by the table's own name, whatever the statement calls it.
        Binding rows = binding.Over(QuerySource.Of(table, string.Empty).Scope);
        foreach (TableCheck check in table.Checks)
        {
            checks.Add(new CheckPlan
            {
                Name = check.Name,
                Condition = rows.ToBytes(rows.BindCondition(check.Condition, "CHECK")),
            });
        }
    }
}
