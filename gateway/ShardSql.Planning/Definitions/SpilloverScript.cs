using System.Globalization;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Definitions;

/// <summary>The statement that lets a table spill over as it does.</summary>
internal static class SpilloverScript
{
    /// <summary>ALTER TABLE ... ENABLE SPILLOVER.</summary>
    public static string Enable(TableDescriptor table, SpilloverDescriptor spillover)
    {
        string columns = string.Join(
            ", ", spillover.Columns.Where(id => id != spillover.By).Select(id => ExpressionPrinter.Quote(table.Columns[table.OrdinalOf(id)].Name)));
        string keys = string.Join(", ", spillover.Keys.Select(key =>
            $"({string.Join(", ", table.PrimaryKey.Select(o => ExpressionPrinter.Quote(key[table.KeyColumns.ToList().IndexOf(o)])))})"));
        string trigger = spillover.Trigger switch
        {
            SpilloverTrigger.Always => "always",
            SpilloverTrigger.Auto => "auto",
            _ => "manual",
        };
        return $"ALTER TABLE {ExpressionPrinter.Quote(table.Name)} ENABLE SPILLOVER ON ({columns})"
            + (keys.Length == 0 ? string.Empty : $" FOR KEYS ({keys})")
            + string.Create(CultureInfo.InvariantCulture, $" WITH ({Policy(table, spillover)}trigger = '{trigger}', {Slots(spillover)}, max_pending = {spillover.MaxPending}, max_age = '{spillover.MaxAge.TotalMilliseconds}ms'{MergeEvery(spillover)})");
    }

    private static string Policy(TableDescriptor table, SpilloverDescriptor spillover) => spillover.Policy == SpilloverPolicy.Sum
        ? string.Empty
        : $"policy = '{spillover.PolicyName}', {By(table, spillover)}";

    private static string By(TableDescriptor table, SpilloverDescriptor spillover) => spillover.By is { } by
        ? $"by = {ExpressionPrinter.Quote(SqlValue.FromText(table.Columns[table.OrdinalOf(by)].Name))}, "
        : string.Empty;

    private static string Slots(SpilloverDescriptor spillover)
    {
        string slots = spillover.MinSlots == spillover.MaxSlots
            ? string.Create(CultureInfo.InvariantCulture, $"slots = {spillover.MinSlots}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"min_shards = {spillover.MinSlots}, max_shards = {spillover.MaxSlots}, split_at = '{spillover.SplitAt}/s', merge_at = '{spillover.MergeAt}/s'");
        return spillover.SlotsOfRow >= spillover.MaxSlots
            ? slots
            : string.Create(CultureInfo.InvariantCulture, $"{slots}, n = {spillover.SlotsOfRow}");
    }

    private static string MergeEvery(SpilloverDescriptor spillover) => spillover.MergeEvery is { } time
        ? string.Create(CultureInfo.InvariantCulture, $", merge_every = '{time.TotalMilliseconds}ms'")
        : string.Empty;
}
