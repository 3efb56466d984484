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
    private readonly EntryWriter _entries;

    public DeleteExecutor(DeletePlan plan, ExecutionContext context)
        : base(plan.Access, plan.Table, context)
    {
        _decoder = new RowDecoder(plan.Table);
        _filter = RowExpression.Optional(plan.Filter, context.Parameters);
        _returning = RowExpression.All(plan.Returning, context.Parameters);
        _row = new SqlValue[plan.Table.Columns.Count];
        _entries = new EntryWriter(
            plan.Table, new TableConstraints(plan.Table, [], context.Parameters), context);
    }

    protected override void Visit(byte[] key, byte[] value)
    {
        _decoder.Decode(value, _row);
        if (_filter is not null && !_filter.Evaluate(_row).IsTrue)
        {
            return;
        }

        Context.Overlay.Put(key, null);
        _entries.Write(key, _row, null);
        RowsAffected++;
        Return(_returning, _row);
    }

    /// <summary>Entries that go are not read.</summary>
    protected override FragmentState Finish() => _entries.Finish();
}
