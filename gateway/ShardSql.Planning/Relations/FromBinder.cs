using System;
using System.Collections.Generic;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Spillover;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Binds FROM: its parts, their names, the conditions of its joins.</summary>
internal sealed class FromBinder(RelationBuild build, Stage stage, SubqueryFrame? outer, CommonTables? tables)
{
    private readonly List<FromLeaf> _leaves = [];
    private uint _width;

    /// <summary>The tree; null: no FROM.</summary>
    public FromTree? Tree { get; private set; }

    /// <summary>All names.</summary>
    public FromNames Names { get; private set; } = FromNames.None;

    /// <summary>FROM of a SELECT.</summary>
    public void Bind(Select select)
    {
        if (select.From is { } only)
        {
            Bind([new FromNode { Table = only, Position = only.Position }]);
        }
        else
        {
            Bind(select.Sources);
        }
    }

    /// <summary>Adds parts in post-order to what is there; neighbours that no join takes are cross joined.</summary>
    public void Bind(IReadOnlyList<FromNode> nodes)
    {
        var stack = new List<(FromTree Tree, FromNames Names)>();
        if (Tree is not null)
        {
            stack.Add((Tree, Names));
        }

        foreach (FromNode node in nodes)
        {
            if (node.Join is not { } join)
            {
                FromLeaf leaf = Leaf(node);
                stack.Add((new FromPart(leaf), FromNames.Of(leaf)));
                RelationLimits.Check(_leaves.Count, RelationLimits.FromPartsMax, "parts of FROM", node.Position);
                continue;
            }

            if (stack.Count < 2)
            {
                throw RelationLimits.Malformed();
            }

            (FromTree Tree, FromNames Names) right = stack[^1];
            (FromTree Tree, FromNames Names) left = stack[^2];
            stack.RemoveRange(stack.Count - 2, 2);
            stack.Add(Join(left, right, join, node.Position));
        }

        while (stack.Count > 1)
        {
            (FromTree Tree, FromNames Names) left = stack[0];
            (FromTree Tree, FromNames Names) right = stack[1];
            stack.RemoveRange(0, 2);
            stack.Insert(0, Join(left, right, new Join(), 0));
        }

        (Tree, Names) = stack.Count > 0 ? stack[0] : (null, FromNames.None);
    }

    /// <summary>Adds a users' table.</summary>
    public FromLeaf Add(TableDescriptor table, string alias)
    {
        FromLeaf leaf = Leaf(table, alias, [], 0);
        Tree = new FromPart(leaf);
        Names = FromNames.Of(leaf);
        return leaf;
    }

    private (FromTree Tree, FromNames Names) Join(
        (FromTree Tree, FromNames Names) left, (FromTree Tree, FromNames Names) right, Join join, uint position)
    {
        if (join.Kind is JoinKind.Left or JoinKind.Full)
        {
            SetOptional(right.Tree);
        }

        if (join.Kind is JoinKind.Right or JoinKind.Full)
        {
            SetOptional(left.Tree);
        }

        var conditions = new List<Expression>();
        List<NamedColumn> columns = Merge(left.Names, right.Names, join, position, conditions);
        var names = new FromNames([.. left.Names.Leaves, .. right.Names.Leaves], columns);
        if (join.On is not null)
        {
            AddCondition(join, names, conditions);
        }

        return (new FromJoin(join.Kind, left.Tree, right.Tree, conditions), names);
    }

    private void AddCondition(Join join, FromNames names, List<Expression> conditions)
    {
        if (BoundNodes.NeedsRelations(join.On) && join.Kind != JoinKind.Inner)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                "a query inside of the condition of an outer join is not supported",
                (int)join.On.Nodes[^1].Position)
            {
                Hint = "Join with the query itself: LEFT JOIN (SELECT ...) AS x ON ...",
            };
        }

        var rewriter = new ExpressionRewriter(build, stage, names, outer, tables) { Clause = "JOIN conditions" };
        Expression folded = build.Binding.Fold(join.On);
        foreach (ExpressionTree conjunct in ExpressionTree.Of(folded).Conjuncts())
        {
            Expression condition = rewriter.Rewrite(conjunct);
            _ = Sql.Expressions.BoundExpression.ConditionFromMessage(condition, "JOIN/ON");
            conditions.Add(condition);
        }
    }

    /// <summary>The star of a join: columns of USING or NATURAL once, then the others.</summary>
    private static List<NamedColumn> Merge(
        FromNames left, FromNames right, Join join, uint position, List<Expression> conditions)
    {
        var merged = new List<NamedColumn>();
        var taken = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in CommonNames(left, right, join))
        {
            NamedColumn mine = left.Named(name, position) ?? throw NotCommon(name, "left", position);
            NamedColumn other = right.Named(name, position) ?? throw NotCommon(name, "right", position);
            conditions.Add(BoundNodes.Apply(ExpressionOp.Equal, mine.Use(), other.Use()));
            taken.Add(name);
            merged.Add(join.Kind switch
            {
                JoinKind.Right => other,
                JoinKind.Full => mine with { Merged = (mine, other) },
                _ => mine,
            });
        }

        foreach (FromNames side in (FromNames[])[left, right])
        {
            foreach (NamedColumn column in side.Columns)
            {
                if (!taken.Contains(column.Name))
                {
                    merged.Add(column);
                }
            }
        }

        return merged;
    }

    private static List<string> CommonNames(FromNames left, FromNames right, Join join)
    {
        var names = new List<string>();
        foreach (ColumnName column in join.Using)
        {
            names.Add(column.Name);
        }

        foreach (NamedColumn column in join.Natural ? left.Columns : [])
        {
            if (right.Named(column.Name, 0) is not null)
            {
                names.Add(column.Name);
            }
        }

        return names;
    }

    private static SqlException NotCommon(string name, string side, uint position) => new(
        SqlStates.UndefinedColumn,
        $"column \"{name}\" specified in USING clause does not exist in the {side} table",
        (int)position)
    {
        ColumnName = name,
    };

    private static void SetOptional(FromTree tree)
    {
        foreach (FromLeaf leaf in tree.Leaves)
        {
            leaf.IsOptional = true;
        }
    }

    private FromLeaf Leaf(FromNode node)
    {
        if (node.Query is { } query)
        {
            BoundRelation relation = new QueryRelationBinder(build, outer, tables).Bind(query);
            return Leaf(new FromLeaf
            {
                Qualifier = node.Alias,
                Columns = Rename(relation.Columns, node.Alias, node.Columns, node.Position),
                First = _width,
                Rows = relation.Rows,
            }, node.Position);
        }

        TableName name = node.Table?.Table ?? throw RelationLimits.Malformed();
        string alias = node.Table.Alias.Length > 0 ? node.Table.Alias : name.Name;
        if (name.Schema.Length == 0 && tables?.Find(name.Name) is { } common)
        {
            return Leaf(new FromLeaf
            {
                Qualifier = alias,
                Columns = Rename(common.Columns, alias, node.Columns, node.Position),
                First = _width,
                Rows = common.Read(),
            }, node.Position);
        }

        return OfTable(node, name, alias);
    }

    private FromLeaf OfTable(FromNode node, TableName name, string alias)
    {
        if (SchemaNames.IsSystem(name))
        {
            VirtualTable made = VirtualTables.Require(name);
            var columns = new List<RelationColumn>(made.Columns.Count);
            foreach (VirtualColumn column in made.Columns)
            {
                columns.Add(new RelationColumn(alias, column.Name, column.Type, IsNullable: true)
                {
                    Table = made.Name,
                    BaseColumn = column.Name,
                });
            }

            return Leaf(new FromLeaf
            {
                Qualifier = alias,
                Columns = Rename(columns, alias, node.Columns, node.Position),
                First = _width,
                Virtual = made,
            }, node.Position);
        }

        if (build.Spilled?.GetValueOrDefault(name.Name) is { } part)
        {
            return Leaf(part, node.Table.Alias.Length > 0 ? node.Table.Alias : name.Name, node.Columns, node.Position);
        }

        SchemaNames.RequireUserSchema(name);
        TableDescriptor table = build.Context.Catalog.Require(name.Name, (int)name.Position);
        return table.View is { } view
            ? OfView(view, node, alias)
            : Leaf(table, node.Table.Alias, node.Columns, node.Position);
    }

    /// <summary>A view sees tables and views, and nothing of the statement that reads it.</summary>
    private FromLeaf OfView(ViewQuery view, FromNode node, string alias)
    {
        using ViewDepth depth = build.EnterView(view.Query, node.Position);
        BoundRelation relation = new QueryRelationBinder(build, null, null).Bind(view.Query);
        List<RelationColumn> columns = Rename(relation.Columns, alias, view.Columns, node.Position);
        return Leaf(new FromLeaf
        {
            Qualifier = alias,
            Columns = Rename(columns, alias, node.Columns, node.Position),
            First = _width,
            Rows = relation.Rows,
        }, node.Position);
    }

    private FromLeaf Leaf(TableDescriptor table, string alias, IReadOnlyList<ColumnName> names, uint position)
    {
        string qualifier = alias.Length > 0 ? alias : table.Name;
        var columns = new List<RelationColumn>(table.Columns.Count);
        for (int i = 0; i < table.Columns.Count; i++)
        {
            ColumnDescriptor column = table.Columns[i];
            columns.Add(new RelationColumn(qualifier, column.Name, column.Type, column.Nullable)
            {
                Table = table.Name,
                BaseColumn = column.Name,
                IsKey = System.Linq.Enumerable.Contains(table.PrimaryKey, i),
                IsAutoIncrement = column.IsAutoIncrement,
                IsHidden = column.Hidden,
            });
        }

        if (build.Spilled is null && build.ReadsDeltas(table))
        {
            return OfExactRows(table, qualifier, columns, names, position);
        }

        return Leaf(new FromLeaf
        {
            Qualifier = qualifier,
            Columns = Rename(columns, qualifier, names, position),
            First = _width,
            Table = table,
            Source = QuerySource.Of(table, qualifier),
        }, position);
    }

    /// <summary>The rows of a table with what its deltas add to them; whether there are any is a hidden column.</summary>
    private FromLeaf OfExactRows(
        TableDescriptor table, string qualifier, List<RelationColumn> columns, IReadOnlyList<ColumnName> names, uint position)
    {
        using ViewDepth inside = build.EnterExactRows(table, position);
        BoundRelation relation = new QueryRelationBinder(build, null, null).Bind(ExactRows.QueryOf(table));
        columns.Add(relation.Columns[^1] with { IsHidden = true });
        return Leaf(new FromLeaf
        {
            Qualifier = qualifier,
            Columns = Rename(columns, qualifier, names, position),
            First = _width,
            Rows = relation.Rows,
        }, position);
    }

    private FromLeaf Leaf(FromLeaf leaf, uint position)
    {
        foreach (FromLeaf other in _leaves)
        {
            if (leaf.Qualifier.Length > 0 && other.Qualifier == leaf.Qualifier)
            {
                throw new SqlException(
                    SqlStates.DuplicateAlias,
                    $"table name \"{leaf.Qualifier}\" specified more than once",
                    (int)position)
                {
                    Hint = "Give one of them an alias.",
                };
            }
        }

        _leaves.Add(leaf);
        _width += (uint)leaf.Columns.Count;
        return leaf;
    }

    /// <summary>The columns under the alias of their part, the first of them under other names.</summary>
    public static List<RelationColumn> Rename(
        IReadOnlyList<RelationColumn> columns, string qualifier, IReadOnlyList<ColumnName> names, uint position)
    {
        var renamed = new List<RelationColumn>(columns.Count);
        int named = 0;
        foreach (RelationColumn column in columns)
        {
            string name = !column.IsHidden && named < names.Count ? names[named++].Name
                : column.IsQuoted ? column.Name
                : column.Name.ToLowerInvariant();
            renamed.Add(column with { Qualifier = qualifier, Name = name, IsQuoted = true });
        }

        return named == names.Count
            ? renamed
            : throw new SqlException(
                SqlStates.InvalidColumnReference,
                $"\"{qualifier}\" has fewer columns than names are given",
                (int)position);
    }
}
