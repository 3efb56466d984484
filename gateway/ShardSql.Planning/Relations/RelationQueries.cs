using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Plans;

namespace ShardSql.Planning.Relations;

/// <summary>A plan, in the form in which shards run parts of it and in the one in which they only give rows.</summary>
internal sealed class RelationQueries
{
    private readonly RelationBuild _build;
    private readonly RelationPlan _divided;
    private readonly IReadOnlyList<PushedPart> _parts;

    public RelationQueries(RelationBuild build, RelationPlan plan)
    {
        _build = build;
        Plan = plan;
        (_divided, _parts) = PartFinder.Divide(build, plan);
    }

    /// <summary>All operators, over the rows of the tables.</summary>
    public RelationPlan Plan { get; }

    /// <summary>What shards run by themselves of a query.</summary>
    public IReadOnlyList<PushedPart> PartsOf(RelationQuery? query) =>
        ReferenceEquals(query?.Plan, _divided) ? _parts : [];

    /// <summary>The query of one execution.</summary>
    public RelationQuery Of(PlanningContext context)
    {
        var sources = new List<RelationSource>(_build.Sources.Count + _parts.Count);
        foreach (RelationSourceTemplate source in _build.Sources)
        {
            sources.Add(source.For(context));
        }

        bool isDivided = _parts.Count > 0;
        foreach (PushedPart part in _parts)
        {
            if (part.TryTasks(_build, context) is not { } tasks)
            {
                isDivided = false;
                break;
            }

            sources.Add(new RelationSource(() => new SourceRead(tasks), null));
        }

        return new RelationQuery(
            isDivided ? _divided : Plan, sources, _build.Binding.For(context).ParameterValues);
    }
}
