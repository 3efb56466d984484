using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Sequences as functions name them: in a text, folded unless it is quoted there.</summary>
internal static class SequenceNames
{
    /// <summary>The sequence that a text names; 42P01 where there is none, 42809 where it is something else.</summary>
    public static SequenceDescriptor Require(Catalog catalog, string text, int position)
    {
        TableName name = Parse(text, position);
        SchemaNames.RequireUserSchema(name);
        return catalog.RequireSequence(name.Name, position);
    }

    /// <summary>Checks that whatever sequences an expression names are there.</summary>
    public static void RequireAll(Catalog catalog, Expression? expression)
    {
        foreach ((string text, uint position) in CallsIn(expression))
        {
            _ = Require(catalog, text, (int)position);
        }
    }

    /// <summary>Whether an expression takes numbers of a sequence.</summary>
    public static bool Uses(Expression? expression, string sequence) =>
        CallsIn(expression).Any(call => Parse(call.Text, (int)call.Position).Name == sequence);

    /// <summary>A call of nextval.</summary>
    public static Expression NextOf(string sequence) => new()
    {
        Nodes =
        {
            Binding.Literal(SqlValue.FromText(Quoted(sequence))).Nodes[0],
            new ExpressionNode { Op = ExpressionOp.Function, Name = "nextval", Children = 1 },
        },
    };

    /// <summary>The columns that take numbers of a sequence.</summary>
    public static IEnumerable<(TableDescriptor Table, ColumnDescriptor Column)> UsersOf(
        Catalog catalog, SequenceDescriptor sequence)
    {
        foreach (TableDescriptor table in catalog.Tables)
        {
            foreach (ColumnDescriptor column in table.Columns)
            {
                if (Uses(column.Default, sequence.Name))
                {
                    yield return (table, column);
                }
            }
        }
    }

    /// <summary>An expression that names a sequence by another name.</summary>
    public static Expression Renamed(Expression expression, string from, string to)
    {
        Expression renamed = expression.Clone();
        for (int i = 0; i + 1 < renamed.Nodes.Count; i++)
        {
            var call = new Expression { Nodes = { renamed.Nodes[i], renamed.Nodes[i + 1] } };
            if (Uses(call, from))
            {
                renamed.Nodes[i].Literal = NextOf(to).Nodes[0].Literal;
            }
        }

        return renamed;
    }

    private static string Quoted(string name) =>
        name.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_') && !char.IsAsciiDigit(name[0])
            ? name
            : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>The names that stand as texts in calls; one that is computed is known only when it is.</summary>
    private static IEnumerable<(string Text, uint Position)> CallsIn(Expression? expression)
    {
        for (int i = 1; i < expression?.Nodes.Count; i++)
        {
            ExpressionNode node = expression.Nodes[i];
            ExpressionNode argument = expression.Nodes[i - 1];
            if (SequenceFunctions.IsCall(node) && node.Children == 1 && argument.Op == ExpressionOp.Literal
                && ValueCodec.FromBytes(argument.Literal.Span) is { IsNull: false, Kind: SqlKind.Text } text)
            {
                yield return (text.AsText(), node.Position);
            }
        }
    }

    private static TableName Parse(string text, int position)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"' && isQuoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                part.Append(c);
                i++;
            }
            else if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c == '.' && !isQuoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(isQuoted ? c : char.ToLowerInvariant(c));
            }
        }

        parts.Add(part.ToString());
        return isQuoted || parts.Count > 2 || parts.Exists(static p => p.Length == 0)
            ? throw new SqlException(SqlStates.InvalidName, "invalid name syntax", position)
            : new TableName
            {
                Schema = parts.Count > 1 ? parts[0] : string.Empty,
                Name = parts[^1],
                Position = (uint)position,
            };
    }
}
