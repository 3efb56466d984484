using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>NOT NULL, CHECK and the primary key of a table, with the errors that name them.</summary>
internal sealed class TableConstraints
{
    private readonly TableShape _table;
    private readonly RowExpression[] _checks;
    private readonly string[] _checkNames;

    public TableConstraints(TableShape table, IReadOnlyList<CheckPlan> checks, SqlValue[] parameters)
    {
        _table = table;
        _checks = new RowExpression[checks.Count];
        _checkNames = new string[checks.Count];
        for (int i = 0; i < checks.Count; i++)
        {
            _checks[i] = RowExpression.Required(checks[i].Condition, parameters);
            _checkNames[i] = checks[i].Name;
        }
    }

    /// <summary>23502 or 23514 where the row may not be.</summary>
    public void Verify(SqlValue[] row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            if (row[i].IsNull && !_table.Columns[i].Nullable)
            {
                throw ConstraintErrors.NotNull(_table.Name, _table.Columns[i].Name);
            }
        }

        for (int i = 0; i < _checks.Length; i++)
        {
            // SQL: a CHECK that is unknown holds.
            if (_checks[i].Evaluate(row).IsFalse)
            {
                throw ConstraintErrors.CheckViolated(_table.Name, _checkNames[i]);
            }
        }
    }

    /// <summary>The error of a key that is already there.</summary>
    public SqlException Duplicate(SqlValue[] row) => Duplicate(row, _table.KeyName, _table.KeyColumns);

    /// <summary>The error of values that a unique index holds already.</summary>
    public SqlException Duplicate(SqlValue[] row, string constraint, IReadOnlyList<uint> columns)
    {
        var names = new List<string>(columns.Count);
        var values = new List<SqlValue>(columns.Count);
        foreach (uint ordinal in columns)
        {
            names.Add(_table.Columns[(int)ordinal].Name);
            values.Add(row[(int)ordinal]);
        }

        return ConstraintErrors.Duplicate(_table.Name, constraint, names, values);
    }
}
