using System.Collections.Generic;

namespace ShardSql.Planning;

/// <summary>A table that the gateway makes up from its own view: what SHOW gives, and what tools ask about the schema.</summary>
/// <param name="Name">Its name in its schema.</param>
/// <param name="Columns">Its columns; the gateway supplies rows of them in this order.</param>
public sealed record VirtualTable(string Name, IReadOnlyList<VirtualColumn> Columns)
{
    /// <summary>Its schema.</summary>
    public string Schema { get; init; } = VirtualTables.Schema;

    /// <summary>Schema and name.</summary>
    public string FullName => $"{Schema}.{Name}";

    /// <summary>The ordinal of a column; −1 where there is none.</summary>
    public int OrdinalOf(string name)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
