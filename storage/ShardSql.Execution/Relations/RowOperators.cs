using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Rows of expressions over nothing.</summary>
internal sealed class ValuesOperator : Operator
{
    private readonly RowExpression[][] _rows;
    private int _next;

    public ValuesOperator(ValuesNode node, RelationContext context)
    {
        _rows = new RowExpression[node.Rows.Count][];
        for (int i = 0; i < _rows.Length; i++)
        {
            _rows[i] = RowExpression.All(node.Rows[i].Values, context.Parameters);
        }
    }

    public override PullState Pull(out SqlValue[] row)
    {
        if (_next == _rows.Length)
        {
            row = [];
            return PullState.End;
        }

        row = ProjectOperator.Project(_rows[_next++], []);
        return PullState.Row;
    }

    public override void Rewind() => _next = 0;
}

/// <summary>The rows for which a condition is true.</summary>
internal sealed class FilterOperator(FilterNode node, RelationContext context) : Operator
{
    private readonly Operator _input = Of(node.Input, context);
    private readonly RowExpression _condition = RowExpression.Required(node.Condition, context.Parameters);

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        while (true)
        {
            PullState state = _input.Pull(out row);
            if (state != PullState.Row || _condition.Evaluate(row).IsTrue)
            {
                return state;
            }

            if (!context.TrySpend())
            {
                return PullState.Wait;
            }
        }
    }

    public override void Rewind() => _input.Rewind();
}

/// <summary>Expressions of each row.</summary>
internal sealed class ProjectOperator(ProjectNode node, RelationContext context) : Operator
{
    private readonly Operator _input = Of(node.Input, context);
    private readonly RowExpression[] _expressions = RowExpression.All(node.Expressions, context.Parameters);

    /// <summary>The values of expressions.</summary>
    public static SqlValue[] Project(RowExpression[] expressions, SqlValue[] row)
    {
        var projected = new SqlValue[expressions.Length];
        for (int i = 0; i < projected.Length; i++)
        {
            projected[i] = expressions[i].Evaluate(row);
        }

        return projected;
    }

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        PullState state = _input.Pull(out row);
        if (state == PullState.Row)
        {
            row = Project(_expressions, row);
        }

        return state;
    }

    public override void Rewind() => _input.Rewind();
}

/// <summary>Each row once.</summary>
internal sealed class DistinctOperator(DistinctNode node, RelationContext context) : Operator
{
    private readonly Operator _input = Of(node.Input, context);
    private DistinctFilter _seen = new(context.Account);

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        while (true)
        {
            PullState state = _input.Pull(out row);
            if (state != PullState.Row || _seen.IsNew(row))
            {
                return state;
            }

            if (!context.TrySpend())
            {
                return PullState.Wait;
            }
        }
    }

    public override void Rewind()
    {
        _input.Rewind();
        _seen.Clear();
        _seen = new DistinctFilter(context.Account);
    }
}

/// <summary>So many rows after so many.</summary>
internal sealed class LimitOperator(LimitNode node, RelationContext context) : Operator
{
    private readonly Operator _input = Of(node.Input, context);
    private RowLimit? _limit;

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        _limit ??= RowLimit.Of(node, context.Parameters);
        while (_limit.Left > 0)
        {
            PullState state = _input.Pull(out row);
            if (state != PullState.Row)
            {
                return state;
            }

            if (_limit.Skip > 0)
            {
                _limit.Skip--;
                continue;
            }

            _limit.Left--;
            return PullState.Row;
        }

        row = [];
        return PullState.End;
    }

    public override void Rewind()
    {
        _input.Rewind();
        _limit = null;
    }
}
