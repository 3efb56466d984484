using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>What EXPLAIN says of the foreign keys that a statement is about: a line for each, and the shards where they look,
/// which are fewer where keys are known.</summary>
/// <param name="context">The context of planning.</param>
/// <param name="home">The shards of the rows themselves.</param>
internal sealed class ForeignKeyExplainer(PlanningContext context, IReadOnlyCollection<ShardId> home)
{
    private readonly List<ExplainLine> _lines = [];
    private readonly SortedSet<ShardId> _shards = [];
    private readonly SortedSet<string> _followed = new(System.StringComparer.Ordinal);

    /// <summary>The lines.</summary>
    public IReadOnlyList<ExplainLine> Lines => _lines;

    /// <summary>The shards that are read or written for foreign keys.</summary>
    public IReadOnlyCollection<ShardId> Shards => _shards;

    /// <summary>Rows that are inserted.</summary>
    public void AddInserted(TableDescriptor table, IReadOnlyList<RowChange> rows)
    {
        foreach (Reference reference in context.Catalog.ReferencesOf(table))
        {
            var lookUp = new LookUp(reference, forParents: true, breaksOff: false);
            foreach (RowChange change in rows)
            {
                if (ReferenceKeys.Referring(reference, change.Row!) is { } values)
                {
                    lookUp.Keys[ReferenceKeys.Of(values)!] = values;
                }
            }

            Add($"check {reference.Key.Name}: look up {reference.Parent.Name}", lookUp);
        }
    }

    /// <summary>Rows whose values the query finds.</summary>
    public void AddChecked(TableDescriptor table)
    {
        foreach (Reference reference in context.Catalog.ReferencesOf(table))
        {
            AddUnknown($"check {reference.Key.Name}: look up {reference.Parent.Name} by key", reference, reference.Parent);
        }
    }

    /// <summary>Rows that are changed.</summary>
    /// <param name="table">The table.</param>
    /// <param name="assigned">The columns that get values; those that are known before the rows are.</param>
    /// <param name="keys">The rows as far as they are known: values of key columns; null: nothing is.</param>
    public void AddUpdated(
        TableDescriptor table, IReadOnlyDictionary<int, SqlValue?> assigned, IReadOnlyList<SqlValue[]>? keys)
    {
        foreach (Reference reference in context.Catalog.ReferencesOf(table))
        {
            if (!reference.Columns.Any(assigned.ContainsKey))
            {
                continue;
            }

            string what = $"check {reference.Key.Name}: look up {reference.Parent.Name}";
            if (reference.Columns.All(c => assigned.TryGetValue(c, out SqlValue? value) && value is not null))
            {
                Add(what, Of(reference, true, [[.. reference.Columns.Select(c => assigned[c]!.Value)]]));
            }
            else
            {
                AddUnknown(what + " by key", reference, reference.Parent);
            }
        }

        AddParents(table, keys, r => r.ParentColumns.Any(assigned.ContainsKey), isDelete: false);
    }

    /// <summary>Rows that are deleted.</summary>
    public void AddDeleted(TableDescriptor table, IReadOnlyList<SqlValue[]>? keys) =>
        AddParents(table, keys, static _ => true, isDelete: true);

    private void AddParents(
        TableDescriptor table,
        IReadOnlyList<SqlValue[]>? keys,
        System.Func<Reference, bool> isMeant,
        bool isDelete)
    {
        foreach (Reference reference in context.Catalog.ReferencesTo(table))
        {
            if (!isMeant(reference))
            {
                continue;
            }

            ReferentialAction action = isDelete ? reference.Key.OnDelete : reference.Key.OnUpdate;
            string name = ActionName(action, isDelete);
            string what = $"{name} {reference.Key.Name}: look for rows of {reference.Child.Name}";
            if (!reference.IsColocated && keys is not null && reference.ParentColumns.All(table.KeyColumns.Contains))
            {
                Add(what, Of(reference, false, keys.Select(k => ReferenceKeys.ValuesOf(k, reference.ParentColumns))));
            }
            else
            {
                AddUnknown(what, reference, reference.Child);
            }

            if (name != "check" && _followed.Add($"{reference.Child.Id}.{reference.Key.Name}"))
            {
                Follow(reference, isDelete, action);
            }
        }
    }

    /// <summary>Actions lead on to rows that nobody knows yet. NULL refers to nothing.</summary>
    private void Follow(Reference reference, bool isDelete, ReferentialAction action)
    {
        if (isDelete && action == ReferentialAction.Cascade)
        {
            AddDeleted(reference.Child, null);
        }
        else if (action == ReferentialAction.SetNull)
        {
            AddParents(reference.Child, null, r => r.ParentColumns.Any(reference.Columns.Contains), isDelete: false);
        }
        else
        {
            AddUpdated(reference.Child, reference.Columns.ToDictionary(static c => c, static SqlValue? (_) => null), null);
        }
    }

    private void Add(string what, LookUp lookUp)
    {
        if (lookUp.Keys.Count == 0)
        {
            _lines.Add(new ExplainLine($"{what}: all keys are NULL"));
            return;
        }

        ShardId? near = home.Count > 0 ? home.First() : null;
        TableAccess access = lookUp.Access(context with { PreferredShard = context.PreferredShard ?? near });
        string how = access.Index is { } index
            ? $"by {(index.IsGlobal ? "global" : "local")} index {index.Name}"
            : access.IsByKey ? "by key" : "by scan";
        SortedSet<ShardId> shards = [.. access.Shards.Select(static s => s.Shard)];
        if (access.IsLookUp)
        {
            shards.UnionWith(Ddl.DdlChanges.ShardsOf(context.Map, [access.Table]));
        }

        Line($"{what} {how}", shards);
    }

    private void AddUnknown(string what, Reference reference, TableDescriptor table)
    {
        if (reference.IsColocated || table.Placement == PlacementKind.Reference)
        {
            Line(what, table.Placement == PlacementKind.Reference && home.Count > 0 ? [home.First()] : [.. home]);
            return;
        }

        SortedSet<ShardId> shards = [.. Ddl.DdlChanges.ShardsOf(context.Map, [table])];
        shards.UnionWith(Writes.GlobalEntries.ShardsOf(table, context));
        Line(what, shards);
    }

    private void Line(string text, SortedSet<ShardId> shards)
    {
        _shards.UnionWith(shards);
        _lines.Add(new ExplainLine(shards.Count == 0 ? text : $"{text} -> {string.Join(", ", shards)}"));
    }

    private static LookUp Of(Reference reference, bool forParents, IEnumerable<SqlValue[]> keys)
    {
        var lookUp = new LookUp(reference, forParents, breaksOff: false);
        foreach (SqlValue[] values in keys)
        {
            if (ReferenceKeys.Of(values) is { } key)
            {
                lookUp.Keys[key] = values;
            }
        }

        return lookUp;
    }

    private static string ActionName(ReferentialAction action, bool isDelete)
    {
        string when = isDelete ? "on delete" : "on update";
        return action switch
        {
            ReferentialAction.Cascade => $"{when} cascade",
            ReferentialAction.SetNull => $"{when} set null",
            ReferentialAction.SetDefault => $"{when} set default",
            _ => "check",
        };
    }
}
