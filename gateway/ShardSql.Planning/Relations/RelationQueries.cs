using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Plans;

namespace ShardSql.Planning.Relations;

/// <summary>Plans with the values of one execution.</summary>
internal static class RelationQueries
{
    /// <summary>The query of one execution.</summary>
    public static RelationQuery Of(RelationBuild build, RelationPlan plan, PlanningContext context)
    {
        var sources = new List<RelationSource>(build.Sources.Count);
        foreach (RelationSourceTemplate source in build.Sources)
        {
            sources.Add(source.For(context));
        }

        return new RelationQuery(plan, sources, build.Binding.For(context).ParameterValues);
    }
}
