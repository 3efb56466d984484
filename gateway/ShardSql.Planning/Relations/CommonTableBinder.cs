using System.Collections.Generic;
using Google.Protobuf.Collections;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Binds WITH, recursive or not.</summary>
internal sealed class CommonTableBinder(RelationBuild build, SubqueryFrame? outer, CommonTables? around)
{
    /// <summary>The common tables of a statement; where there are none, those around it.</summary>
    public CommonTables? Bind(IReadOnlyCollection<CommonTable> with, bool isRecursive)
    {
        if (with.Count == 0)
        {
            return around;
        }

        var tables = new CommonTables(around);
        foreach (CommonTable table in with)
        {
            CommonTableEntry entry = isRecursive && RefersTo(table.Query, table.Name)
                ? Recursive(table, tables)
                : Plain(table, tables);
            if (!tables.TryAdd(table.Name, entry))
            {
                throw new SqlException(
                    SqlStates.DuplicateAlias,
                    $"WITH query name \"{table.Name}\" specified more than once",
                    (int)table.Position);
            }
        }

        return tables;
    }

    private CommonTableEntry Plain(CommonTable table, CommonTables tables)
    {
        // A table sees those before it, and not itself.
        int before = outer?.Finds ?? 0;
        BoundRelation relation = Named(table, new QueryRelationBinder(build, outer, tables).Bind(table.Query));
        bool readsOutside = outer?.Finds > before;
        var entry = new CommonTableEntry(
            relation,
            readsOutside ? () => Named(table, new QueryRelationBinder(build, outer, tables).Bind(table.Query)) : null);
        build.Add(entry);
        return entry;
    }

    private CommonTableEntry Recursive(CommonTable table, CommonTables tables)
    {
        if (table.Query.Terms.Count < 3 || table.Query.Terms[^1].Operation is not { Operator: SetOperator.Union } union
            || table.Query.OrderBy.Count > 0 || table.Query.Limit is not null || table.Query.Offset is not null)
        {
            throw new SqlException(
                SqlStates.InvalidRecursion,
                $"recursive query \"{table.Name}\" does not have the form non-recursive-term UNION [ALL] recursive-term",
                (int)table.Position);
        }

        int split = StartOfRight(table.Query.Terms);
        Select seed = Part(table.Query, 0, split);
        Select step = Part(table.Query, split, table.Query.Terms.Count - 1);
        if (RefersTo(seed, table.Name))
        {
            throw new SqlException(
                SqlStates.InvalidRecursion,
                $"recursive reference to query \"{table.Name}\" must not appear within its non-recursive term",
                (int)table.Position);
        }

        uint id = build.NewRecursion();
        BoundRelation first = Named(table, new QueryRelationBinder(build, outer, tables).Bind(seed));
        var inner = new CommonTables(tables);
        _ = inner.TryAdd(table.Name, new CommonTableEntry(first, () => first with { Rows = Working(id) }));
        BoundRelation next = new QueryRelationBinder(build, outer, inner).Bind(step);
        List<SqlType> types = SetOperations.Types(first, next, "UNION", union.Position);
        for (int i = 0; i < types.Count; i++)
        {
            if (types[i].Kind != first.Columns[i].Type.Kind)
            {
                throw new SqlException(
                    SqlStates.DatatypeMismatch,
                    $"recursive query \"{table.Name}\" column {i + 1} has type {first.Columns[i].Type} in the "
                        + $"non-recursive term but type {types[i]} overall",
                    (int)table.Position)
                {
                    Hint = "Cast the output of the non-recursive term to the type overall.",
                };
            }
        }

        var rows = new PlainRows(() => new RelationNode
        {
            Recursive = new RecursiveNode
            {
                Id = id,
                Seed = first.Rows.Node,
                Step = Spools.Insert(QueryTail.Cast(next.Rows.Node, next.Columns, types), build.Parameters),
                Distinct = !union.All,
            },
        });
        var entry = new CommonTableEntry(first with { Rows = rows }, null);
        build.Add(entry);
        return entry;
    }

    /// <summary>The rows of the last round.</summary>
    private static PlainRows Working(uint id) =>
        new(() => new RelationNode { Working = new WorkingNode { Id = id } });

    private static BoundRelation Named(CommonTable table, BoundRelation relation) => relation with
    {
        Columns = FromBinder.Rename(relation.Columns, table.Name, table.Columns, table.Position),
    };

    /// <summary>Where the right operand of the last operation begins.</summary>
    private static int StartOfRight(RepeatedField<SetNode> terms)
    {
        int open = 1;
        int at = terms.Count - 1;
        while (open > 0)
        {
            if (--at < 0)
            {
                throw RelationLimits.Malformed();
            }

            open += terms[at].Operation is null ? -1 : 1;
        }

        return at;
    }

    private static Select Part(Select query, int start, int end)
    {
        if (end - start == 1)
        {
            return query.Terms[start].Query;
        }

        var part = new Select { Position = query.Position };
        for (int i = start; i < end; i++)
        {
            part.Terms.Add(query.Terms[i]);
        }

        return part;
    }

    private static bool RefersTo(Select query, string name) => References.Contain(query, name);
}
