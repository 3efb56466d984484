using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>Queries inside of expressions.</content>
internal sealed partial class ExpressionBuilder
{
    private void AddQuery(
        ExpressionOp op, int children, ShardSqlParser.SelectStatementContext query, IToken at, string name = "") => Add(
            new ExpressionNode
            {
                Op = op,
                Children = (uint)children,
                Name = name,
                Query = queries(query),
                Position = Names.PositionOf(at),
            });

    /// <summary>x = ANY (...) and x &lt; ALL (...), the left side having been written: over a query, or over a list as
    /// Dapper writes it.</summary>
    private bool TryEmitQuantified(
        ShardSqlParser.ComparisonOperatorContext comparison, ShardSqlParser.TestContext test)
    {
        if (test.testTail() is not null
            || test.operand() is not ShardSqlParser.PrimaryOperandContext { } operand)
        {
            return false;
        }

        switch (operand.primary())
        {
            case ShardSqlParser.QueryPrimaryContext query when query.ANY() is not null || query.ALL() is not null:
                AddQuery(
                    query.ANY() is null ? ExpressionOp.All : ExpressionOp.Any,
                    1,
                    query.selectStatement(),
                    comparison.Start,
                    comparison.Start.Text == "!=" ? "<>" : comparison.Start.Text);
                return true;
            case ShardSqlParser.QuantifiedPrimaryContext list:
                EmitQuantifiedList(comparison, list);
                return true;
            default:
                return false;
        }
    }

    private void EmitQuantifiedList(
        ShardSqlParser.ComparisonOperatorContext comparison, ShardSqlParser.QuantifiedPrimaryContext list)
    {
        bool isAny = list.ANY() is not null;
        int operation = comparison.Start.Type;
        if (isAny ? operation != ShardSqlLexer.EQUAL : operation != ShardSqlLexer.NOT_EQUAL)
        {
            throw SyntaxErrors.NotSupported(
                $"{comparison.Start.Text} {(isAny ? "ANY" : "ALL")} with a list",
                comparison.Start.StartIndex,
                "There are = ANY (list) and <> ALL (list); compare with the smallest or the largest item.");
        }

        int before = _nodes.Count;
        Emit(list.expression());
        parameters.NoteItem(_nodes[^1]);
        int items = 1;
        if (_nodes[^1] is { Op: ExpressionOp.Row } row)
        {
            items = (int)row.Children;
            _nodes.RemoveAt(_nodes.Count - 1);
        }
        else if (_nodes.Count == before + 1 && _nodes[before] is { Op: ExpressionOp.Query } query)
        {
            _nodes.RemoveAt(before);
            Add(new ExpressionNode
            {
                Op = isAny ? ExpressionOp.Any : ExpressionOp.All,
                Children = 1,
                Name = isAny ? "=" : "<>",
                Query = query.Query,
                Position = Names.PositionOf(comparison.Start),
            });
            return;
        }

        Add(isAny ? ExpressionOp.In : ExpressionOp.NotIn, items + 1, comparison.Start);
    }
}
