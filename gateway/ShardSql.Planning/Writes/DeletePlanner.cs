using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Writes;

/// <summary>Plans a DELETE: each shard finds and deletes its rows.</summary>
internal sealed class DeletePlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly TableDescriptor _table;
    private readonly Binding _rows;
    private readonly TableAccessPlanner _access;
    private readonly IReadOnlyList<ResultColumn> _header;
    private readonly byte[] _body;
    private readonly byte[] _copyBody;

    public DeletePlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        Delete delete = statement.Delete;
        QuerySource source = WriteSources.Of(delete.Table, context);
        _table = source.Table!;
        _rows = Binding.Of(context, source.Scope);
        var plan = new DeletePlan { Table = context.Catalog.WrittenShapeOf(_table) };
        _header = ReturningBinder.Bind(delete.Returning, source, _rows, plan.Returning);
        _access = new TableAccessPlanner(source, _rows, delete.Where);
        _body = plan.ToByteArray();
        plan.Returning.Clear();
        _copyBody = _table.Placement == PlacementKind.Reference ? plan.ToByteArray() : _body;
    }

    /// <inheritdoc />
    public override bool IsReusable => !_rows.HoldsValues;

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding rows = _rows.For(context);
        TableAccess access = _access.Plan(context, rows, isWrite: true);
        StatementPlan plan = Plan(access, rows, context);
        return !access.IsLookUp ? plan : LookUps.Before(plan, access, context, found => Plan(
            LookUps.Found(_access, context, rows, isWrite: true, found, AccessWishes.None), rows, context));
    }

    private StatementPlan Plan(TableAccess access, Binding rows, PlanningContext context)
    {
        IReadOnlyList<ShardTask> tasks = FragmentBuilder.Build(
            _table,
            rows,
            access.Shards,
            FragmentStatement.DeleteFieldNumber,
            first => first ? _body : _copyBody,
            shard => new DeletePlan { Access = shard.ToMessage(), Filter = access.Filter });
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "DELETE",
            Columns = _header,
            Tasks = tasks,
            RunPlan = new StatementRunPlan { Sources = tasks.Count },
            Explainer = () => WriteSources.Explain("delete from", access, context),
        };
    }
}
