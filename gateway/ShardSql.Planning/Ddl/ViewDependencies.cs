using System;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Relations;
using ShardSql.Sql;

namespace ShardSql.Planning.Ddl;

/// <summary>A view is kept as its query, bound anew wherever it is read: a change of a table must not break it.</summary>
internal static class ViewDependencies
{
    /// <summary>2BP01 for a view that could be read before a change and cannot after it.</summary>
    public static void Check(PlanningContext before, SystemState after, TableDescriptor changed)
    {
        PlanningContext then = before with { State = after };
        foreach (TableDescriptor view in after.Catalog.Tables)
        {
            if (view.View is not null && Failure(view, before) is null && Failure(view, then) is { } failure)
            {
                throw new SqlException(
                    SqlStates.DependentObjects,
                    $"cannot change table \"{changed.Name}\" because view \"{view.Name}\" depends on it")
                {
                    Detail = failure.Message,
                    Hint = $"DROP VIEW {view.Name} first, and make it anew after the change.",
                };
            }
        }
    }

    private static SqlException? Failure(TableDescriptor view, PlanningContext context)
    {
        try
        {
            _ = new QueryRelationBinder(new RelationBuild(context), null, null).Bind(view.View!.Query);
            return null;
        }
        catch (SqlException failure)
        {
            return failure;
        }
    }
}
