using System.Globalization;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;

namespace ShardSql.Planning.Definitions;

/// <summary>The statement that lets a table spill over as it does.</summary>
internal static class SpilloverScript
{
    /// <summary>ALTER TABLE ... ENABLE SPILLOVER.</summary>
    public static string Enable(TableDescriptor table, SpilloverDescriptor spillover)
    {
        string columns = string.Join(
            ", ", spillover.Columns.Select(id => ExpressionPrinter.Quote(table.Columns[table.OrdinalOf(id)].Name)));
        string keys = string.Join(", ", spillover.Keys.Select(key =>
            $"({string.Join(", ", table.PrimaryKey.Select(o => ExpressionPrinter.Quote(key[table.KeyColumns.ToList().IndexOf(o)])))})"));
        string trigger = spillover.Trigger == SpilloverTrigger.Always ? "always" : "manual";
        return $"ALTER TABLE {ExpressionPrinter.Quote(table.Name)} ENABLE SPILLOVER ON ({columns})"
            + (keys.Length == 0 ? string.Empty : $" FOR KEYS ({keys})")
            + string.Create(
                CultureInfo.InvariantCulture,
                $" WITH (trigger = '{trigger}', slots = {spillover.Slots}, max_pending = {spillover.MaxPending}, max_age = '{spillover.MaxAge.TotalMilliseconds}ms')");
    }
}
