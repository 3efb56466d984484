using System;
using System.Collections;
using System.Collections.Generic;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Spillover;

/// <summary>The names that a tree could mean columns by. A statement that does not name a spilled column reads none.</summary>
internal sealed class NamedColumns
{
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private bool _all;

    private NamedColumns()
    {
    }

    /// <summary>The names in a tree.</summary>
    public static NamedColumns Of(IMessage tree)
    {
        var named = new NamedColumns();
        named.Add(tree);
        return named;
    }

    /// <summary>Whether it may mean one of the columns of a table that spill over.</summary>
    public bool MeanSpilled(TableDescriptor table)
    {
        foreach (uint id in table.Spillover?.Columns ?? [])
        {
            if (_all || _names.Contains(table.Columns[table.OrdinalOf(id)].Name))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(IMessage tree)
    {
        _all |= tree switch
        {
            // A star, the columns that two parts of a natural join share, and those that are given other names.
            SelectItem { Star: true } => true,
            Join { Natural: true } => true,
            FromNode { Columns.Count: > 0 } => true,
            _ => false,
        };
        string name = tree switch
        {
            ExpressionNode { Op: ExpressionOp.Column } node => node.Name,
            ColumnName column => column.Name,
            _ => string.Empty,
        };
        _names.Add(name);
        foreach (FieldDescriptor field in tree.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType != FieldType.Message)
            {
                continue;
            }

            object? value = field.Accessor.GetValue(tree);
            foreach (object? child in field.IsRepeated ? (IEnumerable)value! : new[] { value })
            {
                if (child is IMessage message)
                {
                    Add(message);
                }
            }
        }
    }
}
