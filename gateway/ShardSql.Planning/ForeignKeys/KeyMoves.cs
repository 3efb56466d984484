using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>Keys of parents that go, for one foreign key and one action.</summary>
/// <param name="reference">The foreign key.</param>
/// <param name="action">What becomes of the rows that refer to them.</param>
internal sealed class KeyMoves(Reference reference, ReferentialAction action)
{
    private readonly SortedDictionary<byte[], SqlValue[]?> _moves = new(ByteKeyComparer.Instance);

    /// <summary>The foreign key.</summary>
    public Reference Reference => reference;

    /// <summary>What becomes of the rows.</summary>
    public ReferentialAction Action => action;

    /// <summary>The rows that refer.</summary>
    public LookUp Children { get; } = new(reference, forParents: false, breaksOff: false);

    /// <summary>A key goes; in its place come new values, or none.</summary>
    public void Add(byte[] key, SqlValue[] old, SqlValue[]? moved)
    {
        _moves[key] = moved;
        Children.Keys[key] = old;
    }

    /// <summary>What becomes of a row that refers; null: it is deleted.</summary>
    public SqlValue[]? Applied(SqlValue[] child, PlanningContext context)
    {
        SqlValue[]? moved = _moves[Children.KeyOf(child)];
        if (action == ReferentialAction.Cascade && moved is null)
        {
            return null;
        }

        var changed = (SqlValue[])child.Clone();
        for (int i = 0; i < reference.Columns.Count; i++)
        {
            ColumnDescriptor column = reference.Child.Columns[reference.Columns[i]];
            changed[reference.Columns[i]] = action switch
            {
                ReferentialAction.Cascade => SqlCast.To(moved![i], column.Type, isExplicit: false),
                ReferentialAction.SetDefault when column.Default is { } given =>
                    Binding.WithoutColumns(context).EvaluateAssignment(given, column),
                _ => SqlValue.NullOf(column.Type.Kind),
            };
        }

        return changed;
    }
}
