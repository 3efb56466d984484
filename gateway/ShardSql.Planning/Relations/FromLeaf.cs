using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>A part of FROM that is no join: a table, or a query. Its columns have places among those of all
/// parts.</summary>
internal sealed class FromLeaf
{
    /// <summary>What its columns are qualified with.</summary>
    public required string Qualifier { get; init; }

    /// <summary>Its columns, hidden ones too.</summary>
    public required IReadOnlyList<RelationColumn> Columns { get; init; }

    /// <summary>The place of its first column.</summary>
    public required uint First { get; init; }

    /// <summary>The users' table.</summary>
    public TableDescriptor? Table { get; init; }

    /// <summary>How a table's own expressions find its columns.</summary>
    public QuerySource? Source { get; init; }

    /// <summary>The gateway's table.</summary>
    public VirtualTable? Virtual { get; init; }

    /// <summary>The rows of a query.</summary>
    public RelationRows? Rows { get; init; }

    /// <summary>Whether an outer join may put NULLs in its place.</summary>
    public bool IsOptional { get; set; }

    /// <summary>The columns that anything reads.</summary>
    public SortedSet<uint> Used { get; } = [];

    /// <summary>A column, which is used from now on.</summary>
    public ExpressionNode Use(int index)
    {
        Used.Add((uint)index);
        RelationColumn column = Columns[index];
        return BoundNodes.Column(First + (uint)index, column.Type, column.IsNullable || IsOptional);
    }

    /// <summary>Lets a query try a condition that reads no other part; false: it does not take it.</summary>
    public bool TryAdd(Expression condition)
    {
        Expression own = BoundNodes.Replace(
            condition, place => BoundNodes.Of(BoundNodes.Column(
                place - First, Columns[(int)(place - First)].Type, Columns[(int)(place - First)].IsNullable)))!;
        if (Rows?.Takes(own) != true)
        {
            return false;
        }

        Rows.Add(own);
        return true;
    }

    /// <summary>Whether a place is one of its columns.</summary>
    public bool Owns(uint place) => place >= First && place < First + (uint)Columns.Count;
}
