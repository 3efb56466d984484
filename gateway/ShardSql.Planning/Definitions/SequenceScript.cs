using System.Collections.Generic;
using System.Globalization;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Definitions;

/// <summary>Sequences as the statements that make them.</summary>
internal static class SequenceScript
{
    /// <summary>CREATE SEQUENCE; of an owned one without its owner, which may not be there yet.</summary>
    public static string Create(SequenceDescriptor sequence)
    {
        string type = sequence.Type == SqlKind.Int64 ? string.Empty : $" AS {new SqlType(sequence.Type)}";
        return $"CREATE SEQUENCE {ExpressionPrinter.Quote(sequence.Name)}{type}{Options(sequence)}";
    }

    /// <summary>ALTER SEQUENCE ... OWNED BY.</summary>
    public static string Own(SequenceDescriptor sequence, TableDescriptor table)
    {
        string column = table.Columns[table.OrdinalOf(sequence.OwnerColumnId)].Name;
        return $"ALTER SEQUENCE {ExpressionPrinter.Quote(sequence.Name)} OWNED BY "
            + $"{ExpressionPrinter.Quote(table.Name)}.{ExpressionPrinter.Quote(column)}";
    }

    /// <summary>What follows AS IDENTITY: a name that is not the one it would get, and options.</summary>
    public static string OfIdentity(SequenceDescriptor sequence, TableDescriptor table, ColumnDescriptor column)
    {
        var parts = new List<string>();
        if (sequence.Name != DefaultName(table, column))
        {
            parts.Add($"SEQUENCE NAME {ExpressionPrinter.Quote(sequence.Name)}");
        }

        if (sequence.Type != column.Type.Kind)
        {
            parts.Add($"AS {new SqlType(sequence.Type)}");
        }

        string options = Options(sequence);
        if (options.Length > 0)
        {
            parts.Add(options[1..]);
        }

        return parts.Count == 0 ? string.Empty : $" ({string.Join(' ', parts)})";
    }

    /// <summary>Whether smallserial, serial or bigserial says all of it.</summary>
    public static bool IsSerial(SequenceDescriptor sequence, TableDescriptor table, ColumnDescriptor column) =>
        column is { Identity: IdentityKind.None, Nullable: false } && sequence.Type == column.Type.Kind
        && sequence.Name == DefaultName(table, column)
        && SequenceNames.NextOf(sequence.Name).Nodes is [var name, _]
        && column.Default is { Nodes: [var argument, { Op: ExpressionOp.Function, Name: "nextval", Children: 1 }] }
        && name.Literal.Equals(argument.Literal)
        && Options(sequence).Length == 0;

    private static string DefaultName(TableDescriptor table, ColumnDescriptor column) =>
        SequenceDefinition.NameFor(table.Name, column.Name, static _ => false);

    /// <summary>The options that differ from what they are where they are not said.</summary>
    private static string Options(SequenceDescriptor sequence)
    {
        SequenceDescriptor plain = SequenceDefinition.Of(
            sequence.Id,
            sequence.Name,
            new SequenceOptions { Type = sequence.Type, Increment = sequence.Increment });
        long start = sequence.Increment > 0 ? sequence.Minimum : sequence.Maximum;
        var text = new StringBuilder();
        Add(text, "INCREMENT BY", sequence.Increment, 1);
        Add(text, "MINVALUE", sequence.Minimum, plain.Minimum);
        Add(text, "MAXVALUE", sequence.Maximum, plain.Maximum);
        Add(text, "START WITH", sequence.Start, start);
        Add(text, "CACHE", sequence.Cache, plain.Cache);
        return text.Append(sequence.Cycles ? " CYCLE" : string.Empty).ToString();
    }

    private static void Add(StringBuilder text, string word, long number, long known)
    {
        if (number != known)
        {
            text.Append(CultureInfo.InvariantCulture, $" {word} {number}");
        }
    }
}
