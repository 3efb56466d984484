using System;
using System.Collections.Generic;
using System.Globalization;
using Antlr4.Runtime;
using Google.Protobuf;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>Syntax trees of expressions to flat post-order node lists. Chains of operators are walked in a loop, so
/// only
/// what the nesting limit bounds uses the stack.</summary>
internal sealed partial class ExpressionBuilder(
    ParameterNames parameters, Func<ShardSqlParser.SelectStatementContext, Select> queries)
{
    private List<ExpressionNode> _nodes = [];

    public Expression Build(ShardSqlParser.ExpressionContext context) => Build(() => Emit(context));

    public Expression Build(ShardSqlParser.OperandContext context) => Build(() => EmitOperand(context));

    public static Expression Default(IToken token) => new()
    {
        Nodes = { new ExpressionNode { Op = ExpressionOp.Default, Position = Names.PositionOf(token) } },
    };

    public static ExpressionNode Literal(SqlValue value, uint position) => new()
    {
        Op = ExpressionOp.Literal,
        Literal = UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(value)),
        Position = position,
    };

    /// <summary>Windows and queries hold expressions of their own, which are built while this one waits.</summary>
    private Expression Build(Action emit)
    {
        List<ExpressionNode> waiting = _nodes;
        _nodes = [];
        emit();
        Expression built = Finish();
        _nodes = waiting;
        return built;
    }

    private Expression Finish()
    {
        int depth = ExpressionShape.Depth(_nodes);
        if (depth > SqlLimits.MaxExpressionDepth)
        {
            throw new SqlException(
                SqlStates.StatementTooComplex,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"expression of {depth} levels exceeds {SqlLimits.MaxExpressionDepth}"),
                (int)_nodes[^1].Position);
        }

        var expression = new Expression();
        expression.Nodes.AddRange(_nodes);
        return expression;
    }

    private void Add(ExpressionNode node)
    {
        if (_nodes.Count >= SqlLimits.MaxExpressionNodes)
        {
            throw new SqlException(
                SqlStates.StatementTooComplex,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"expression exceeds {SqlLimits.MaxExpressionNodes} nodes"),
                (int)node.Position);
        }

        _nodes.Add(node);
    }

    private void Add(ExpressionOp op, int children, IToken at, string name = "", bool flag = false) => Add(
        new ExpressionNode
        {
            Op = op,
            Children = (uint)children,
            Name = name,
            Flag = flag,
            Position = Names.PositionOf(at),
        });

    private void Emit(ShardSqlParser.ExpressionContext context)
    {
        switch (context)
        {
            case ShardSqlParser.NotExpressionContext negation:
                Emit(negation.expression());
                Add(ExpressionOp.Not, 1, negation.Start);
                break;
            case ShardSqlParser.PredicateExpressionContext predicate:
                EmitPredicate(predicate.predicate());
                break;
            default:
                EmitChain(context);
                break;
        }
    }

    /// <summary>a AND b AND c as one node; the syntax tree leans to the left.</summary>
    private void EmitChain(ShardSqlParser.ExpressionContext context)
    {
        bool isAnd = context is ShardSqlParser.AndExpressionContext;
        var operands = new Stack<ShardSqlParser.ExpressionContext>();
        IToken at = context.Start;
        while (true)
        {
            (ShardSqlParser.ExpressionContext Left, ShardSqlParser.ExpressionContext Right, IToken Op)? pair =
                context switch
                {
                    ShardSqlParser.AndExpressionContext conjunction when isAnd =>
                        (conjunction.expression(0), conjunction.expression(1), conjunction.AND().Symbol),
                    ShardSqlParser.OrExpressionContext disjunction when !isAnd =>
                        (disjunction.expression(0), disjunction.expression(1), disjunction.OR().Symbol),
                    _ => null,
                };
            if (pair is null)
            {
                operands.Push(context);
                break;
            }

            operands.Push(pair.Value.Right);
            at = pair.Value.Op;
            context = pair.Value.Left;
        }

        int count = operands.Count;
        while (operands.TryPop(out ShardSqlParser.ExpressionContext? operand))
        {
            Emit(operand);
        }

        Add(isAnd ? ExpressionOp.And : ExpressionOp.Or, count, at);
    }

    private void EmitPredicate(ShardSqlParser.PredicateContext context)
    {
        EmitComparison(context.comparison());
        foreach (ShardSqlParser.IsTestContext test in context.isTest())
        {
            bool negated = test.NOT() is not null;
            if (test.comparison() is { } other)
            {
                EmitComparison(other);
                Add(negated ? ExpressionOp.IsNotDistinctFrom : ExpressionOp.IsDistinctFrom, 2, test.Start);
                continue;
            }

            ExpressionOp op = test.TRUE() is not null ? negated ? ExpressionOp.IsNotTrue : ExpressionOp.IsTrue
                : test.FALSE() is not null ? negated ? ExpressionOp.IsNotFalse : ExpressionOp.IsFalse
                : negated ? ExpressionOp.IsNotNull : ExpressionOp.IsNull;
            Add(op, 1, test.Start);
        }
    }

    private void EmitComparison(ShardSqlParser.ComparisonContext context)
    {
        EmitTest(context.test(0));
        if (context.comparisonOperator() is not { } comparison
            || TryEmitQuantified(comparison, context.test(1)))
        {
            return;
        }

        EmitTest(context.test(1));
        ExpressionOp op = comparison.Start.Type switch
        {
            ShardSqlLexer.EQUAL => ExpressionOp.Equal,
            ShardSqlLexer.NOT_EQUAL => ExpressionOp.NotEqual,
            ShardSqlLexer.LESS => ExpressionOp.Less,
            ShardSqlLexer.LESS_EQUAL => ExpressionOp.LessOrEqual,
            ShardSqlLexer.GREATER => ExpressionOp.Greater,
            _ => ExpressionOp.GreaterOrEqual,
        };
        Add(op, 2, comparison.Start);
    }

    private void EmitTest(ShardSqlParser.TestContext context)
    {
        switch (context.testTail())
        {
            case null:
                EmitOperand(context.operand());
                break;
            case ShardSqlParser.BetweenTailContext between:
                EmitOperand(context.operand());
                EmitOperand(between.operand(0));
                EmitOperand(between.operand(1));
                Add(
                    between.NOT() is null ? ExpressionOp.Between : ExpressionOp.NotBetween,
                    3,
                    between.BETWEEN().Symbol);
                break;
            case ShardSqlParser.InTailContext list:
                EmitIn(context.operand(), list);
                break;
            case ShardSqlParser.LikeTailContext like:
                EmitOperand(context.operand());
                EmitLike(like);
                break;
            default:
                throw new InvalidOperationException("an unknown test");
        }
    }

    private void EmitLike(ShardSqlParser.LikeTailContext context)
    {
        ShardSqlParser.OperandContext[] operands = context.operand();
        foreach (ShardSqlParser.OperandContext operand in operands)
        {
            EmitOperand(operand);
        }

        bool negated = context.NOT() is not null;
        bool insensitive = context.ILIKE() is not null;
        ExpressionOp op = insensitive ? negated ? ExpressionOp.NotIlike : ExpressionOp.Ilike
            : negated ? ExpressionOp.NotLike : ExpressionOp.Like;
        Add(op, operands.Length + 1, (context.LIKE() ?? context.ILIKE()).Symbol);
    }

    private void EmitIn(ShardSqlParser.OperandContext operand, ShardSqlParser.InTailContext context)
    {
        bool negated = context.NOT() is not null;
        IToken at = context.IN().Symbol;
        if (context.selectStatement() is { } query)
        {
            EmitInQuery(operand, query, at);
            if (negated)
            {
                Add(ExpressionOp.Not, 1, at);
            }

            return;
        }

        EmitOperand(operand);
        ShardSqlParser.ExpressionContext[] items = context.expression();
        if (items.Length > SqlLimits.MaxInItems)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded,
                string.Create(
                    CultureInfo.InvariantCulture, $"IN list of {items.Length} items exceeds {SqlLimits.MaxInItems}"),
                at.StartIndex + 1);
        }

        foreach (ShardSqlParser.ExpressionContext item in items)
        {
            Emit(item);
            parameters.NoteItem(_nodes[^1]);
        }

        Add(negated ? ExpressionOp.NotIn : ExpressionOp.In, items.Length + 1, at);
    }

    /// <summary>
    /// x IN (SELECT e WHERE p), which is how Dapper writes an empty list: the set is {e} where p is true, else
    /// empty, so
    /// it is CASE WHEN p THEN x = e ELSE FALSE END.
    /// </summary>
    private void EmitInQuery(
        ShardSqlParser.OperandContext operand, ShardSqlParser.SelectStatementContext query, IToken at)
    {
        ShardSqlParser.SelectCoreContext? core = (query.queryExpression() as ShardSqlParser.CoreQueryContext)?.selectCore();
        bool plain = core is not null && query.withClause() is null && query.limitClause().Length == 0
            && query.ORDER() is null && query.UPDATE() is null && core.fromClause() is null
            && core.GROUP() is null && core.having() is null && core.distinctOn() is null && core.WINDOW() is null
            && core.selectItem().Length == 1;
        if (!plain || core!.selectItem(0) is not ShardSqlParser.ExpressionItemContext item)
        {
            EmitOperand(operand);
            AddQuery(ExpressionOp.Any, 1, query, at, "=");
            return;
        }

        if (core!.where() is not { } where)
        {
            EmitOperand(operand);
            Emit(item.expression());
            Add(ExpressionOp.Equal, 2, at);
            return;
        }

        Emit(where.expression());
        EmitOperand(operand);
        Emit(item.expression());
        Add(ExpressionOp.Equal, 2, at);
        Add(Literal(SqlValue.False, Names.PositionOf(at)));
        Add(ExpressionOp.Case, 3, at);
    }
}
