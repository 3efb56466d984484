using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Writes;

/// <summary>Plans a DELETE: each shard finds and deletes its rows.</summary>
internal sealed class DeletePlanner
{
    private readonly Statement _statement;
    private readonly PlanningContext _context;

    public DeletePlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _context = context;
    }

    /// <summary>The plan.</summary>
    public StatementPlan Plan()
    {
        Delete statement = _statement.Delete;
        QuerySource source = WriteSources.Of(statement.Table, _context);
        TableDescriptor table = source.Table!;
        Binding rows = Binding.Of(_context, source.Scope);
        var delete = new DeletePlan { Table = _context.Catalog.ShapeOf(table) };
        IReadOnlyList<ResultColumn> header =
            ReturningBinder.Bind(statement.Returning, source, rows, delete.Returning);
        TableAccess access = new TableAccessPlanner(source, rows, _context).PlanWrite(statement.Where);
        delete.Filter = access.Filter;
        bool first = true;
        IReadOnlyList<ShardTask> tasks = new FragmentBuilder(table, rows).Build(access.Shards, shard =>
        {
            delete.Access = shard.ToMessage();
            if (!first && table.Placement == PlacementKind.Reference)
            {
                delete.Returning.Clear();
            }

            first = false;
            return new FragmentStatement { Delete = delete };
        });
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "DELETE",
            Columns = header,
            Tasks = tasks,
            RunPlan = new StatementRunPlan { Sources = tasks.Count },
            Explainer = () => WriteSources.Explain("delete from", access, _context),
        };
    }
}
