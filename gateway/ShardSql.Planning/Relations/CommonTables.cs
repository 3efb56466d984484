using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

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

/// <summary>A common table, and who reads it. All readers are known before the first operators are made.</summary>
internal sealed class CommonTableEntry(BoundRelation relation, Func<BoundRelation>? again)
{
    private readonly List<Reader> _readers = [];
    private bool _isClosed;

    /// <summary>Its columns.</summary>
    public IReadOnlyList<RelationColumn> Columns => relation.Columns;

    private RelationRows Rows => relation.Rows;

    /// <summary>Rows that are read of it.</summary>
    /// <remarks>What reads the row outside is not the same for all readers, and is bound again for each.</remarks>
    public RelationRows Read()
    {
        if (again is not null)
        {
            return again().Rows;
        }

        Invariant.Check(!_isClosed, "All readers of a common table are bound before operators are made.");
        var reader = new Reader(this);
        _readers.Add(reader);
        return reader;
    }

    /// <summary>Makes its operators, once those of all readers are made.</summary>
    public void Build()
    {
        if (_readers.Count > 0)
        {
            _ = Rows.Node;
        }

        _isClosed = true;
    }

    /// <summary>Becomes a shared part of the plan, or a part of its only reader.</summary>
    public void Place(IList<RelationNode> shared)
    {
        if (_readers.Count == 1)
        {
            RelationNodes.Assign(_readers[0].Node, Rows.Node);
            return;
        }

        foreach (Reader reader in _readers)
        {
            reader.Node.Shared.Index = (uint)shared.Count;
        }

        if (_readers.Count > 0)
        {
            shared.Add(Rows.Node);
        }
    }

    private void Add(Expression condition)
    {
        _isClosed = true;
        Rows.Add(condition);
    }

    /// <summary>Its rows as one reader has them: the only one may say which it wants.</summary>
    private sealed class Reader(CommonTableEntry entry) : RelationRows
    {
        /// <inheritdoc />
        public override bool Takes(Expression condition) =>
            entry._readers.Count == 1 && entry.Rows.Takes(condition);

        /// <inheritdoc />
        protected override RelationNode Build() => new() { Shared = new SharedNode() };

        /// <inheritdoc />
        protected override void Put(Expression condition) => entry.Add(condition);
    }
}
