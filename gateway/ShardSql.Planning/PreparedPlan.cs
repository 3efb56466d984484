using ShardSql.Planning.Plans;

namespace ShardSql.Planning;

/// <summary>
/// A statement bound to a catalog and to the types of its parameters: names, types and whatever else is the same for
/// all values. Never changes, so many sessions may plan with it at once.
/// </summary>
public abstract class PreparedPlan
{
    /// <summary>Whether other executions can be planned with it: parameters of the same names and types, the same
    /// version of the catalog. False where it holds a value of the first, like that of now().</summary>
    public abstract bool IsReusable { get; }

    /// <summary>The plan for some values and a shard map; SqlException for what is wrong with the values.</summary>
    public abstract StatementPlan Plan(PlanningContext context);
}
