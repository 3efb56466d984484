using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>SELECT and what it shares with RETURNING.</content>
internal sealed partial class StatementBuilder
{
    private int _depth;

    /// <summary>A query, at whatever depth.</summary>
    private Select Build(ShardSqlParser.SelectStatementContext context)
    {
        if (++_depth > SqlLimits.MaxQueryNesting)
        {
            throw new SqlException(
                SqlStates.StatementTooComplex,
                string.Create(
                    CultureInfo.InvariantCulture, $"queries inside one another exceed {SqlLimits.MaxQueryNesting}"),
                context.Start.StartIndex + 1);
        }

        Select select = Body(context.queryExpression());
        if (select.OrderBy.Count > 0 || select.Limit is not null || select.Offset is not null || select.With.Count > 0)
        {
            // (SELECT ... LIMIT 1) ORDER BY ...: the inner clauses stay with the inner query.
            select = new Select { Terms = { new SetNode { Query = select } }, Position = select.Position };
        }

        if (context.withClause() is { } with)
        {
            select.Recursive = with.RECURSIVE() is not null;
            select.With.AddRange(with.commonTable().Select(Build));
        }

        select.ForUpdate = context.UPDATE() is not null;
        select.Position = Names.PositionOf(context);
        select.OrderBy.AddRange(context.orderItem().Select(Build));
        foreach (ShardSqlParser.LimitClauseContext clause in context.limitClause())
        {
            AddLimit(select, clause);
        }

        _depth--;
        return select;
    }

    private Select Body(ShardSqlParser.QueryExpressionContext context)
    {
        switch (context)
        {
            case ShardSqlParser.CoreQueryContext core:
                return Build(core.selectCore());
            case ShardSqlParser.NestedQueryContext nested:
                return Build(nested.selectStatement());
            case ShardSqlParser.ValuesQueryContext values:
                return Values(values.row(), Names.PositionOf(context));
            default:
                var whole = new Select { Position = Names.PositionOf(context) };
                AddTerms(context, whole);
                return whole;
        }
    }

    private Select Values(ShardSqlParser.RowContext[] rows, uint position)
    {
        var values = new Select { Position = position };
        foreach (ShardSqlParser.RowContext row in rows)
        {
            values.Values.Add(Build(row));
            CheckLength(values.Values);
        }

        return values;
    }

    /// <summary>Chains of UNION lean to the left and are walked in a loop.</summary>
    private void AddTerms(ShardSqlParser.QueryExpressionContext context, Select whole)
    {
        var spine = new Stack<(SetOperation Operation, ShardSqlParser.QueryExpressionContext Right)>();
        while (true)
        {
            if (context is ShardSqlParser.UnionQueryContext union)
            {
                SetOperator kind = union.UNION() is null ? SetOperator.Except : SetOperator.Union;
                spine.Push((Operation(kind, union.ALL() is not null, union), union.queryExpression(1)));
                context = union.queryExpression(0);
            }
            else if (context is ShardSqlParser.IntersectQueryContext both)
            {
                spine.Push((Operation(SetOperator.Intersect, both.ALL() is not null, both), both.queryExpression(1)));
                context = both.queryExpression(0);
            }
            else
            {
                break;
            }
        }

        whole.Terms.Add(new SetNode { Query = Body(context) });
        while (spine.TryPop(out (SetOperation Operation, ShardSqlParser.QueryExpressionContext Right) next))
        {
            if (next.Right is ShardSqlParser.UnionQueryContext or ShardSqlParser.IntersectQueryContext)
            {
                AddTerms(next.Right, whole);
            }
            else
            {
                whole.Terms.Add(new SetNode { Query = Body(next.Right) });
            }

            whole.Terms.Add(new SetNode { Operation = next.Operation });
        }
    }

    private static SetOperation Operation(SetOperator kind, bool all, ParserRuleContext context) =>
        new() { Operator = kind, All = all, Position = Names.PositionOf(context) };

    private CommonTable Build(ShardSqlParser.CommonTableContext context)
    {
        var table = new CommonTable
        {
            Name = Names.Fold(context.identifier()),
            Query = Build(context.selectStatement()),
            Position = Names.PositionOf(context),
        };
        table.Columns.AddRange(Columns(context.columnList()));
        return table;
    }

    private Select Build(ShardSqlParser.SelectCoreContext core)
    {
        ShardSqlParser.DistinctOnContext? distinctOn = core.distinctOn();
        var select = new Select
        {
            Distinct = core.DISTINCT() is not null && distinctOn is null,
            Position = Names.PositionOf(core),
        };
        _expressions.PushWindows(core.namedWindow());
        AddFrom(select, core.fromClause());
        select.Where = Where(core.where());
        select.Items.AddRange(core.selectItem().Select(Build));
        select.DistinctOn.AddRange((distinctOn?.expression() ?? []).Select(_expressions.Build));
        select.GroupBy.AddRange(core.expression().Select(GroupingKey));
        select.Having = core.having() is { } having ? _expressions.Build(having.expression()) : null;
        _expressions.PopWindows();
        return select;
    }

    /// <summary>ROLLUP and CUBE look like calls of functions.</summary>
    private Expression GroupingKey(ShardSqlParser.ExpressionContext context)
    {
        Expression key = _expressions.Build(context);
        return key.Nodes[^1] is { Op: ExpressionOp.Function, Name: "rollup" or "cube" } call
            ? throw SyntaxErrors.NotSupported(
                call.Name.ToUpperInvariant(),
                context.Start.StartIndex,
                "Write a GROUP BY for each set of keys, and UNION ALL between them.")
            : key;
    }

    private void AddFrom(Select select, ShardSqlParser.FromClauseContext? context)
    {
        List<FromNode> nodes = FromNodes(context?.tableReference() ?? []);
        if (nodes is [{ Table: { } only, Columns.Count: 0 }])
        {
            select.From = only;
        }
        else
        {
            select.Sources.AddRange(nodes);
        }
    }

    private List<FromNode> FromNodes(ShardSqlParser.TableReferenceContext[] references)
    {
        List<FromNode> nodes = [];
        foreach (ShardSqlParser.TableReferenceContext reference in references)
        {
            Add(nodes, reference);
        }

        return nodes;
    }

    private void Add(List<FromNode> nodes, ShardSqlParser.TableReferenceContext reference)
    {
        Add(nodes, reference.tablePrimary());
        foreach (ShardSqlParser.JoinedTableContext join in reference.joinedTable())
        {
            Add(nodes, join.tablePrimary());
            nodes.Add(new FromNode { Join = Build(join), Position = Names.PositionOf(join) });
        }
    }

    private void Add(List<FromNode> nodes, ShardSqlParser.TablePrimaryContext primary)
    {
        switch (primary)
        {
            case ShardSqlParser.NamedTableContext named:
                var leaf = new FromNode
                {
                    Table = Reference(named.tableName(), named.tableAlias()),
                    Position = Names.PositionOf(named),
                };
                leaf.Columns.AddRange(Columns(named.tableAlias()?.columnList()));
                nodes.Add(leaf);
                break;
            case ShardSqlParser.QueryTableContext query:
                var derived = new FromNode
                {
                    Query = Build(query.selectStatement()),
                    Alias = query.tableAlias() is { } alias ? Names.Fold(alias.identifier()) : string.Empty,
                    Position = Names.PositionOf(query),
                };
                derived.Columns.AddRange(Columns(query.tableAlias()?.columnList()));
                nodes.Add(derived);
                break;
            default:
                Add(nodes, ((ShardSqlParser.JoinTableContext)primary).tableReference());
                break;
        }
    }

    private Join Build(ShardSqlParser.JoinedTableContext context)
    {
        var join = new Join
        {
            Kind = context.CROSS() is not null ? JoinKind.Cross
                : context.LEFT() is not null ? JoinKind.Left
                : context.RIGHT() is not null ? JoinKind.Right
                : context.FULL() is not null ? JoinKind.Full
                : JoinKind.Inner,
            Natural = context.NATURAL() is not null,
            On = context.expression() is { } on ? _expressions.Build(on) : null,
        };
        join.Using.AddRange(Columns(context.columnList()));
        bool conditioned = join.On is not null || join.Using.Count > 0;
        if (conditioned == (join.Natural || join.Kind == JoinKind.Cross))
        {
            string what = conditioned ? "takes no ON or USING" : "needs ON or USING";
            throw new SqlException(
                SqlStates.SyntaxError, $"this JOIN {what}", context.JOIN().Symbol.StartIndex + 1);
        }

        return join;
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
        OrderItem item = _expressions.Build(context);
        Expression expression = item.Expression;
        if (expression.Nodes is [{ Op: ExpressionOp.Literal } literal]
            && ValueCodec.FromBytes(literal.Literal.Span) is { Kind: SqlKind.Int32 } ordinal)
        {
            item.Ordinal = ordinal.AsInt32() > 0
                ? (uint)ordinal.AsInt32()
                : throw new SqlException(
                    SqlStates.InvalidColumnReference,
                    $"ORDER BY position {ordinal.ToText()} is not in the select list",
                    (int)item.Position);
            item.Expression = null;
        }

        return item;
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
