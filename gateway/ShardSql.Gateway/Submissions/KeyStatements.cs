using System.Collections.Generic;
using System.Globalization;

using Google.Protobuf.Collections;

using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Submissions;

/// <summary>Seed 003's operations on one row by its key, as the statements that they are short for.</summary>
internal sealed class KeyStatements
{
    private readonly KeyOperation _operation;
    private readonly List<KeyValuePair<string, SqlValue>> _parameters = [];
    private readonly Expression _isRow;

    public KeyStatements(KeyOperation operation)
    {
        _operation = operation;
        if (operation.Table.Length == 0 || operation.Key.Count == 0)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "an operation names its table and the columns of its key");
        }

        _isRow = And(operation.Key);
    }

    /// <summary>The values of key and columns.</summary>
    public IReadOnlyList<KeyValuePair<string, SqlValue>> Parameters => _parameters;

    /// <summary>SELECT * of the row.</summary>
    public Statement Read()
    {
        var select = new Select { From = Reference(), Where = _isRow };
        select.Items.Add(new SelectItem { Star = true });
        return new Statement { Select = select };
    }

    /// <summary>DELETE of the row.</summary>
    public Statement Delete() => new() { Delete = new Delete { Table = Reference(), Where = _isRow } };

    /// <summary>UPDATE of the row; null when there are no columns but the key.</summary>
    public Statement? Update()
    {
        var update = new Update { Table = Reference(), Where = _isRow };
        foreach (NamedValue value in _operation.Upsert.Values_)
        {
            update.Assignments.Add(new Assignment
            {
                Column = new ColumnName { Name = value.Column },
                Value = Parameter(value),
            });
        }

        return update.Assignments.Count == 0 ? null : new Statement { Update = update };
    }

    /// <summary>INSERT of the row.</summary>
    public Statement Insert()
    {
        var insert = new Insert { Table = Name() };
        var row = new ExpressionRow();
        foreach (RepeatedField<NamedValue> values in new[] { _operation.Key, _operation.Upsert.Values_ })
        {
            foreach (NamedValue value in values)
            {
                insert.Columns.Add(new ColumnName { Name = value.Column });
                row.Values.Add(Parameter(value));
            }
        }

        insert.Rows.Add(row);
        return new Statement { Insert = insert };
    }

    private TableName Name() => new() { Name = _operation.Table };

    private TableReference Reference() => new() { Table = Name() };

    private Expression And(RepeatedField<NamedValue> key)
    {
        var condition = new Expression();
        foreach (NamedValue value in key)
        {
            condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Column, Name = value.Column });
            condition.Nodes.Add(Parameter(value).Nodes);
            condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Equal, Children = 2 });
        }

        if (key.Count > 1)
        {
            condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.And, Children = (uint)key.Count });
        }

        return condition;
    }

    private Expression Parameter(NamedValue value)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"v{_parameters.Count}");
        _parameters.Add(KeyValuePair.Create(name, ValueCodec.FromBytes(value.Value.Span)));
        var expression = new Expression();
        expression.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Parameter, Name = name });
        return expression;
    }
}
