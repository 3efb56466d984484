using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>
/// Binds expressions of one statement over the columns of a scope, with the statement's parameters. Functions whose
/// value only the gateway knows are replaced by their value first, each call once, so that what a shard evaluates
/// depends on row and parameters alone.
/// </summary>
internal sealed class Binding
{
    /// <summary>From so many nodes on parameters become literals: an IN list is a look-up then.</summary>
    private const int InlineParametersFrom = 64;

    private readonly IExpressionScope _scope;
    private readonly ParameterSet _types;
    private readonly PlanningEvaluation _evaluation;
    private readonly Notes _notes;

    private Binding(
        IExpressionScope scope, ParameterSet types, SqlValue[] values, PlanningEvaluation evaluation, Notes notes)
    {
        _scope = scope;
        _types = types;
        ParameterValues = values;
        _evaluation = evaluation;
        _notes = notes;
    }

    /// <summary>The values of the parameters by place.</summary>
    public SqlValue[] ParameterValues { get; }

    /// <summary>Whether an expression that was made into bytes reads a parameter.</summary>
    public bool UsesParameters => _notes.UsesParameters;

    /// <summary>Whether something bound holds a value of this execution, so that the next one needs it anew.</summary>
    public bool HoldsValues => _notes.HoldsValues;

    /// <summary>Over a scope.</summary>
    public static Binding Of(PlanningContext context, IExpressionScope scope)
    {
        var types = new ParameterSet();
        foreach ((string name, SqlValue value) in context.Parameters)
        {
            types.Add(name, new SqlType(value.Kind));
        }

        return new Binding(scope, types, ValuesOf(context, types), new PlanningEvaluation(context), new Notes());
    }

    /// <summary>Over no columns.</summary>
    public static Binding WithoutColumns(PlanningContext context) => Of(context, RowScope.Empty);

    /// <summary>A parameter by its place; 42P02 where it was not supplied.</summary>
    public ExpressionNode Place(ExpressionNode parameter)
    {
        int ordinal = _types.OrdinalOf(parameter.Name);
        return ordinal < 0
            ? throw new SqlException(
                SqlStates.UndefinedParameter, $"parameter @{parameter.Name} not supplied", (int)parameter.Position)
            : new ExpressionNode
            {
                Op = ExpressionOp.BoundParameter,
                Ordinal = (uint)ordinal,
                Type = parameter.Flag ? parameter.Type : _types.TypeAt(ordinal).ToMessage(),
                Flag = parameter.Flag,
                Position = parameter.Position,
            };
    }

    /// <summary>The name of a parameter.</summary>
    public string ParameterName(int ordinal) => _types.Keys.ElementAt(ordinal);

    /// <summary>The same for another execution, whose parameters have the same names and types.</summary>
    public Binding For(PlanningContext context)
    {
        var notes = new Notes { UsesParameters = _notes.UsesParameters, HoldsValues = _notes.HoldsValues };
        return new Binding(_scope, _types, ValuesOf(context, _types), new PlanningEvaluation(context), notes);
    }

    /// <summary>The same, noting for itself.</summary>
    public Binding Apart() => new(_scope, _types, ParameterValues, _evaluation, new Notes());

    /// <summary>Notes that what was bound elsewhere reads a parameter.</summary>
    public void Note(bool usesParameters) => _notes.UsesParameters |= usesParameters;

    /// <summary>The same parameters over another scope; what is noted is noted together.</summary>
    public Binding Over(IExpressionScope scope) => new(scope, _types, ParameterValues, _evaluation, _notes);

    /// <summary>Groups by some expressions, folded already.</summary>
    public AggregateBinding Group(IReadOnlyList<Expression> groups) => new(_scope, groups, _types);

    /// <summary>Binds an expression.</summary>
    public BoundExpression Bind(Expression expression) => ExpressionBinder.Bind(Fold(expression), _scope, _types);

    /// <summary>Binds a condition; 42804 unless it is boolean.</summary>
    public BoundExpression BindCondition(Expression expression, string clause) =>
        ExpressionBinder.BindCondition(Fold(expression), _scope, _types, clause);

    /// <summary>Binds a value for a column.</summary>
    public BoundExpression BindAssignment(Expression expression, ColumnDescriptor column) =>
        ExpressionBinder.BindAssignment(Fold(expression), _scope, _types, column.Type);

    /// <summary>Finds what is wrong with a default before the first row needs it.</summary>
    public void CheckAssignment(Expression expression, ColumnDescriptor column) =>
        _ = ExpressionBinder.BindAssignment(expression, _scope, _types, column.Type);

    /// <summary>Binds an expression whose functions keep their calls: each evaluation makes them.</summary>
    public BoundExpression BindAsIs(Expression expression) => ExpressionBinder.Bind(expression, RowScope.Empty, _types);

    /// <summary>As <see cref="BindAsIs"/>, a value for a column, over the scope.</summary>
    public BoundExpression BindAssignmentAsIs(Expression expression, ColumnDescriptor column) =>
        ExpressionBinder.BindAssignment(expression, _scope, _types, column.Type);

    /// <summary>As <see cref="BindAsIs"/>, with columns that are places already.</summary>
    public BoundExpression BindOver(Expression expression)
    {
        Expression placed = expression.Clone();
        for (int i = 0; i < placed.Nodes.Count; i++)
        {
            placed.Nodes[i] = placed.Nodes[i].Op == ExpressionOp.Parameter ? Place(placed.Nodes[i]) : placed.Nodes[i];
        }

        return BoundExpression.FromMessage(placed);
    }

    /// <summary>The value over a row, with the gateway's context.</summary>
    public SqlValue Evaluate(BoundExpression bound, SqlValue[] row) =>
        bound.Evaluate(row, ParameterValues, _evaluation);

    /// <summary>The value of an expression without columns.</summary>
    public SqlValue Evaluate(Expression expression)
    {
        // Long IN lists are lists of these.
        if (expression.Nodes.Count == 1)
        {
            ExpressionNode node = expression.Nodes[0];
            if (node.Op == ExpressionOp.Literal)
            {
                return ValueCodec.FromBytes(node.Literal.Span);
            }

            if (node.Op == ExpressionOp.Parameter && _types.OrdinalOf(node.Name) is >= 0 and int ordinal)
            {
                return ParameterValues[ordinal];
            }
        }

        return ExpressionBinder.Bind(expression, RowScope.Empty, _types).Evaluate([], ParameterValues, _evaluation);
    }

    /// <summary>The value of an expression without columns, converted for a column.</summary>
    public SqlValue EvaluateAssignment(Expression expression, ColumnDescriptor column)
    {
        if (expression.Nodes.Count == 1 && expression.Nodes[0] is { Op: ExpressionOp.Parameter } parameter
            && _types.OrdinalOf(parameter.Name) is >= 0 and int ordinal)
        {
            return SqlCast.To(ParameterValues[ordinal], column.Type, isExplicit: false);
        }

        return ExpressionBinder.BindAssignment(expression, RowScope.Empty, _types, column.Type)
            .Evaluate([], ParameterValues, _evaluation);
    }

    /// <summary>LIMIT or OFFSET; null: none.</summary>
    public long? EvaluateCount(Expression? expression, bool isOffset) => expression is null || expression.Nodes.Count == 0
        ? null
        : ExpressionBinder.EvaluateCount(expression, _types, ParameterValues, isOffset);

    /// <summary>A bound expression as it travels in a fragment.</summary>
    public ByteString ToBytes(BoundExpression bound)
    {
        Expression message = bound.ToMessage();
        if (message.Nodes.Count < InlineParametersFrom)
        {
            return ToBytes(message);
        }

        _notes.HoldsValues |= ParameterValues.Length > 0;
        return ToBytes(bound.WithParameters(ParameterValues).ToMessage());
    }

    /// <summary>A bound aggregate as it travels in a fragment.</summary>
    public ByteString ToBytes(AggregateCall call) => ToBytes(call.ToMessage());

    private ByteString ToBytes(Expression message)
    {
        foreach (ExpressionNode node in message.Nodes)
        {
            _notes.UsesParameters |= node.Op == ExpressionOp.BoundParameter;
        }

        return message.ToByteString();
    }

    /// <summary>The expression with each call of a function that needs the gateway's context replaced by its value.
    /// </summary>
    public Expression Fold(Expression expression)
    {
        Expression? folded = null;
        for (int i = 0; i < expression.Nodes.Count; i++)
        {
            ExpressionNode node = expression.Nodes[i];
            if (SequenceFunctions.IsCall(node) && node.Children > 0)
            {
                return FoldCalls(expression);
            }

            if (node.Op != ExpressionOp.Function || node.Children > 0)
            {
                continue;
            }

            BoundExpression call = ExpressionBinder.Bind(
                new Expression { Nodes = { node } }, RowScope.Empty, _types);
            if (call.IsVolatile)
            {
                _notes.HoldsValues = true;
                folded ??= expression.Clone();
                SqlValue value = call.Evaluate([], ParameterValues, _evaluation);
                folded.Nodes[i] = Literal(value).Nodes[0];
                folded.Nodes[i].Position = node.Position;
            }
        }

        return folded ?? expression;
    }

    /// <summary>As <see cref="Fold"/>, where functions of sequences are called.</summary>
    private Expression FoldCalls(Expression expression)
    {
        var folded = new List<ExpressionNode>(expression.Nodes.Count);
        var starts = new Stack<int>();
        foreach (ExpressionNode node in expression.Nodes)
        {
            int start = folded.Count;
            for (uint i = 0; i < node.Children; i++)
            {
                start = starts.Pop();
            }

            starts.Push(start);
            folded.Add(node);
            if (SequenceFunctions.IsCall(node) && node.Children > 0)
            {
                ExpressionNode value = ValueOf(node, folded.GetRange(start, folded.Count - start));
                folded.RemoveRange(start, folded.Count - start);
                folded.Add(value);
            }
        }

        return Fold(new Expression { Nodes = { folded } });
    }

    /// <summary>The value of currval. What changes a sequence is not evaluated once for all rows.</summary>
    private ExpressionNode ValueOf(ExpressionNode call, IEnumerable<ExpressionNode> nodes)
    {
        if (SequenceFunctions.IsChange(call))
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"{call.Name} is not supported here", (int)call.Position)
            {
                Hint = $"It stands in the list of a SELECT, in VALUES, in SET, or is the DEFAULT of a column. Elsewhere: SELECT {call.Name}(...) first, and pass what it gave as a parameter.",
            };
        }

        _notes.HoldsValues = true;
        ExpressionNode value = Literal(Evaluate(new Expression { Nodes = { nodes } })).Nodes[0];
        value.Position = call.Position;
        return value;
    }

    /// <summary>Whether the expression is the word DEFAULT.</summary>
    public static bool IsDefault(Expression expression) =>
        expression.Nodes.Count == 1 && expression.Nodes[0].Op == ExpressionOp.Default;

    /// <summary>A literal of a value, of its own type.</summary>
    public static Expression Literal(SqlValue value) => new()
    {
        Nodes =
        {
            new ExpressionNode
            {
                Op = ExpressionOp.Literal,
                Literal = UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(value)),
                Type = new SqlType(value.Kind).ToMessage(),
            },
        },
    };

    /// <summary>A name given twice keeps its first place and value.</summary>
    private static SqlValue[] ValuesOf(PlanningContext context, ParameterSet types)
    {
        var values = new SqlValue[types.Count];
        for (int i = context.Parameters.Count - 1; i >= 0; i--)
        {
            values[types.OrdinalOf(context.Parameters[i].Key)] = context.Parameters[i].Value;
        }

        return values;
    }

    private sealed class Notes
    {
        public bool UsesParameters { get; set; }

        public bool HoldsValues { get; set; }
    }
}
