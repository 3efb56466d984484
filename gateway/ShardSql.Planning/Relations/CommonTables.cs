using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;

namespace ShardSql.Planning.Relations;

/// <summary>The common tables that a query sees: its own and those of the queries around it.</summary>
internal sealed class CommonTables(CommonTables? around)
{
    private readonly Dictionary<string, CommonTableEntry> _tables = new(StringComparer.Ordinal);

    /// <summary>Adds one; false where the name is taken at this level.</summary>
    public bool TryAdd(string name, CommonTableEntry entry) => _tables.TryAdd(name, entry);

    /// <summary>Puts another in the place of one.</summary>
    public void Replace(string name, CommonTableEntry entry) => _tables[name] = entry;

    /// <summary>The nearest of a name.</summary>
    public CommonTableEntry? Find(string name) => _tables.GetValueOrDefault(name) ?? around?.Find(name);
}

/// <summary>A common table, and who reads it.</summary>
internal sealed class CommonTableEntry(BoundRelation relation, Func<BoundRelation>? again)
{
    private readonly List<RelationNode> _readers = [];

    /// <summary>Its columns.</summary>
    public IReadOnlyList<RelationColumn> Columns => relation.Columns;

    /// <summary>A node that reads it.</summary>
    /// <remarks>What reads the row outside is not the same for all readers, and is bound again for each.</remarks>
    public RelationNode Read()
    {
        if (again is not null)
        {
            return again().Node;
        }

        if (relation.Node.KindCase == RelationNode.KindOneofCase.Working)
        {
            return relation.Node.Clone();
        }

        var reader = new RelationNode { Shared = new SharedNode() };
        _readers.Add(reader);
        return reader;
    }

    /// <summary>Becomes a shared part of the plan, or a part of its only reader.</summary>
    public void Place(IList<RelationNode> shared)
    {
        if (_readers.Count == 1)
        {
            RelationNodes.Assign(_readers[0], relation.Node);
            return;
        }

        foreach (RelationNode reader in _readers)
        {
            reader.Shared.Index = (uint)shared.Count;
        }

        if (_readers.Count > 0)
        {
            shared.Add(relation.Node);
        }
    }
}
