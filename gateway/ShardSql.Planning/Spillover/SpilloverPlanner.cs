using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>ALTER TABLE ... ENABLE, ALTER or DISABLE SPILLOVER (sharding.md §4).</summary>
internal sealed class SpilloverPlanner(PlanningContext context, TableDescriptor table, AlterAction action)
{
    /// <summary>The change.</summary>
    public DdlChange Plan() => action.Kind switch
    {
        AlterKind.EnableSpillover => Enable(),
        AlterKind.AlterSpillover => Alter(),
        _ => Disable(),
    };

    private DdlChange Enable()
    {
        if (table.Spillover is not null)
        {
            throw new SqlException(
                SqlStates.DuplicateObject, $"spillover of table \"{table.Name}\" is enabled already", (int)action.Position)
            {
                Hint = "ALTER TABLE ... ALTER SPILLOVER changes it.",
                Table = table.Name,
            };
        }

        SpillableColumns.RequireTable(table, (int)action.Position);
        var edit = new CatalogEdit(context.State);
        uint id = edit.TakeTableId();
        bool isAlways = action.Spillover.Keys.Count == 0;
        var spillover = new SpilloverDescriptor
        {
            DeltasTableId = id,
            Columns = [],
            Slots = 0,
            SlotsRead = 0,
            MinSlots = SpilloverOptions.MinSlots(context.Map.DataShards.Count),
            MaxSlots = SpilloverOptions.MaxSlots(context.Map.DataShards.Count),
            Trigger = isAlways ? SpilloverTrigger.Always : SpilloverTrigger.Manual,
            Keys = Keys(),
        };
        spillover = SpilloverOptions.Of(spillover, action.Spillover.Options, Binding.WithoutColumns(context));
        List<ColumnDescriptor> columns = [.. action.Spillover.Columns.Select(name => Column(name, spillover.Policy)), .. By(spillover.Policy)];
        spillover = spillover with { Columns = [.. columns.Select(static c => c.Id)] };
        spillover = spillover.Policy == SpilloverPolicy.BoundedSum ? Bounded(spillover, isNew: true) : spillover;
        int slots = Math.Clamp(context.Map.DataShards.Count, spillover.MinSlots, spillover.MaxSlots);
        spillover = spillover with { Slots = slots, SlotsRead = slots };
        uint group = edit.PlaceByRange(made => SlotChanges.SegmentsOf(made, slots));
        edit.Put(DeltaTable.Of(table, spillover, columns, group));
        edit.Put(table with { Version = table.Version + 1, Spillover = spillover });
        return edit.ToChange();
    }

    private DdlChange Alter()
    {
        SpilloverDescriptor known = SpilledRows.Require(table, (int)action.Position);
        if (action.Spillover.Columns.Count > 0)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                "the columns of spillover cannot be altered",
                (int)action.Position)
            {
                Hint = "DISABLE SPILLOVER, then ENABLE it anew.",
            };
        }

        SpilloverDescriptor changed = SpilloverOptions.Of(
            action.Spillover.Keys.Count == 0 ? known : known with
            {
                Keys = Keys(),
                Trigger = known.Trigger == SpilloverTrigger.Auto ? SpilloverTrigger.Auto : SpilloverTrigger.Manual,
            },
            action.Spillover.Options,
            Binding.WithoutColumns(context));
        Require(
            SpilloverOptions.By(action.Spillover.Options, Binding.WithoutColumns(context)) is null,
            "the column by which spillover decides cannot be altered",
            "DISABLE SPILLOVER, then ENABLE it anew.");
        Require(changed.Policy == known.Policy, "the policy of spillover cannot be altered", "DISABLE SPILLOVER, then ENABLE it anew.");
        if (changed.Policy == SpilloverPolicy.BoundedSum)
        {
            Require(!known.IsEnding, "spillover with quotas cannot go on once its end has begun", "DISABLE SPILLOVER, then ENABLE it anew.");
            Require(changed.MinSlots == known.MinSlots, "spill shards with quotas stay as many as they are", "DISABLE SPILLOVER, then ENABLE it anew.");
            changed = Bounded(changed, isNew: false);
        }

        changed = changed with
        {
            MeantOthers = known.MeantOthers || known.Trigger != SpilloverTrigger.Manual || !known.Keys.All(changed.IsNamed),
        };
        var edit = new CatalogEdit(context.State);
        int slots = Math.Clamp(known.Slots, changed.MinSlots, changed.MaxSlots);
        changed = slots == known.Slots ? changed : SlotChanges.Resize(edit, context.State, changed, slots);
        edit.Put(table with { Version = table.Version + 1, Spillover = changed with { IsEnding = false } });
        return edit.ToChange();
    }

    /// <summary>It is over where no deltas are left. A tolerant action, which no statement is, only takes no more of them: what
    /// ends spillover begins with it, and merges those that are there.</summary>
    private DdlChange Disable()
    {
        SpilloverDescriptor known = SpilledRows.Require(table, (int)action.Position);
        TableDescriptor deltas = context.Catalog.Find(known.DeltasTableId)!;
        var edit = new CatalogEdit(context.State);
        if (action.Tolerant)
        {
            edit.Put(table with { Version = table.Version + 1, Spillover = known with { IsEnding = true } });
            edit.Put(deltas with { Version = deltas.Version + 1 });
            return edit.ToChange();
        }

        edit.Put(table with { Version = table.Version + 1, Spillover = null });
        edit.Drop(deltas);
        StatementPlan left = new SpilledRows(table, context).Left(withHeaders: false);
        return edit.ToChange() with
        {
            Checks = [new DdlCheck(left, _ => new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"deltas of table \"{table.Name}\" are not merged yet")
            {
                Hint = $"MERGE SPILLOVER FOR TABLE {table.Name} merges them.",
                Table = table.Name,
            })],
        };
    }

    /// <summary>With its bound. All that is above it is dealt out to the slots of the rows that were named.</summary>
    private SpilloverDescriptor Bounded(SpilloverDescriptor spillover, bool isNew)
    {
        Require(spillover.Columns.Count == 1, "policy bounded_sum takes one column", "Each other column can be of a table of its own.");
        Require(spillover.Trigger == SpilloverTrigger.Manual, "policy bounded_sum takes rows that are named", "FOR KEYS ((...)) names them.");
        Require(
            spillover.SlotsOfRow >= SpilloverDescriptor.SlotsMax && (isNew || spillover.MinSlots == spillover.MaxSlots),
            "policy bounded_sum has as many spill shards as it began with, and a row uses all of them",
            "slots = 4 says how many, when spillover is enabled.");
        Int128 bound = SpillableColumns.RequireBound(
            table, table.OrdinalOf(spillover.Columns[0]), Binding.WithoutColumns(context), (int)action.Position);
        return spillover with { Bound = bound, MaxSlots = spillover.MinSlots };
    }

    /// <summary>The column by which policy timestamp decides, behind those that were named; else none.</summary>
    private List<ColumnDescriptor> By(SpilloverPolicy policy)
    {
        (string Name, int Position)? by = SpilloverOptions.By(action.Spillover.Options, Binding.WithoutColumns(context));
        if (policy != SpilloverPolicy.Timestamp)
        {
            Require(by is null, "option \"by\" belongs to policy timestamp", "Leave it out.");
            return [];
        }

        Require(by is not null, "policy timestamp needs a column to decide by", "WITH (policy = 'timestamp', by = 'changed_at') names it.");
        var name = new ColumnName { Name = by!.Value.Name, Position = (uint)by.Value.Position };
        ColumnDescriptor column = Column(name, policy, named: 0);
        SpillableColumns.RequireComparable(table, column, by.Value.Position);
        return [column];
    }

    private void Require(bool holds, string what, string hint)
    {
        if (!holds)
        {
            throw new SqlException(SqlStates.FeatureNotSupported, what, (int)action.Position)
            {
                Hint = hint,
                Table = table.Name,
            };
        }
    }

    private ColumnDescriptor Column(ColumnName name, SpilloverPolicy policy, int named = 1)
    {
        int ordinal = Writes.WriteColumns.Require(table, name);
        SpillableColumns.Require(table, ordinal, policy, (int)name.Position);
        return action.Spillover.Columns.Count(other => other.Name == name.Name) == named
            ? table.Columns[ordinal]
            : throw Writes.WriteColumns.Twice(name);
    }

    private List<SqlValue[]> Keys()
    {
        if (action.Spillover.Keys.Count > SpilloverDescriptor.KeysMax)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded,
                $"spillover takes at most {SpilloverDescriptor.KeysMax} keys, not {action.Spillover.Keys.Count}",
                (int)action.Position)
            {
                Hint = "Without FOR KEYS all rows spill over.",
            };
        }

        Binding constants = Binding.WithoutColumns(context);
        return [.. action.Spillover.Keys.Select(key => SpilloverKeys.Of(table, key, constants.Evaluate))];
    }
}
