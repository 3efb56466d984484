using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Relations;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>SHOW SEGMENT FOR ROW t KEY (...): a SELECT on shard.segments, of the one that the key lies in. Whether there is
/// such a row is not asked.</summary>
internal static class RowPlaceQuery
{
    private static readonly string[] s_columns = ["segment", "shard", "leader", "from_key", "to_key"];

    /// <summary>The query; the key is evaluated here.</summary>
    public static Statement Of(Show show, PlanningContext context)
    {
        SchemaNames.RequireUserSchema(show.Table);
        TableDescriptor table = context.Catalog.Require(show.Table.Name, (int)show.Table.Position);
        if (table.View is not null)
        {
            throw new SqlException(
                SqlStates.WrongObjectType, $"\"{table.Name}\" is not a table", (int)show.Table.Position)
            {
                Hint = "A view has no rows of its own: name the table that it reads.",
                Table = table.Name,
            };
        }

        string name = table.Placement == PlacementKind.Reference ? "copy" : SegmentOf(table, show, context).Id.ToString();
        var query = new Select
        {
            Items =
            {
                new SelectItem
                {
                    Expression = Binding.Literal(SqlValue.FromText(table.Name)),
                    Alias = "table_name",
                    Name = "table_name",
                    Position = show.Position,
                },
            },
            From = new TableReference
            {
                Table = new TableName
                {
                    Schema = VirtualTables.Schema, Name = VirtualTables.Segments.Name, Position = show.Position,
                },
                Position = show.Position,
            },
            Where = BoundNodes.Apply(
                ExpressionOp.And,
                ShowQuery.Equal("segment", Binding.Literal(SqlValue.FromText(name))),
                ShowQuery.Equal("colocation_group", Binding.Literal(SqlValue.FromInt32((int)table.GroupId)))),
            Position = show.Position,
        };
        query.Items.AddRange(s_columns.Select(column => new SelectItem
        {
            Name = column,
            Expression = new Expression { Nodes = { new ExpressionNode { Op = ExpressionOp.Column, Name = column } } },
            Position = show.Position,
        }));
        return new Statement { Select = query };
    }

    private static Segment SegmentOf(TableDescriptor table, Show show, PlanningContext context)
    {
        IReadOnlyList<int> columns = ColumnsOf(table, show);
        Binding binding = Binding.WithoutColumns(context);
        var row = new SqlValue[table.Columns.Count];
        for (int i = 0; i < columns.Count; i++)
        {
            ColumnDescriptor column = table.Columns[columns[i]];
            row[columns[i]] = binding.EvaluateAssignment(show.Row.Values[i], column);
            if (row[columns[i]].IsNull)
            {
                throw new SqlException(
                    SqlStates.NullValueNotAllowed, $"column \"{column.Name}\" of a key cannot be NULL", (int)show.Position);
            }
        }

        var builder = new KeyBuilder(table);
        SqlValue[] shardKey = [.. table.ShardKey.Select(ordinal => row[ordinal])];
        return context.Map.Find(builder.RoutingKey(builder.Suffix(shardKey))) ?? throw new SqlException(
            SqlStates.StaleShardMap, $"the shard map does not hold the rows of table \"{table.Name}\" yet");
    }

    /// <summary>The primary key where the shard key is part of it, or the shard key alone.</summary>
    private static IReadOnlyList<int> ColumnsOf(TableDescriptor table, Show show)
    {
        bool isPlacedByKey = table.ShardKey.All(table.PrimaryKey.Contains);
        if (isPlacedByKey && show.Row.Values.Count == table.PrimaryKey.Count
            && !table.PrimaryKey.Any(ordinal => table.Columns[ordinal].Hidden))
        {
            return table.PrimaryKey;
        }

        if (show.Row.Values.Count == table.ShardKey.Count && !table.ShardKey.Any(ordinal => table.Columns[ordinal].Hidden))
        {
            return table.ShardKey;
        }

        string names = VirtualRows.Names(table, isPlacedByKey ? table.PrimaryKey : table.ShardKey);
        throw new SqlException(
            SqlStates.InvalidParameterValue,
            $"the values do not name a row of table \"{table.Name}\"",
            (int)show.Position)
        {
            Hint = table.PrimaryKey.Any(ordinal => table.Columns[ordinal].Hidden)
                ? "The table has no primary key: SHOW SEGMENTS FROM TABLE shows where all of its rows are."
                : $"SHOW SEGMENT FOR ROW {table.Name} KEY ({names})",
            Table = table.Name,
        };
    }
}
