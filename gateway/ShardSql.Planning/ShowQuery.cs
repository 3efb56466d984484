using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Definitions;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Spillover;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>SHOW x is a SELECT on shard.x (sql.md §2, R6): here it becomes one, and nowhere else.</summary>
internal static class ShowQuery
{
    private const string Create = "create_";
    private const string Group = "colocation_group";
    private const string NameOfTable = "table_name";
    private const string JobId = "job_id";
    private const string HotEdges = "hot_edges";

    /// <summary>The query; 0A000 for what cannot be shown.</summary>
    public static Statement Of(Show show, PlanningContext context)
    {
        if (show.What.StartsWith(Create, System.StringComparison.Ordinal) && show.Table is not null)
        {
            return OfDefinition(show, context.Catalog);
        }

        if (show.Row is not null && show.What != SpilloverTables.Spillover.Name)
        {
            return RowPlaceQuery.Of(show, context);
        }

        VirtualTable table = VirtualTables.Find(VirtualTables.Schema, show.What == HotEdges ? TransactionTables.GraphEdges.Name : show.What) ?? throw NotShown(show);
        VirtualTable shown = !show.Details ? table : VirtualTables.DetailsOf(table) ?? throw NoDetails(show);
        Expression? only = show.Row is not null ? OfRow(show, context)
            : show.Table is not null ? OfTable(table, show, context)
            : show.Job is not null ? Equal(JobId, show.Job)
            : null;
        return Of(
            shown,
            show,
            only is null || show.Where is null ? only ?? show.Where : BoundNodes.Apply(ExpressionOp.And, only, show.Where));
    }

    private static Statement Of(VirtualTable table, Show show, Expression? where)
    {
        var query = new Select
        {
            Items = { new SelectItem { Star = true, Position = show.Position } },
            From = new TableReference
            {
                Table = new TableName { Schema = table.Schema, Name = table.Name, Position = show.Position },
                Position = show.Position,
            },
            Where = where,
            Limit = show.Limit,
            Offset = show.Offset,
            Position = show.Position,
        };
        query.OrderBy.AddRange(show.OrderBy);
        return new Statement { Select = query };
    }

    /// <summary>SHOW CREATE: the one row of that kind and name.</summary>
    private static Statement OfDefinition(Show show, Catalog catalog)
    {
        SchemaNames.RequireUserSchema(show.Table);
        string name = show.Table.Name;
        int position = (int)show.Table.Position;
        string kind = show.What[Create.Length..].ToUpperInvariant();
        bool fits = kind == DefinitionRows.Sequence
            ? catalog.RequireSequence(name, position) is not null
            : catalog.Require(name, position).View is null == (kind == DefinitionRows.Table);
        if (!fits)
        {
            string other = kind == DefinitionRows.Table ? DefinitionRows.View : DefinitionRows.Table;
            throw new SqlException(
                SqlStates.WrongObjectType, $"\"{name}\" is not a {kind.ToLowerInvariant()}", position)
            {
                Hint = $"SHOW CREATE {other} {name} shows it.",
                Table = name,
            };
        }

        return Of(
            VirtualTables.Definitions,
            show,
            BoundNodes.Apply(
                ExpressionOp.And,
                Equal("kind", Binding.Literal(SqlValue.FromText(kind))),
                Equal("name", Binding.Literal(SqlValue.FromText(name)))));
    }

    /// <summary>FOR TABLE t KEY (...): what of one row has spilled.</summary>
    private static Expression OfRow(Show show, PlanningContext context)
    {
        SchemaNames.RequireUserSchema(show.Table);
        TableDescriptor table = context.Catalog.Require(show.Table.Name, (int)show.Table.Position);
        SqlValue[] key = SpilloverKeys.Of(table, show.Row, Binding.WithoutColumns(context).Evaluate);
        return BoundNodes.Apply(
            ExpressionOp.And,
            Equal(NameOfTable, Binding.Literal(SqlValue.FromText(table.Name))),
            Equal(
                SpilloverTables.RowKeyName,
                Binding.Literal(SqlValue.FromText(RowKeyText.Of(table, new KeyBuilder(table).Suffix(key))!))));
    }

    /// <summary>FROM TABLE t: segments of the table's colocation group, indexes and foreign keys of its name.</summary>
    private static Expression OfTable(VirtualTable table, Show show, PlanningContext context)
    {
        SchemaNames.RequireUserSchema(show.Table);
        TableDescriptor named = context.Catalog.Require(show.Table.Name, (int)show.Table.Position);
        if (table == VirtualTables.Segments || table == TransactionTables.HotSegments)
        {
            return Equal(Group, Binding.Literal(SqlValue.FromInt32((int)named.GroupId)));
        }

        if (table == TransactionTables.GraphEdges)
        {
            Expression name = Binding.Literal(SqlValue.FromText(named.Name));
            return BoundNodes.Apply(ExpressionOp.Or, Equal("table_a", name), Equal("table_b", name));
        }

        if (table.OrdinalOf(NameOfTable) >= 0 && table != VirtualTables.Tables)
        {
            return Equal(NameOfTable, Binding.Literal(SqlValue.FromText(named.Name)));
        }

        throw new SqlException(
            SqlStates.FeatureNotSupported,
            $"SHOW {Words(show)} FROM TABLE is not supported",
            (int)show.Table.Position)
        {
            Hint = "SHOW SEGMENTS, PLACEMENT, INDEXES, FOREIGN KEYS and HOT KEYS, SEGMENTS, EDGES take FROM TABLE t. Elsewhere "
                + "WHERE limits the rows.",
        };
    }

    /// <summary>column = value.</summary>
    public static Expression Equal(string column, Expression value) => new()
    {
        Nodes =
        {
            new ExpressionNode { Op = ExpressionOp.Column, Name = column },
            value.Nodes,
            new ExpressionNode { Op = ExpressionOp.Equal, Children = 2 },
        },
    };

    private static string Words(Show show) => show.What.Replace('_', ' ').ToUpperInvariant();

    private static SqlException NotShown(Show show)
    {
        string names = string.Join(", ", VirtualTables.ShownNames()).Replace('_', ' ').ToUpperInvariant();
        return new SqlException(
            SqlStates.FeatureNotSupported, $"SHOW {Words(show)} is not supported", (int)show.Position)
        {
            Hint = $"There are SHOW {names}, each with WHERE, ORDER BY and LIMIT.",
        };
    }

    private static SqlException NoDetails(Show show)
    {
        string names = string.Join(
            ", ",
            VirtualTables.Shown.Where(t => VirtualTables.DetailsOf(t) is not null).Select(t => t.Name.ToUpperInvariant()));
        return new SqlException(
            SqlStates.FeatureNotSupported, $"SHOW {Words(show)} WITH DETAILS is not supported", (int)show.Position)
        {
            Hint = $"Nodes know more of {names}.",
        };
    }
}
