using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Writes;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>What an UPDATE or DELETE tells of its rows before they are found.</summary>
internal static class TargetKeys
{
    /// <summary>The rows with the values of their key columns, where the condition names them all; else null.</summary>
    public static List<SqlValue[]>? Known(Statement statement, TableDescriptor table, PlanningContext context)
    {
        bool isUpdate = statement.KindCase == Statement.KindOneofCase.Update;
        Expression? where = isUpdate ? statement.Update.Where : statement.Delete.Where;
        int sources = isUpdate ? statement.Update.Sources.Count : statement.Delete.Sources.Count;
        if (sources > 0 || where is null || BoundNodes.NeedsRelations(where))
        {
            return null;
        }

        QuerySource source = WriteSources.Of(isUpdate ? statement.Update.Table : statement.Delete.Table, context);
        Binding rows = Binding.Of(context, source.Scope);
        TableAccess access = new TableAccessPlanner(source, rows, where).Plan(context, rows, isWrite: false);
        if (access.Index is not null
            || access.Shards.Any(static s => s.Ranges.Count > 0 || s.Keys.Count > s.ShownKeys.Count))
        {
            return null;
        }

        var known = new List<SqlValue[]>();
        foreach (SqlValue[] key in access.Shards.SelectMany(static s => s.ShownKeys.Select(static k => k.Key)))
        {
            var row = new SqlValue[table.Columns.Count];
            for (int i = 0; i < key.Length; i++)
            {
                row[table.KeyColumns[i]] = key[i];
            }

            known.Add(row);
        }

        return known;
    }

    /// <summary>The columns that get values, with those values that are the same for all rows.</summary>
    public static Dictionary<int, SqlValue?> Assigned(Update update, TableDescriptor table, PlanningContext context)
    {
        Binding constants = Binding.WithoutColumns(context);
        var assigned = new Dictionary<int, SqlValue?>();
        foreach (Assignment assignment in update.Assignments)
        {
            int ordinal = WriteColumns.Require(table, assignment.Column);
            bool isConstant = !Binding.IsDefault(assignment.Value) && assignment.Value.Nodes.All(
                static n => n.Op is ExpressionOp.Literal or ExpressionOp.Parameter);
            assigned[ordinal] = isConstant
                ? constants.EvaluateAssignment(assignment.Value, table.Columns[ordinal])
                : null;
        }

        return assigned;
    }
}
