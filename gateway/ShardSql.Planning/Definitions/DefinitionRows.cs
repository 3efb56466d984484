using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Definitions;

/// <summary>Rows of <see cref="VirtualTables.Definitions"/>.</summary>
public static class DefinitionRows
{
    /// <summary>As <c>kind</c> calls a table.</summary>
    public const string Table = "TABLE";

    /// <summary>As <c>kind</c> calls a view.</summary>
    public const string View = "VIEW";

    /// <summary>As <c>kind</c> calls a sequence.</summary>
    public const string Sequence = "SEQUENCE";

    /// <summary>The rows: sequences that no column owns, then tables and views in the order in which they were made, so that
    /// what one needs mostly comes before it.</summary>
    public static IReadOnlyList<SqlValue[]> Of(SystemState state)
    {
        System.ArgumentNullException.ThrowIfNull(state);
        var rows = new List<SqlValue[]>();
        foreach (SequenceDescriptor sequence in state.Catalog.Sequences.OrderBy(s => s.OwnerTableId != 0).ThenBy(s => s.Id))
        {
            rows.Add(Row(Sequence, sequence.Name, Of(sequence, state.Catalog)));
        }

        foreach (TableDescriptor table in state.Catalog.All.Where(t => !t.IsHidden))
        {
            rows.Add(table.View is { } view
                ? Row(View, table.Name, Of(table, view))
                : Row(Table, table.Name, new TableScript(table, state).Text()));
        }

        return rows;
    }

    private static string Of(SequenceDescriptor sequence, Catalog catalog) =>
        catalog.Find(sequence.OwnerTableId) is { } owner
            ? $"{SequenceScript.Create(sequence)};\n{SequenceScript.Own(sequence, owner)}"
            : SequenceScript.Create(sequence);

    private static string? Of(TableDescriptor table, ViewQuery view)
    {
        string columns = view.Columns.Count == 0
            ? string.Empty
            : $" ({string.Join(", ", view.Columns.Select(c => ExpressionPrinter.Quote(c.Name)))})";
        return view.Text.Length == 0
            ? null
            : $"CREATE VIEW {ExpressionPrinter.Quote(table.Name)}{columns} AS {view.Text}";
    }

    private static SqlValue[] Row(string kind, string name, string? statement) =>
    [
        SqlValue.FromText(kind),
        SqlValue.FromText(name),
        statement is null ? SqlValue.NullOf(SqlKind.Text) : SqlValue.FromText(statement),
    ];
}
