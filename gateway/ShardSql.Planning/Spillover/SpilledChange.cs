using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Relations;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// An UPDATE that only adds to spilled columns, or takes away: <c>SET c = c ± expr</c> where the expression reads no
/// column. It may become a delta; on the row itself it is right beside deltas, too.
/// </summary>
internal sealed record SpilledChange(IReadOnlyList<(int Ordinal, bool IsNegative, Expression Amount)> Terms)
{
    /// <summary>What an UPDATE of a table adds; null: it does more than add.</summary>
    public static SpilledChange? Of(Update update, TableDescriptor table)
    {
        if (update.Sources.Count > 0 || update.With.Count > 0 || update.Returning.Count > 0 || BoundNodes.NeedsRelations(update.Where)
            || (update.Where is { } where && NamedColumns.Of(where).MeanSpilled(table)))
        {
            return null;
        }

        string qualifier = update.Table.Alias.Length > 0 ? update.Table.Alias : table.Name;
        var terms = new List<(int, bool, Expression)>();
        foreach (Assignment assignment in update.Assignments)
        {
            int ordinal = table.OrdinalOf(assignment.Column.Name);
            if (ordinal < 0 || !table.Spillover!.Columns.Contains(table.Columns[ordinal].Id)
                || terms.Exists(term => term.Item1 == ordinal) || TermOf(assignment, qualifier) is not { } term)
            {
                return null;
            }

            terms.Add((ordinal, term.IsNegative, term.Amount));
        }

        return new SpilledChange(terms);
    }

    private static (bool IsNegative, Expression Amount)? TermOf(Assignment assignment, string qualifier)
    {
        if (BoundNodes.NeedsRelations(assignment.Value) || Binding.IsDefault(assignment.Value))
        {
            return null;
        }

        ExpressionTree tree = ExpressionTree.Of(assignment.Value);
        bool isNegative = tree.Op == ExpressionOp.Subtract;
        if (!isNegative && tree.Op != ExpressionOp.Add)
        {
            return null;
        }

        bool IsColumn(ExpressionTree part) => part.Op == ExpressionOp.Column && part.Node.Name == assignment.Column.Name
            && part.Node.Schema.Length == 0 && (part.Node.Qualifier.Length == 0 || part.Node.Qualifier == qualifier);
        ExpressionTree? column = isNegative ? tree.Children[0] : tree.Children.FirstOrDefault(IsColumn);
        if (column is null || !IsColumn(column) || tree.Children.Any(part => part != column && !part.IsConstant))
        {
            return null;
        }

        Expression[] amounts = [.. tree.Children.Where(part => part != column).Select(static part => part.ToExpression())];
        return (isNegative, amounts.Length == 1 ? amounts[0] : BoundNodes.Apply(ExpressionOp.Add, amounts));
    }
}
