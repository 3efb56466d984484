using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>One of the AND-ed conditions of a query, over provisional places.</summary>
internal sealed class Conjunct
{
    public Conjunct(Expression condition, IReadOnlyList<FromLeaf> leaves, uint parameters)
    {
        Condition = condition;
        foreach (ExpressionNode node in condition.Nodes)
        {
            ReadsSlots |= node.Op == ExpressionOp.BoundParameter && node.Ordinal >= parameters;
            HasQuery |= node.Op == ExpressionOp.BoundColumn && node.Ordinal >= Stage.FirstSubquery;
            if (node.Op == ExpressionOp.BoundColumn && !HasQuery)
            {
                Add(leaves, node.Ordinal);
            }
        }
    }

    /// <summary>The condition.</summary>
    public Expression Condition { get; }

    /// <summary>The parts of FROM whose columns it reads.</summary>
    public List<FromLeaf> Reads { get; } = [];

    /// <summary>Whether it reads a row outside of the query.</summary>
    public bool ReadsSlots { get; }

    /// <summary>Whether it holds a query.</summary>
    public bool HasQuery { get; }

    /// <summary>Whether it reads none but these parts.</summary>
    public bool IsWithin(ICollection<FromLeaf> leaves)
    {
        foreach (FromLeaf leaf in Reads)
        {
            if (!leaves.Contains(leaf))
            {
                return false;
            }
        }

        return !HasQuery;
    }

    private void Add(IReadOnlyList<FromLeaf> leaves, uint place)
    {
        foreach (FromLeaf leaf in leaves)
        {
            if (leaf.Owns(place) && !Reads.Contains(leaf))
            {
                Reads.Add(leaf);
            }
        }
    }
}
