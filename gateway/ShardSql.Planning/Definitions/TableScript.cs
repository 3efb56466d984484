using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Definitions;

/// <summary>
/// A table as the statements that make it again, its rows aside: sequences that its columns own and that no word of a column
/// says, CREATE TABLE, its indexes, and to whom the sequences belong.
/// </summary>
internal sealed class TableScript(TableDescriptor table, SystemState state)
{
    private readonly List<SequenceDescriptor> _owned =
        [.. state.Catalog.Sequences.Where(s => s.OwnerTableId == table.Id)];

    /// <summary>The statements, each with a semicolon between it and the next.</summary>
    public string Text()
    {
        var statements = new List<string>();
        SequenceDescriptor[] apart = [.. _owned.Where(IsApart)];
        statements.AddRange(apart.Select(SequenceScript.Create));
        statements.Add(Create());
        statements.AddRange(table.Indexes.Where(i => i is { IsConstraint: false, IsReadable: true }).Select(Index));
        statements.AddRange(apart.Select(s => SequenceScript.Own(s, table)));
        if (table.Spillover is { } spillover)
        {
            statements.Add(SpilloverScript.Enable(table, spillover));
        }

        return string.Join(";\n", statements);
    }

    /// <summary>Whether a sequence is made by a statement of its own.</summary>
    private bool IsApart(SequenceDescriptor sequence)
    {
        ColumnDescriptor column = table.Columns[table.OrdinalOf(sequence.OwnerColumnId)];
        return column.Identity == IdentityKind.None && !SequenceScript.IsSerial(sequence, table, column);
    }

    private string Create()
    {
        var elements = new List<string>();
        elements.AddRange(table.Columns.Where(c => !c.Hidden).Select(Column));
        if (table.PrimaryKey.All(o => !table.Columns[o].Hidden))
        {
            elements.Add(
                $"CONSTRAINT {ExpressionPrinter.Quote(table.KeyName)} PRIMARY KEY {Columns(table, table.PrimaryKey)}");
        }

        foreach (IndexDescriptor index in table.Indexes)
        {
            // Where the shard key is not part of the primary key, that has an index of its name.
            if (index is { IsConstraint: true, IsReadable: true } && !IsOfPrimaryKey(index))
            {
                elements.Add($"CONSTRAINT {ExpressionPrinter.Quote(index.Name)} UNIQUE {Columns(table, index.Columns)}");
            }
        }

        elements.AddRange(table.Checks.Select(
            c => $"CONSTRAINT {ExpressionPrinter.Quote(c.Name)} CHECK ({ExpressionPrinter.Print(c.Condition)})"));
        elements.AddRange(state.Catalog.ReferencesOf(table).Select(ForeignKey));
        string placement = PlacementScript.Of(table, state);
        var text = new StringBuilder();
        text.Append("CREATE TABLE ").Append(ExpressionPrinter.Quote(table.Name)).Append(" (\n    ")
            .AppendJoin(",\n    ", elements).Append("\n)");
        return (placement.Length == 0 ? text : text.Append(' ').Append(placement)).ToString();
    }

    private bool IsOfPrimaryKey(IndexDescriptor index) =>
        index.Name == table.KeyName && index.Columns.SequenceEqual(table.PrimaryKey);

    private string Column(ColumnDescriptor column)
    {
        string name = ExpressionPrinter.Quote(column.Name);
        SequenceDescriptor? owned = _owned.Find(s => s.OwnerColumnId == column.Id);
        if (owned is not null && column.Identity != IdentityKind.None)
        {
            string kind = column.Identity == IdentityKind.Always ? "ALWAYS" : "BY DEFAULT";
            return $"{name} {column.Type} GENERATED {kind} AS IDENTITY{SequenceScript.OfIdentity(owned, table, column)}";
        }

        if (owned is not null && SequenceScript.IsSerial(owned, table, column))
        {
            return $"{name} {SerialName(column.Type.Kind)}";
        }

        return $"{name} {column.Type}{(column.Nullable ? string.Empty : " NOT NULL")}{Default(column.Default)}";
    }

    private static string SerialName(SqlKind kind) => kind switch
    {
        SqlKind.Int16 => "smallserial",
        SqlKind.Int32 => "serial",
        _ => "bigserial",
    };

    private static string Default(Expression? value)
    {
        if (value is null)
        {
            return string.Empty;
        }

        string text = ExpressionPrinter.Print(value);
        bool isSimple = value.Nodes[^1].Op is ExpressionOp.Literal or ExpressionOp.Function or ExpressionOp.Cast
            or ExpressionOp.Case or ExpressionOp.Coalesce or ExpressionOp.Nullif;
        return isSimple ? $" DEFAULT {text}" : $" DEFAULT ({text})";
    }

    private string Index(IndexDescriptor index)
    {
        int[] storing = [.. index.Stored.Except(index.Columns).Except(table.KeyColumns)];
        return $"CREATE {(index.IsUnique ? "UNIQUE " : string.Empty)}INDEX {ExpressionPrinter.Quote(index.Name)} ON "
            + $"{ExpressionPrinter.Quote(table.Name)} {Columns(table, index.Columns)} {(index.IsGlobal ? "GLOBAL" : "LOCAL")}"
            + (storing.Length == 0 ? string.Empty : $" STORING {Columns(table, storing)}");
    }

    private static string ForeignKey(Reference reference)
    {
        ForeignKey key = reference.Key;
        return $"CONSTRAINT {ExpressionPrinter.Quote(key.Name)} FOREIGN KEY {Columns(reference.Child, reference.Columns)} "
            + $"REFERENCES {ExpressionPrinter.Quote(reference.Parent.Name)} {Columns(reference.Parent, reference.ParentColumns)}"
            + (key.IsMatchFull ? " MATCH FULL" : string.Empty)
            + Action("UPDATE", key.OnUpdate)
            + Action("DELETE", key.OnDelete);
    }

    private static string Action(string change, ReferentialAction action) => action == ReferentialAction.Unspecified
        ? string.Empty
        : $" ON {change} {ForeignKeyRows.RuleOf(action)}";

    private static string Columns(TableDescriptor table, IEnumerable<int> ordinals) =>
        PlacementScript.Columns(table, ordinals);
}
