using System.Collections.Generic;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>SELECT and what it shares with RETURNING.</content>
internal sealed partial class StatementBuilder
{
    private const string OneTable = "A statement reads one table; join in the application or by several statements.";

    private Select Build(ShardSqlParser.SelectStatementContext context)
    {
        if (context.WITH() is { } with)
        {
            throw SyntaxErrors.NotSupported("WITH", with.Symbol.StartIndex, "Write the query itself.");
        }

        if (context.setOperator() is [var set, ..])
        {
            throw SyntaxErrors.NotSupported(
                set.Start.Text.ToUpperInvariant(), set.Start.StartIndex, "Send the queries as several statements.");
        }

        ShardSqlParser.SelectCoreContext core = context.selectCore(0);
        RefuseInCore(core);
        var select = new Select
        {
            Distinct = core.DISTINCT() is not null,
            Where = Where(core.where()),
            ForUpdate = context.UPDATE() is not null,
            Position = Names.PositionOf(context),
        };
        select.Items.AddRange(core.selectItem().Select(Build));
        if (core.tableReference() is [var table])
        {
            select.From = Build(table);
        }

        int having = core.HAVING() is null ? 0 : 1;
        ShardSqlParser.ExpressionContext[] expressions = core.expression();
        select.GroupBy.AddRange(expressions[..^having].Select(_expressions.Build));
        select.Having = having == 0 ? null : _expressions.Build(expressions[^1]);
        select.OrderBy.AddRange(context.orderItem().Select(Build));
        foreach (ShardSqlParser.LimitClauseContext clause in context.limitClause())
        {
            AddLimit(select, clause);
        }

        return select;
    }

    private static void RefuseInCore(ShardSqlParser.SelectCoreContext core)
    {
        if (core.ON() is { } on)
        {
            throw SyntaxErrors.NotSupported("DISTINCT ON", on.Symbol.StartIndex, "Use GROUP BY.");
        }

        if (core.tableReference().Length > 1)
        {
            throw SyntaxErrors.NotSupported(
                "FROM with several tables", core.tableReference(1).Start.StartIndex, OneTable);
        }
    }

    private void AddLimit(Select select, ShardSqlParser.LimitClauseContext clause)
    {
        bool isOffset = clause.OFFSET() is not null;
        if ((isOffset ? select.Offset : select.Limit) is not null)
        {
            throw new SqlException(
                SqlStates.SyntaxError, $"{clause.Start.Text.ToUpperInvariant()} twice", clause.Start.StartIndex + 1);
        }

        if (clause.operand() is { } operand)
        {
            Expression value = _expressions.Build(operand);
            if (isOffset)
            {
                select.Offset = value;
            }
            else
            {
                select.Limit = value;
            }
        }
        else if (clause.FETCH() is not null)
        {
            select.Limit = Constant(SqlValue.FromInt32(1), Names.PositionOf(clause));
        }
    }

    private Expression? Where(ShardSqlParser.WhereContext? context) =>
        context is null ? null : _expressions.Build(context.expression());

    private SelectItem Build(ShardSqlParser.SelectItemContext context)
    {
        uint position = Names.PositionOf(context);
        switch (context)
        {
            case ShardSqlParser.AllColumnsContext:
                return new SelectItem { Star = true, Position = position };
            case ShardSqlParser.TableColumnsContext table:
                return new SelectItem
                {
                    Star = true,
                    StarQualifier = Names.Fold(table.identifier()),
                    Position = position,
                };
            default:
                var item = (ShardSqlParser.ExpressionItemContext)context;
                Expression expression = _expressions.Build(item.expression());
                ParserRuleContext? alias = (ParserRuleContext?)item.label() ?? item.identifier();
                string written = alias is null ? string.Empty : Names.AsWritten(alias);
                return new SelectItem
                {
                    Expression = expression,
                    Alias = written,
                    AliasQuoted = alias is not null && Names.IsQuoted(alias.Start),
                    Name = alias is null ? OutputNames.Of(expression) : written,
                    Position = position,
                };
        }
    }

    private OrderItem Build(ShardSqlParser.OrderItemContext context)
    {
        Expression expression = _expressions.Build(context.expression());
        var item = new OrderItem
        {
            Descending = context.DESC() is not null,
            Nulls = context.FIRST() is not null ? NullsOrder.First
                : context.LAST() is not null ? NullsOrder.Last : NullsOrder.Default,
            Position = Names.PositionOf(context),
        };
        if (expression.Nodes is [{ Op: ExpressionOp.Literal } literal]
            && ValueCodec.FromBytes(literal.Literal.Span) is { Kind: SqlKind.Int32 } ordinal)
        {
            item.Ordinal = ordinal.AsInt32() > 0
                ? (uint)ordinal.AsInt32()
                : throw new SqlException(
                    SqlStates.InvalidColumnReference,
                    $"ORDER BY position {ordinal.ToText()} is not in the select list",
                    (int)item.Position);
        }
        else
        {
            item.Expression = expression;
        }

        return item;
    }

    private static TableReference Build(ShardSqlParser.TableReferenceContext context)
    {
        if (context.joinedTable() is [var join, ..])
        {
            throw SyntaxErrors.NotSupported("JOIN", join.Start.StartIndex, OneTable);
        }

        ShardSqlParser.TablePrimaryContext primary = context.tablePrimary();
        return primary.tableName() is { } name
            ? Reference(name, primary.tableAlias())
            : throw SyntaxErrors.NotSupported("a query in FROM", primary.Start.StartIndex, OneTable);
    }

    private static TableReference Reference(
        ShardSqlParser.TableNameContext name, ShardSqlParser.TableAliasContext? alias) => new()
        {
            Table = Names.Table(name),
            Alias = alias is null ? string.Empty : Names.Fold(alias.identifier()),
            Position = Names.PositionOf(name),
        };

    private IEnumerable<SelectItem> Returning(ShardSqlParser.ReturningContext? context) =>
        context is null ? [] : context.selectItem().Select(Build);
}
