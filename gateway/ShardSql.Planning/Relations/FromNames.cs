using System;
using System.Collections.Generic;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>The names of FROM, or of one side of a join: columns of its parts, and those that USING has merged.</summary>
internal sealed class FromNames : IRowNames
{
    private readonly IReadOnlyList<FromLeaf> _leaves;
    private readonly IReadOnlyList<NamedColumn> _columns;

    public FromNames(IReadOnlyList<FromLeaf> leaves, IReadOnlyList<NamedColumn> columns)
    {
        _leaves = leaves;
        _columns = columns;
    }

    /// <summary>No FROM.</summary>
    public static FromNames None { get; } = new([], []);

    /// <summary>The columns of a star in order.</summary>
    public IReadOnlyList<NamedColumn> Columns => _columns;

    /// <summary>The parts.</summary>
    public IReadOnlyList<FromLeaf> Leaves => _leaves;

    /// <summary>The names of one part.</summary>
    public static FromNames Of(FromLeaf leaf)
    {
        var columns = new List<NamedColumn>(leaf.Columns.Count);
        for (int i = 0; i < leaf.Columns.Count; i++)
        {
            if (!leaf.Columns[i].IsHidden)
            {
                columns.Add(new NamedColumn(leaf.Columns[i].Name, leaf, i));
            }
        }

        return new FromNames([leaf], columns);
    }

    /// <summary>The columns of a part, for a star with a qualifier; 42P01 where there is no such part.</summary>
    public IReadOnlyList<NamedColumn> ColumnsOf(string qualifier, uint position)
    {
        foreach (FromLeaf leaf in _leaves)
        {
            if (leaf.Qualifier == qualifier)
            {
                return Of(leaf).Columns;
            }
        }

        throw Missing(qualifier, position);
    }

    /// <summary>The value of a name of the star; null where there is none.</summary>
    public NamedColumn? Named(string name, uint position)
    {
        NamedColumn? found = null;
        foreach (NamedColumn column in _columns)
        {
            if (column.Name != name)
            {
                continue;
            }

            if (found is not null)
            {
                throw new SqlException(
                    SqlStates.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", (int)position)
                {
                    ColumnName = name,
                    Hint = "Write the table's name or alias before it.",
                };
            }

            found = column;
        }

        return found;
    }

    /// <inheritdoc />
    public Expression? Find(ExpressionNode column)
    {
        if (column.Qualifier.Length == 0)
        {
            return Named(column.Name, column.Position)?.Use();
        }

        foreach (FromLeaf leaf in _leaves)
        {
            for (int i = 0; leaf.Qualifier == column.Qualifier && i < leaf.Columns.Count; i++)
            {
                if (!leaf.Columns[i].IsHidden && leaf.Columns[i].Name == column.Name)
                {
                    return BoundNodes.Of(leaf.Use(i));
                }
            }
        }

        return null;
    }

    /// <inheritdoc />
    public SqlException Unknown(ExpressionNode column)
    {
        var names = new List<string>();
        bool isQualified = column.Qualifier.Length == 0;
        foreach (FromLeaf leaf in _leaves)
        {
            bool isMeant = column.Qualifier.Length == 0 || leaf.Qualifier == column.Qualifier;
            isQualified |= isMeant;
            foreach (RelationColumn named in isMeant ? leaf.Columns : [])
            {
                names.Add(named.Name);
            }
        }

        if (!isQualified)
        {
            return Missing(column.Qualifier, column.Position);
        }

        string shown = column.Qualifier.Length == 0 ? column.Name : $"{column.Qualifier}.{column.Name}";
        return new SqlException(
            SqlStates.UndefinedColumn, $"column \"{shown}\" does not exist", (int)column.Position)
        {
            ColumnName = column.Name,
            Hint = NearestName.Hint(column.Name, names),
        };
    }

    private SqlException Missing(string qualifier, uint position)
    {
        var names = new List<string>();
        foreach (FromLeaf leaf in _leaves)
        {
            names.Add(leaf.Qualifier);
        }

        return new SqlException(
            SqlStates.UndefinedTable, $"missing FROM-clause entry for table \"{qualifier}\"", (int)position)
        {
            Table = qualifier,
            Hint = NearestName.Hint(qualifier, names),
        };
    }
}

/// <summary>A column of a star: of one part, or merged of two.</summary>
internal sealed record NamedColumn(string Name, FromLeaf Leaf, int Index)
{
    /// <summary>FULL JOIN ... USING: what is merged.</summary>
    public (NamedColumn Left, NamedColumn Right)? Merged { get; init; }

    /// <summary>What is known of it.</summary>
    public RelationColumn Column => Leaf.Columns[Index];

    /// <summary>Its value, which is used from now on.</summary>
    public Expression Use()
    {
        if (Merged is not { } both)
        {
            return BoundNodes.Of(Leaf.Use(Index));
        }

        return BoundNodes.Apply(ExpressionOp.Coalesce, both.Left.Use(), both.Right.Use());
    }
}
