using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Queries;

/// <summary>What stands after FROM: a table of users, or nothing.</summary>
internal sealed record QuerySource
{
    /// <summary>The users' table.</summary>
    public TableDescriptor? Table { get; private init; }

    /// <summary>Where expressions find the columns.</summary>
    public required IExpressionScope Scope { get; init; }

    /// <summary>The visible columns in order.</summary>
    public IReadOnlyList<ScopeColumn> Columns { get; private init; } = [];

    /// <summary>What columns are qualified with: the alias, else the table's name.</summary>
    public string Qualifier { get; private init; } = string.Empty;

    /// <summary>No FROM.</summary>
    public static QuerySource None { get; } = new() { Scope = RowScope.Empty };

    /// <summary>What a table reference means; 42P01 or 3F000 where it means nothing.</summary>
    public static QuerySource Of(TableReference? reference, Catalog catalog)
    {
        if (reference is null)
        {
            return None;
        }

        TableName name = reference.Table;
        SchemaNames.RequireUserSchema(name);
        return Of(catalog.Require(name.Name, (int)name.Position), reference.Alias);
    }

    /// <summary>A users' table under an alias, or its name.</summary>
    public static QuerySource Of(TableDescriptor table, string alias)
    {
        string qualifier = alias.Length > 0 ? alias : table.Name;
        var columns = new List<ScopeColumn>(table.Columns.Count);
        var ordinals = new List<int>(table.Columns.Count);
        for (int i = 0; i < table.Columns.Count; i++)
        {
            ColumnDescriptor column = table.Columns[i];
            if (!column.Hidden)
            {
                columns.Add(new ScopeColumn(qualifier, column.Name, column.Type, column.Nullable));
                ordinals.Add(i);
            }
        }

        return new QuerySource
        {
            Table = table,
            Scope = new TableScope(columns, ordinals),
            Columns = columns,
            Qualifier = qualifier,
        };
    }

    /// <summary>The ordinal of a visible column of this source; −1 where the node names none.</summary>
    public int OrdinalOf(ExpressionNode column)
    {
        if (column.Qualifier.Length > 0 && column.Qualifier != Qualifier)
        {
            return -1;
        }

        return Table?.OrdinalOf(column.Name) ?? -1;
    }

    /// <summary>The visible columns as expressions, for a star.</summary>
    public IEnumerable<OutputItem> Star()
    {
        foreach (ScopeColumn column in Columns)
        {
            var node = new ExpressionNode
            {
                Op = ExpressionOp.Column,
                Name = column.Name,
                Qualifier = column.Qualifier,
            };
            yield return new OutputItem(new Expression { Nodes = { node } }, column.Name, IsQuoted: true);
        }
    }

    /// <summary>Whether a visible column can be NULL, by its ordinal.</summary>
    public bool IsNullable(int ordinal) => Table?.Columns[ordinal].Nullable ?? true;
}
