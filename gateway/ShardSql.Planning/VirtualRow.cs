using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Makes a row of a virtual table by names of columns; what is not named is NULL.</summary>
internal sealed class VirtualRow
{
    private readonly VirtualTable _table;
    private readonly SqlValue[] _values;

    public VirtualRow(VirtualTable table)
    {
        _table = table;
        _values = new SqlValue[table.Columns.Count];
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = SqlValue.NullOf(table.Columns[i].Type.Kind);
        }
    }

    /// <summary>Sets columns of text.</summary>
    public VirtualRow Set(params IReadOnlyList<(string Column, string? Text)> columns)
    {
        foreach ((string column, string? text) in columns)
        {
            if (text is not null)
            {
                _values[Ordinal(column)] = SqlValue.FromText(text);
            }
        }

        return this;
    }

    /// <summary>Sets a whole number.</summary>
    public VirtualRow Set(string column, int? number)
    {
        if (number is { } known)
        {
            _values[Ordinal(column)] = SqlValue.FromInt32(known);
        }

        return this;
    }

    /// <summary>The row.</summary>
    public SqlValue[] ToArray() => _values;

    private int Ordinal(string column)
    {
        int ordinal = _table.OrdinalOf(column);
        Invariant.Check(ordinal >= 0, "A system table's rows name columns that it has.");
        return ordinal;
    }
}
