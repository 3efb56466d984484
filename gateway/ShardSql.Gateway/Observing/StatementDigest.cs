using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Observing;

/// <summary>A statement in short for people, after the hash that tells it from others: what it does to which tables, and
/// its condition.</summary>
internal static class StatementDigest
{
    private const int TextMax = 160;

    /// <summary>The digest.</summary>
    public static string Of(UInt128 hash, Statement statement)
    {
        string text = statement.KindCase switch
        {
            Statement.KindOneofCase.Select => Of(statement.Select),
            Statement.KindOneofCase.Insert => "INSERT INTO " + statement.Insert.Table.Name
                + (statement.Insert.OnConflict is null ? "" : " ON CONFLICT"),
            Statement.KindOneofCase.Update => "UPDATE " + statement.Update.Table.Table.Name + " SET "
                + string.Join(", ", statement.Update.Assignments.Select(static a => a.Column.Name))
                + Where(statement.Update.Where),
            Statement.KindOneofCase.Delete =>
                "DELETE FROM " + statement.Delete.Table.Table.Name + Where(statement.Delete.Where),
            _ => statement.KindCase.ToString().ToUpperInvariant(),
        };
        string digest = hash.ToString("x32", System.Globalization.CultureInfo.InvariantCulture)[..8] + ' ' + text;
        return digest.Length <= TextMax ? digest : digest[..TextMax];
    }

    private static string Of(Select select)
    {
        var tables = new List<string>();
        if (select.From is { } from)
        {
            tables.Add(from.Table.Name);
        }

        foreach (FromNode node in select.Sources)
        {
            if (node.KindCase != FromNode.KindOneofCase.Join)
            {
                tables.Add(node.Table?.Table.Name ?? "(query)");
            }
        }

        string what = string.Join(", ", select.Items.Select(static i => i.Star ? "*" : i.Name));
        return "SELECT " + what + (tables.Count == 0 ? "" : " FROM " + string.Join(", ", tables)) + Where(select.Where);
    }

    private static string Where(Expression? condition) =>
        condition is null || condition.Nodes.Count == 0 || condition.Nodes.Any(static n => n.Query is not null)
            ? ""
            : " WHERE " + ExpressionPrinter.Print(condition);
}
