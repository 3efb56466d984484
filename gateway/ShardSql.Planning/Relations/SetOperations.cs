using System.Collections.Generic;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>UNION, EXCEPT and INTERSECT of two bound queries, whose columns meet in common types.</summary>
internal static class SetOperations
{
    /// <summary>The operation.</summary>
    public static BoundRelation Combine(BoundRelation left, BoundRelation right, SetOperation operation)
    {
        string name = operation.Operator.ToString().ToUpperInvariant();
        List<SqlType> types = Types(left, right, name, operation.Position);
        var columns = new List<RelationColumn>(types.Count);
        for (int i = 0; i < types.Count; i++)
        {
            RelationColumn column = left.Columns[i];
            columns.Add(new RelationColumn(
                string.Empty, column.Name, types[i], column.IsNullable || right.Columns[i].IsNullable)
            {
                IsQuoted = column.IsQuoted,
                IsUntyped = column.IsUntyped && right.Columns[i].IsUntyped,
            });
        }

        return new BoundRelation(new SetRows(left, right, operation, types), columns);
    }

    /// <summary>The types in which the columns meet; 42601 or 42804 where they do not.</summary>
    public static List<SqlType> Types(BoundRelation left, BoundRelation right, string operation, uint position)
    {
        if (left.Columns.Count != right.Columns.Count)
        {
            throw BoundNodes.Mismatch(
                $"each {operation} query must have the same number of columns", position);
        }

        var types = new List<SqlType>(left.Columns.Count);
        for (int i = 0; i < left.Columns.Count; i++)
        {
            RelationColumn mine = left.Columns[i];
            RelationColumn other = right.Columns[i];
            types.Add(mine.Type == other.Type ? mine.Type
                : mine.IsUntyped ? other.Type
                : other.IsUntyped ? mine.Type
                : BoundExpression.CommonType(mine.Type, other.Type) ?? throw new SqlException(
                    SqlStates.DatatypeMismatch,
                    $"{operation} types {mine.Type} and {other.Type} cannot be matched",
                    (int)position));
        }

        return types;
    }
}
