using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <content>Operators: their operands' types.</content>
internal sealed partial class NodeBuilder
{
    private static Node MakeOperator(ExpressionNode message, Node[] children, int position)
    {
        ExpressionOp op = message.Op;
        switch (op)
        {
            case ExpressionOp.And or ExpressionOp.Or:
                Require(children.Length >= 2);
                string word = op == ExpressionOp.And ? "AND" : "OR";
                return new JunctionNode(
                    op == ExpressionOp.And, [.. children.Select(c => Condition(c, word))], position);
            case ExpressionOp.Not:
                Require(children.Length == 1);
                return new NotNode(Condition(children[0], "NOT"), position);
            case ExpressionOp.Negate:
                Require(children.Length == 1);
                return Negate(children[0], position);
            case ExpressionOp.Add or ExpressionOp.Subtract or ExpressionOp.Multiply or ExpressionOp.Divide
                or ExpressionOp.Modulo:
                Require(children.Length >= 2);
                return MakeArithmetic(op, children, position);
            case ExpressionOp.Concat:
                Require(children.Length >= 2);
                return Concat(children, position);
            case ExpressionOp.IsNull or ExpressionOp.IsNotNull:
                Require(children.Length == 1);
                return new IsNode(op, Coercion.Settle(children[0]), position);
            case ExpressionOp.IsTrue or ExpressionOp.IsNotTrue or ExpressionOp.IsFalse or ExpressionOp.IsNotFalse:
                Require(children.Length == 1);
                return new IsNode(op, Condition(children[0], "IS"), position);
            case ExpressionOp.Like or ExpressionOp.NotLike or ExpressionOp.Ilike or ExpressionOp.NotIlike:
                Require(children.Length is 2 or 3);
                return new LikeNode(op, Texts(children, "LIKE", position), position);
            default:
                return MakeComparison(message, children, position);
        }
    }

    private static Node MakeComparison(ExpressionNode message, Node[] children, int position)
    {
        ExpressionOp op = message.Op;
        switch (op)
        {
            case ExpressionOp.Equal or ExpressionOp.NotEqual or ExpressionOp.Less or ExpressionOp.LessOrEqual
                or ExpressionOp.Greater or ExpressionOp.GreaterOrEqual:
                Require(children.Length == 2);
                return Compare(op, children[0], children[1], position);
            case ExpressionOp.IsDistinctFrom or ExpressionOp.IsNotDistinctFrom:
                Require(children.Length == 2);
                Node[] pair = Unify(children, "IS DISTINCT FROM", position);
                return new DistinctNode(op == ExpressionOp.IsNotDistinctFrom, pair[0], pair[1], position);
            case ExpressionOp.Between or ExpressionOp.NotBetween:
                Require(children.Length == 3);
                return new BetweenNode(
                    op == ExpressionOp.NotBetween, Unify(children, "BETWEEN", position), position);
            case ExpressionOp.In or ExpressionOp.NotIn:
                Require(children.Length >= 2);
                return In(op == ExpressionOp.NotIn, children, position);
            case ExpressionOp.Case:
                return Case(message.Flag, children, position);
            case ExpressionOp.Coalesce:
                Require(children.Length >= 1);
                Node[] values = Unify(children, "COALESCE", position);
                return new CoalesceNode(values, values[0].Type, position);
            case ExpressionOp.Nullif:
                Require(children.Length == 2);
                Node[] both = Unify(children, "NULLIF", position);
                return new NullifNode(both[0], both[1], position);
            default:
                throw Malformed();
        }
    }

    private static void RefuseRows(ExpressionOp op, Node[] children)
    {
        bool takesRows = op is >= ExpressionOp.Equal and <= ExpressionOp.GreaterOrEqual
            or ExpressionOp.In or ExpressionOp.NotIn;
        if (!takesRows && Array.Find(children, c => c is RowNode) is { } row)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, "a row stands only in a comparison", row.Position);
        }
    }

    private static NegateNode Negate(Node child, int position)
    {
        Node operand = child.IsUntyped ? Coercion.To(child, SqlType.Double, CastContext.Implicit) : child;
        return operand.Type.IsNumeric
            ? new NegateNode(Coercion.To(operand, new SqlType(operand.Type.Kind), CastContext.Implicit), position)
            : throw NoOperator("-", [operand], position);
    }

    private static Node MakeArithmetic(ExpressionOp op, Node[] children, int position)
    {
        string symbol = op switch
        {
            ExpressionOp.Add => "+",
            ExpressionOp.Subtract => "-",
            ExpressionOp.Multiply => "*",
            ExpressionOp.Divide => "/",
            _ => "%",
        };
        if (children.Any(c => c is { IsUntyped: false, Type.Kind: SqlKind.Date }))
        {
            return Dates(op, symbol, children, position);
        }

        if (children.All(c => c.IsUntyped))
        {
            // PostgreSQL refuses '1' + '2' as ambiguous; untyped NULLs alone are whole numbers.
            return children.All(c => c is not ConstantNode { Value.IsNull: false })
                ? Arithmetic(op, children, SqlKind.Int32, position)
                : throw NoOperator(symbol, children, position);
        }

        if (Coercion.Common(children) is not { IsNumeric: true } common
            || (op == ExpressionOp.Modulo && common.Kind is SqlKind.Real or SqlKind.Double))
        {
            throw NoOperator(symbol, children, position);
        }

        return Arithmetic(op, children, common.Kind, position);
    }

    private static ArithmeticNode Arithmetic(ExpressionOp op, Node[] children, SqlKind kind, int position)
    {
        var type = new SqlType(kind);
        return new ArithmeticNode(
            op, [.. children.Select(c => Coercion.To(c, type, CastContext.Implicit))], type, position);
    }

    private static DateArithmeticNode Dates(ExpressionOp op, string symbol, Node[] children, int position)
    {
        Node total = children[0];
        DateArithmeticNode? result = null;
        for (int i = 1; i < children.Length; i++)
        {
            Node next = children[i];
            bool bothDates = total.Type.Kind == SqlKind.Date && next.Type.Kind == SqlKind.Date;
            if (op == ExpressionOp.Subtract && total.Type.Kind == SqlKind.Date
                && next is ConstantNode { IsUntyped: true })
            {
                next = Coercion.To(next, SqlType.Date, CastContext.Implicit);
                bothDates = true;
            }

            Node other = total.Type.Kind == SqlKind.Date ? next : total;
            bool fits = op == ExpressionOp.Subtract
                ? total.Type.Kind == SqlKind.Date && (bothDates || next.IsUntyped || next.Type.IsInteger)
                : op == ExpressionOp.Add && !bothDates && (other.IsUntyped || other.Type.IsInteger);
            if (!fits)
            {
                throw NoOperator(symbol, children, position);
            }

            next = next.IsUntyped ? Coercion.To(next, SqlType.Int32, CastContext.Implicit) : next;
            total = total.IsUntyped ? Coercion.To(total, SqlType.Int32, CastContext.Implicit) : total;
            result = new DateArithmeticNode(op, total, next, bothDates ? SqlType.Int32 : SqlType.Date, position);
            total = result;
        }

        return result!;
    }

    private static ConcatNode Concat(Node[] children, int position)
    {
        if (children.Any(c => c is { IsUntyped: false, Type.Kind: SqlKind.Bytes }))
        {
            return new ConcatNode(Unify(children, "||", position), SqlType.Bytes, position);
        }

        if (!children.Any(c => c.IsUntyped || c.Type.Kind == SqlKind.Text))
        {
            throw NoOperator("||", children, position);
        }

        Node[] texts = [.. children.Select(c => Coercion.To(c, SqlType.Text, CastContext.Explicit))];
        return new ConcatNode(texts, SqlType.Text, position);
    }

    private static Node[] Texts(Node[] children, string symbol, int position) =>
        children.All(c => c.IsUntyped || c.Type.Kind == SqlKind.Text)
            ? [.. children.Select(c => Coercion.To(c, SqlType.Text, CastContext.Implicit))]
            : throw NoOperator(symbol, children, position);

    private static Node Compare(ExpressionOp op, Node left, Node right, int position)
    {
        if (left is RowNode || right is RowNode)
        {
            return CompareRows(op, left, right, position);
        }

        Node[] pair = Unify([left, right], Symbol(op), position);
        return new ComparisonNode(op, pair[0], pair[1], position);
    }

    private static RowComparisonNode CompareRows(ExpressionOp op, Node left, Node right, int position)
    {
        if (left is not RowNode a || right is not RowNode b || a.Children.Length != b.Children.Length)
        {
            throw new SqlException(
                SqlStates.SyntaxError, "rows are compared with rows of the same length", position);
        }

        var lefts = new Node[a.Children.Length];
        var rights = new Node[a.Children.Length];
        for (int i = 0; i < lefts.Length; i++)
        {
            Node[] pair = Unify([a.Children[i], b.Children[i]], Symbol(op), position);
            (lefts[i], rights[i]) = (pair[0], pair[1]);
        }

        return new RowComparisonNode(
            op, new RowNode(lefts, a.Position), new RowNode(rights, b.Position), position);
    }

    private static Node In(bool negated, Node[] children, int position)
    {
        if (children[0] is not RowNode)
        {
            return new InNode(negated, Unify(children, "IN", position), position);
        }

        Node[] tests = [.. children.Skip(1).Select(c => Folding.Fold(
            CompareRows(ExpressionOp.Equal, children[0], c, position)))];
        Node any = tests.Length == 1 ? tests[0] : new JunctionNode(isAnd: false, tests, position);
        return negated ? new NotNode(any, position) : any;
    }

    private static CaseNode Case(bool hasOperand, Node[] children, int position)
    {
        int first = hasOperand ? 1 : 0;
        Require(children.Length >= first + 2);
        int pairs = (children.Length - first) / 2;
        bool hasElse = (children.Length - first) % 2 == 1;
        var whens = Enumerable.Range(0, pairs).Select(i => first + (2 * i)).ToList();
        List<int> results = [.. whens.Select(i => i + 1)];
        if (hasElse)
        {
            results.Add(children.Length - 1);
        }

        if (hasOperand)
        {
            Assign(children, [0, .. whens], "CASE", position);
        }
        else
        {
            whens.ForEach(i => children[i] = Condition(children[i], "CASE WHEN"));
        }

        Assign(children, results, "CASE", position);
        return new CaseNode(hasOperand, children, children[results[0]].Type, position);
    }

    private static void Assign(Node[] children, List<int> places, string symbol, int position)
    {
        Node[] unified = Unify([.. places.Select(p => children[p])], symbol, position);
        for (int i = 0; i < places.Count; i++)
        {
            children[places[i]] = unified[i];
        }
    }

    private static Node[] Unify(Node[] nodes, string symbol, int position)
    {
        if (nodes.Any(n => n is RowNode) || Coercion.Common(nodes) is not { } common)
        {
            throw NoOperator(symbol, nodes, position);
        }

        return [.. nodes.Select(n => Coercion.To(n, common, CastContext.Implicit))];
    }

    private static string Symbol(ExpressionOp op) => op switch
    {
        ExpressionOp.Equal => "=",
        ExpressionOp.NotEqual => "<>",
        ExpressionOp.Less => "<",
        ExpressionOp.LessOrEqual => "<=",
        ExpressionOp.Greater => ">",
        _ => ">=",
    };

    private static SqlException NoOperator(string symbol, Node[] operands, int position)
    {
        string[] types = [.. operands.Select(o => o.Type.ToString()).Distinct()];
        return new SqlException(
            SqlStates.UndefinedFunction, $"no operator {symbol} for types {string.Join(", ", types)}", position)
        {
            Hint = "A CAST may help.",
        };
    }
}
