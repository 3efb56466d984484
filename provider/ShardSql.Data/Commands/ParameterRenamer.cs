using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Commands;

/// <summary>
/// The same statements with other names for their parameters. The commands of a batch travel as one request, which has
/// one set of parameters; where two commands give one name different values, the later one's names get its place behind
/// them. Only trees are changed, never text.
/// </summary>
internal static class ParameterRenamer
{
    /// <summary>A copy of a text whose parameters' names end in a suffix.</summary>
    public static ParsedText Rename(ParsedText text, string suffix)
    {
        var statements = new List<Statement>(text.Count);
        foreach (Statement statement in text.Statements)
        {
            Statement copy = statement.Clone();
            Rename(copy, suffix);
            statements.Add(copy);
        }

        return new ParsedText(
            text.Text, text.Key + suffix, statements, [.. text.ParameterNames.Select(name => name + suffix)]);
    }

    private static void Rename(Statement statement, string suffix)
    {
        foreach (Expression? expression in Expressions(statement))
        {
            if (expression is null)
            {
                continue;
            }

            foreach (ExpressionNode node in expression.Nodes)
            {
                if (node.Op == ExpressionOp.Parameter)
                {
                    node.Name += suffix;
                }
            }
        }
    }

    private static IEnumerable<Expression?> Expressions(Statement statement) => statement.KindCase switch
    {
        Statement.KindOneofCase.Select => OfSelect(statement.Select),
        Statement.KindOneofCase.Insert => statement.Insert.Rows.SelectMany(row => row.Values)
            .Concat(OfItems(statement.Insert.Returning)),
        Statement.KindOneofCase.Update => statement.Update.Assignments.Select(assignment => assignment.Value)
            .Append(statement.Update.Where)
            .Concat(OfItems(statement.Update.Returning)),
        Statement.KindOneofCase.Delete => OfItems(statement.Delete.Returning).Append(statement.Delete.Where),
        Statement.KindOneofCase.Explain => Expressions(statement.Explain.Statement),
        Statement.KindOneofCase.Set => [statement.Set.Value],
        Statement.KindOneofCase.CreateTable => statement.CreateTable.Columns.Select(column => column.DefaultValue)
            .Concat(statement.CreateTable.Checks.Select(check => check.Condition)),
        Statement.KindOneofCase.AlterTable => statement.AlterTable.Actions.SelectMany(OfAction),
        Statement.KindOneofCase.MergeSpillover => OfRow(statement.MergeSpillover.Key),
        Statement.KindOneofCase.Show => OfShow(statement.Show),
        _ => [],
    };

    private static IEnumerable<Expression?> OfSelect(Select select) => OfItems(select.Items)
        .Append(select.Where)
        .Concat(select.GroupBy)
        .Append(select.Having)
        .Concat(select.OrderBy.Select(order => order.Expression))
        .Append(select.Limit)
        .Append(select.Offset);

    private static IEnumerable<Expression?> OfAction(AlterAction action) => action.Spillover is { } spillover
        ? spillover.Keys.SelectMany(OfRow).Concat(spillover.Options.Select(option => option.Value))
        : [action.DefaultValue];

    private static IEnumerable<Expression?> OfShow(Show show) => OfRow(show.Row)
        .Append(show.Job)
        .Append(show.Where)
        .Concat(show.OrderBy.Select(order => order.Expression))
        .Append(show.Limit)
        .Append(show.Offset);

    private static IEnumerable<Expression?> OfRow(ExpressionRow? row) => row is null ? [] : row.Values;

    private static IEnumerable<Expression?> OfItems(IEnumerable<SelectItem> items) =>
        items.Select(item => (Expression?)item.Expression);
}
