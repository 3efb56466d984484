using System.Collections.Generic;
using ShardSql.Planning.Access;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Writes;

/// <summary>What UPDATE and DELETE share.</summary>
internal static class WriteSources
{
    /// <summary>The users' table that is written.</summary>
    public static QuerySource Of(TableReference reference, PlanningContext context)
    {
        SchemaNames.RequireUserSchema(reference.Table);
        return QuerySource.Of(
            Ddl.ViewPlanner.RequireTable(
                context.Catalog.Require(reference.Table.Name, (int)reference.Table.Position), reference.Table),
            reference.Alias);
    }

    /// <summary>The lines of EXPLAIN.</summary>
    public static IReadOnlyList<ExplainLine> Explain(string verb, TableAccess access, PlanningContext context) =>
        ExplainText.Lines(
            new ExplainInput
            {
                Verb = verb,
                Table = access.Table,
                Access = access,
                Shards = access.Shards,
                IsWrite = true,
                GatewaySteps = access.IsLookUp ? [$"visit the rows of {access.Table.Name} by their keys"] : [],
                ShardSteps = access.Filter.IsEmpty ? [] : ["filter"],
                EqualColumns = access.EqualColumns,
                IsBounded = access.IsBounded,
            },
            context);
}
