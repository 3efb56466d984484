using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Updates the rows that the access path and the filter leave. Keys do not change.</summary>
internal sealed class UpdateExecutor : StatementExecutor
{
    private readonly UpdatePlan _plan;
    private readonly RowDecoder _decoder;
    private readonly TableConstraints _constraints;
    private readonly RowExpression? _filter;
    private readonly RowExpression[] _values;
    private readonly RowExpression[] _returning;
    private readonly SqlValue[] _row;
    private readonly EntryWriter _entries;

    public UpdateExecutor(UpdatePlan plan, ExecutionContext context)
        : base(plan.Access, plan.Table, context)
    {
        _plan = plan;
        _decoder = new RowDecoder(plan.Table);
        _constraints = new TableConstraints(plan.Table, plan.Checks, context.Parameters);
        _entries = new EntryWriter(plan.Table, _constraints, context);
        _filter = RowExpression.Optional(plan.Filter, context.Parameters);
        _returning = RowExpression.All(plan.Returning, context.Parameters);
        _row = new SqlValue[plan.Table.Columns.Count];
        _values = new RowExpression[plan.Assignments.Count];
        for (int i = 0; i < _values.Length; i++)
        {
            ColumnAssignment assignment = plan.Assignments[i];
            if (plan.Table.KeyColumns.Contains(assignment.Column))
            {
                throw new SqlException(SqlStates.FeatureNotSupported, "an update cannot change a key column");
            }

            _values[i] = RowExpression.Required(assignment.Value, context.Parameters);
        }
    }

    public override IReadOnlyList<byte[]> NeededKeys => _entries.IsAsking ? _entries.NeededKeys : base.NeededKeys;

    public override void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        if (_entries.IsAsking)
        {
            _entries.SupplyKeys(values);
            return;
        }

        base.SupplyKeys(values);
    }

    protected override FragmentState Finish() => _entries.Finish();

    protected override void Visit(byte[] key, byte[] value)
    {
        _decoder.Decode(value, _row);
        if (_filter is not null && !_filter.Evaluate(_row).IsTrue)
        {
            return;
        }

        var updated = (SqlValue[])_row.Clone();
        for (int i = 0; i < _values.Length; i++)
        {
            int ordinal = (int)_plan.Assignments[i].Column;
            updated[ordinal] = SqlCast.To(
                _values[i].Evaluate(_row), SqlType.FromMessage(_plan.Table.Columns[ordinal].Type), isExplicit: false);
        }

        _constraints.Verify(updated);
        byte[] stored = _decoder.Encode(updated);
        ConstraintErrors.CheckRowLength(stored.Length, _plan.Table.Name);
        Context.Overlay.Put(key, stored);
        _entries.Write(key, _row, updated);
        RowsAffected++;
        Return(_returning, updated);
    }
}
