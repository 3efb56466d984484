using System;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Plans;

/// <summary>An index that a job is to build.</summary>
/// <param name="TableId">Its table.</param>
/// <param name="TableName">The name of that.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Name">Its name.</param>
public sealed record IndexTarget(uint TableId, string TableName, uint Number, string Name)
{
    /// <summary>Of the index that a table's rows are written anew as; null: it is an index and nothing else.</summary>
    public TableRewrite? Rewrite { get; init; }

    /// <summary>Whether a statement begins the building of an index, if there is anything to do.</summary>
    public static bool IsBegunBy(Statement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        foreach (AlterAction action in statement.AlterTable?.Actions ?? [])
        {
            if (action.Kind == AlterKind.AddUnique)
            {
                return true;
            }
        }

        return statement.KindCase == Statement.KindOneofCase.CreateIndex;
    }
}
