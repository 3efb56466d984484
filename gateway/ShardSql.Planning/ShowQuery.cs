using ShardSql.Planning.Relations;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>SHOW x is a SELECT on shard.x (sql.md §2, R6): here it becomes one, and nowhere else.</summary>
internal static class ShowQuery
{
    /// <summary>The query; 0A000 for what cannot be shown.</summary>
    public static Statement Of(Show show, PlanningContext context)
    {
        VirtualTable table = VirtualTables.Find(VirtualTables.Schema, show.What) ?? throw NotShown(show);
        var query = new Select
        {
            Items = { new SelectItem { Star = true, Position = show.Position } },
            From = new TableReference
            {
                Table = new TableName { Schema = table.Schema, Name = table.Name, Position = show.Position },
                Position = show.Position,
            },
            Where = show.Where,
            Limit = show.Limit,
            Offset = show.Offset,
            Position = show.Position,
        };
        query.OrderBy.AddRange(show.OrderBy);
        if (show.Table is not null)
        {
            Expression ofTable = OfTable(table, show, context);
            query.Where = show.Where is null ? ofTable : BoundNodes.Apply(ExpressionOp.And, ofTable, show.Where);
        }

        return new Statement { Select = query };
    }

    /// <summary>FROM TABLE t: what has the table's colocation group.</summary>
    private static Expression OfTable(VirtualTable table, Show show, PlanningContext context)
    {
        const string group = "colocation_group";
        SchemaNames.RequireUserSchema(show.Table);
        uint id = context.Catalog.Require(show.Table.Name, (int)show.Table.Position).GroupId;
        if (table != VirtualTables.Segments)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                $"SHOW {Words(show)} FROM TABLE is not supported",
                (int)show.Table.Position)
            {
                Hint = "There is SHOW SEGMENTS FROM TABLE t. Elsewhere WHERE limits the rows.",
            };
        }

        return new Expression
        {
            Nodes =
            {
                new ExpressionNode { Op = ExpressionOp.Column, Name = group },
                Binding.Literal(SqlValue.FromInt32((int)id)).Nodes[0],
                new ExpressionNode { Op = ExpressionOp.Equal, Children = 2 },
            },
        };
    }

    private static string Words(Show show) => show.What.Replace('_', ' ').ToUpperInvariant();

    private static SqlException NotShown(Show show)
    {
        string names = string.Join(", ", VirtualTables.NamesOf(VirtualTables.Schema)).ToUpperInvariant();
        return new SqlException(
            SqlStates.FeatureNotSupported, $"SHOW {Words(show)} is not supported", (int)show.Position)
        {
            Hint = $"There are SHOW {names}, each with WHERE, ORDER BY and LIMIT.",
        };
    }
}
