using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Relations;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// An UPDATE that does to spilled columns what their policy is about, with expressions that read no column: <c>SET c = c ± expr</c>,
/// <c>SET c = c || expr</c>, or <c>SET c = expr</c> of all of them. It may become a delta; where their order does not matter, it is
/// right beside deltas on the row itself, too.
/// </summary>
internal sealed record SpilledChange(IReadOnlyList<(int Ordinal, bool IsNegative, Expression Amount)> Terms)
{
    /// <summary>What an UPDATE of a table does; null: it does something else.</summary>
    public static SpilledChange? Of(Update update, TableDescriptor table)
    {
        if (update.Sources.Count > 0 || update.With.Count > 0 || update.Returning.Count > 0 || BoundNodes.NeedsRelations(update.Where)
            || (update.Where is { } where && NamedColumns.Of(where).MeanSpilled(table)))
        {
            return null;
        }

        string qualifier = update.Table.Alias.Length > 0 ? update.Table.Alias : table.Name;
        SpilloverDescriptor spillover = table.Spillover!;
        var terms = new List<(int, bool, Expression)>();
        foreach (Assignment assignment in update.Assignments)
        {
            int ordinal = table.OrdinalOf(assignment.Column.Name);
            if (ordinal < 0 || !spillover.Columns.Contains(table.Columns[ordinal].Id)
                || terms.Exists(term => term.Item1 == ordinal) || TermOf(assignment, qualifier, spillover.Policy) is not { } term)
            {
                return null;
            }

            terms.Add((ordinal, term.IsNegative, term.Amount));
        }

        // Which deltas set a column, and which leave it alone, would be different orders for each.
        return spillover.IsInOrder && terms.Count < spillover.Columns.Count ? null : new SpilledChange(terms);
    }

    private static (bool IsNegative, Expression Amount)? TermOf(Assignment assignment, string qualifier, SpilloverPolicy policy)
    {
        if (BoundNodes.NeedsRelations(assignment.Value) || Binding.IsDefault(assignment.Value)
            || SequenceFunctions.ChangesIn(assignment.Value))
        {
            return null;
        }

        ExpressionTree tree = ExpressionTree.Of(assignment.Value);
        bool IsColumn(ExpressionTree part) => part.Op == ExpressionOp.Column && part.Node.Name == assignment.Column.Name
            && part.Node.Schema.Length == 0 && (part.Node.Qualifier.Length == 0 || part.Node.Qualifier == qualifier);
        return policy switch
        {
            SpilloverPolicy.Append => Appended(tree, IsColumn) is { } appended ? (false, appended) : null,
            SpilloverPolicy.LastWrite or SpilloverPolicy.Timestamp => tree.IsConstant ? (false, assignment.Value) : null,
            _ => Added(tree, IsColumn),
        };
    }

    private static (bool IsNegative, Expression Amount)? Added(ExpressionTree tree, Func<ExpressionTree, bool> isColumn)
    {
        bool isNegative = tree.Op == ExpressionOp.Subtract;
        if (!isNegative && tree.Op != ExpressionOp.Add)
        {
            return null;
        }

        ExpressionTree? column = isNegative ? tree.Children[0] : tree.Children.FirstOrDefault(isColumn);
        if (column is null || !isColumn(column) || tree.Children.Any(part => part != column && !part.IsConstant))
        {
            return null;
        }

        Expression[] amounts = [.. tree.Children.Where(part => part != column).Select(static part => part.ToExpression())];
        return (isNegative, amounts.Length == 1 ? amounts[0] : BoundNodes.Apply(ExpressionOp.Add, amounts));
    }

    /// <summary>What stands behind the column: a text, as with the column before it.</summary>
    private static Expression? Appended(ExpressionTree tree, Func<ExpressionTree, bool> isColumn)
    {
        if (tree.Op != ExpressionOp.Concat || tree.Children.Skip(1).Any(static part => !part.IsConstant))
        {
            return null;
        }

        Expression? before = isColumn(tree.Children[0])
            ? Binding.Literal(SqlValue.FromText(string.Empty))
            : Appended(tree.Children[0], isColumn);
        return before is null
            ? null
            : BoundNodes.Apply(ExpressionOp.Concat, [before, .. tree.Children.Skip(1).Select(static part => part.ToExpression())]);
    }
}
