using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>ON CONFLICT of an insert: what becomes of the row that is there.</summary>
internal sealed class ConflictResolver
{
    private readonly ConflictPlan _plan;
    private readonly TableShape _table;
    private readonly RowExpression[] _values;
    private readonly RowExpression? _filter;
    private readonly SortedSet<byte[]> _touched = new(ByteKeyComparer.Instance);

    public ConflictResolver(ConflictPlan plan, TableShape table, SqlValue[] parameters)
    {
        _plan = plan;
        _table = table;
        _filter = RowExpression.Optional(plan.Filter, parameters);
        _values = new RowExpression[plan.Assignments.Count];
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = RowExpression.Required(plan.Assignments[i].Value, parameters);
        }
    }

    /// <summary>Notes that the statement has written a key: 21000 where it is to be updated again.</summary>
    public void Touch(byte[] key)
    {
        if (!_touched.Add(key) && _values.Length > 0)
        {
            throw new SqlException(
                SqlStates.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")
            {
                Table = _table.Name,
                Hint = "Ensure that no rows proposed for insertion within the same command have the same key.",
            };
        }
    }

    /// <summary>The row that takes the place of the one that is there; null: that one stays.</summary>
    public SqlValue[]? Resolve(SqlValue[] present, SqlValue[] proposed)
    {
        if (_values.Length == 0)
        {
            return null;
        }

        SqlValue[] both = [.. present, .. proposed];
        if (_filter is not null && !_filter.Evaluate(both).IsTrue)
        {
            return null;
        }

        var updated = (SqlValue[])present.Clone();
        for (int i = 0; i < _values.Length; i++)
        {
            int ordinal = (int)_plan.Assignments[i].Column;
            updated[ordinal] = SqlCast.To(
                _values[i].Evaluate(both), SqlType.FromMessage(_table.Columns[ordinal].Type), isExplicit: false);
        }

        return updated;
    }
}
