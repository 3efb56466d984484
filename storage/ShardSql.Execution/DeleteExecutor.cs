using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Deletes the rows that the access path and the filter leave.</summary>
internal sealed class DeleteExecutor : StatementExecutor
{
    private readonly RowDecoder _decoder;
    private readonly RowExpression? _filter;
    private readonly RowExpression[] _returning;
    private readonly SqlValue[] _row;

    public DeleteExecutor(DeletePlan plan, ExecutionContext context)
        : base(plan.Access, context)
    {
        _decoder = new RowDecoder(plan.Table);
        _filter = RowExpression.Optional(plan.Filter, context.Parameters);
        _returning = RowExpression.All(plan.Returning, context.Parameters);
        _row = new SqlValue[plan.Table.Columns.Count];
    }

    protected override void Visit(byte[] key, byte[] value)
    {
        _decoder.Decode(value, _row);
        if (_filter is not null && !_filter.Evaluate(_row).IsTrue)
        {
            return;
        }

        Context.Overlay.Put(key, null);
        RowsAffected++;
        Return(_returning, _row);
    }
}
