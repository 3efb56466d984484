using System;
using System.Collections.Generic;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Arithmetic, literals, names, calls.</content>
internal sealed partial class ExpressionBuilder
{
    private static readonly string[] s_wordFunctions =
        ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

    /// <summary>Walks down the left spine, then up again: runs of one operator become one node.</summary>
    private void EmitOperand(ShardSqlParser.OperandContext context)
    {
        var spine = new Stack<ShardSqlParser.OperandContext>();
        for (; LeftOf(context) is { } left; context = left)
        {
            spine.Push(context);
        }

        EmitInnermost(context);
        var run = ExpressionOp.Unspecified;
        int children = 0;
        IToken at = context.Start;
        while (spine.TryPop(out ShardSqlParser.OperandContext? node))
        {
            (ExpressionOp op, IToken token) = OperatorOf(node);
            if (op != run && children > 0)
            {
                Add(run, children, at);
                children = 0;
            }

            run = op;
            if (node is ShardSqlParser.CastOperandContext cast)
            {
                AddCast(cast.typeName(), token);
                continue;
            }

            at = children == 0 ? token : at;
            EmitOperand(RightOf(node));
            children = children == 0 ? 2 : children + 1;
        }

        if (children > 0)
        {
            Add(run, children, at);
        }
    }

    private static ShardSqlParser.OperandContext? LeftOf(ShardSqlParser.OperandContext context) => context switch
    {
        ShardSqlParser.ProductOperandContext product => product.operand(0),
        ShardSqlParser.SumOperandContext sum => sum.operand(0),
        ShardSqlParser.ConcatOperandContext concat => concat.operand(0),
        ShardSqlParser.CastOperandContext cast => cast.operand(),
        _ => null,
    };

    private static ShardSqlParser.OperandContext RightOf(ShardSqlParser.OperandContext context) => context switch
    {
        ShardSqlParser.ProductOperandContext product => product.operand(1),
        ShardSqlParser.SumOperandContext sum => sum.operand(1),
        ShardSqlParser.ConcatOperandContext concat => concat.operand(1),
        _ => throw new InvalidOperationException("not a binary operator"),
    };

    private static (ExpressionOp Op, IToken Token) OperatorOf(ShardSqlParser.OperandContext context) => context switch
    {
        ShardSqlParser.ProductOperandContext product when product.STAR() is { } star =>
            (ExpressionOp.Multiply, star.Symbol),
        ShardSqlParser.ProductOperandContext product when product.SLASH() is { } slash =>
            (ExpressionOp.Divide, slash.Symbol),
        ShardSqlParser.ProductOperandContext product => (ExpressionOp.Modulo, product.PERCENT().Symbol),
        ShardSqlParser.SumOperandContext sum when sum.PLUS() is { } plus => (ExpressionOp.Add, plus.Symbol),
        ShardSqlParser.SumOperandContext sum => (ExpressionOp.Subtract, sum.MINUS().Symbol),
        ShardSqlParser.ConcatOperandContext concat => (ExpressionOp.Concat, concat.CONCAT().Symbol),
        ShardSqlParser.CastOperandContext cast => (ExpressionOp.Cast, cast.DOUBLE_COLON().Symbol),
        _ => throw new InvalidOperationException("not an operator"),
    };

    private void EmitInnermost(ShardSqlParser.OperandContext context)
    {
        if (context is not ShardSqlParser.SignOperandContext sign)
        {
            EmitPrimary(((ShardSqlParser.PrimaryOperandContext)context).primary());
            return;
        }

        int before = _nodes.Count;
        EmitOperand(sign.operand());
        if (sign.MINUS() is null)
        {
            return;
        }

        if (_nodes.Count == before + 1 && _nodes[before].Op == ExpressionOp.Literal)
        {
            SqlValue value = ValueCodec.FromBytes(_nodes[before].Literal.Span);
            if (!value.IsNull && value.Kind is SqlKind.Int32 or SqlKind.Int64 or SqlKind.Decimal)
            {
                _nodes[before] = Literal(Literals.Negate(value), Names.PositionOf(sign));
                return;
            }
        }

        Add(ExpressionOp.Negate, 1, sign.Start);
    }

    private void AddCast(ShardSqlParser.TypeNameContext type, IToken at) => Add(new ExpressionNode
    {
        Op = ExpressionOp.Cast,
        Children = 1,
        Type = TypeNames.Resolve(type).ToMessage(),
        Position = Names.PositionOf(at),
    });

    private void EmitPrimary(ShardSqlParser.PrimaryContext context)
    {
        switch (context)
        {
            case ShardSqlParser.LiteralPrimaryContext literal:
                Add(Literal(Literals.Read(literal.literal()), Names.PositionOf(literal)));
                break;
            case ShardSqlParser.ParameterPrimaryContext parameter:
                Add(parameters.Node(parameter.Start));
                break;
            case ShardSqlParser.FunctionPrimaryContext function:
                EmitCall(function.functionCall());
                break;
            case ShardSqlParser.ColumnPrimaryContext column:
                EmitColumn(column.columnReference());
                break;
            case ShardSqlParser.ParenthesisPrimaryContext parenthesis:
                EmitAll(parenthesis.expression());
                if (parenthesis.expression().Length > 1 || parenthesis.ROW() is not null)
                {
                    Add(ExpressionOp.Row, parenthesis.expression().Length, parenthesis.Start);
                }

                break;
            case ShardSqlParser.CasePrimaryContext @case:
                EmitCase(@case);
                break;
            case ShardSqlParser.CastPrimaryContext cast:
                Emit(cast.expression());
                AddCast(cast.typeName(), cast.Start);
                break;
            case ShardSqlParser.QueryPrimaryContext query when query.ANY() is null && query.ALL() is null:
                AddQuery(
                    query.EXISTS() is null ? ExpressionOp.Query : ExpressionOp.Exists,
                    0,
                    query.selectStatement(),
                    query.Start);
                break;
            default:
                throw new SqlException(
                    SqlStates.SyntaxError,
                    $"{context.Start.Text.ToUpperInvariant()} stands only behind a comparison operator",
                    context.Start.StartIndex + 1);
        }
    }

    private void EmitAll(IEnumerable<ShardSqlParser.ExpressionContext> expressions)
    {
        foreach (ShardSqlParser.ExpressionContext expression in expressions)
        {
            Emit(expression);
        }
    }

    private void EmitCase(ShardSqlParser.CasePrimaryContext context)
    {
        ShardSqlParser.ExpressionContext[] parts = context.expression();
        EmitAll(parts);
        int paired = 2 * context.WHEN().Length;
        bool operand = parts.Length - paired - (context.ELSE() is null ? 0 : 1) == 1;
        Add(ExpressionOp.Case, parts.Length, context.Start, flag: operand);
    }

    private void EmitColumn(ShardSqlParser.ColumnReferenceContext context)
    {
        string first = Names.Fold(context.identifier());
        ShardSqlParser.LabelContext[] rest = context.label();
        if (rest.Length == 0 && !Names.IsQuoted(context.Start) && s_wordFunctions.Contains(first))
        {
            Add(ExpressionOp.Function, 0, context.Start, first);
            return;
        }

        var node = new ExpressionNode { Op = ExpressionOp.Column, Position = Names.PositionOf(context) };
        switch (rest.Length)
        {
            case 0:
                node.Name = first;
                break;
            case 1:
                node.Qualifier = first;
                node.Name = Names.Fold(rest[0]);
                break;
            default:
                node.Schema = first;
                node.Qualifier = Names.Fold(rest[0]);
                node.Name = Names.Fold(rest[1]);
                break;
        }

        Add(node);
    }

    private void EmitCall(ShardSqlParser.FunctionCallContext context)
    {
        switch (context)
        {
            case ShardSqlParser.ExtractCallContext extract:
                string field = Names.Fold(extract.identifier());
                Add(Literal(SqlValue.FromText(field), Names.PositionOf(extract.identifier())));
                EmitOperand(extract.operand());
                Add(ExpressionOp.Function, 2, extract.Start, "extract");
                break;
            case ShardSqlParser.PositionCallContext position:
                EmitOperands(position.operand(), position.Start, "position");
                break;
            case ShardSqlParser.SubstringCallContext substring:
                EmitOperands(substring.operand(), substring.Start, "substring");
                break;
            case ShardSqlParser.TrimCallContext trim:
                // TRIM(side characters FROM text): the text is the first argument of the function.
                string name = trim.LEADING() is not null ? "ltrim" : trim.TRAILING() is not null ? "rtrim" : "trim";
                EmitOperands([.. trim.operand().Reverse()], trim.Start, name);
                break;
            case ShardSqlParser.StarCallContext star:
                EmitStarCall(star);
                break;
            case ShardSqlParser.PlainCallContext plain:
                EmitPlainCall(plain);
                break;
            default:
                throw new InvalidOperationException("an unknown call");
        }
    }

    private void EmitOperands(ShardSqlParser.OperandContext[] operands, IToken at, string name)
    {
        foreach (ShardSqlParser.OperandContext operand in operands)
        {
            EmitOperand(operand);
        }

        Add(ExpressionOp.Function, operands.Length, at, name);
    }
}
