using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>
/// A query inside of an expression. What it gave is kept by the values of the slots that it reads, so it runs once for
/// each combination of them, and once at all where it reads none.
/// </summary>
internal sealed class SubqueryState
{
    private const int CacheEntries = 4_096;

    private readonly Subquery _query;
    private readonly RelationContext _context;
    private readonly Operator _plan;
    private readonly RowExpression[] _slotValues;
    private readonly RowExpression[] _operands;
    private readonly RowExpression? _comparison;
    private readonly ByteWriter _scratch = new();
    private readonly Dictionary<byte[], SubqueryResult> _known = new(ByteKeyComparer.Instance);
    private SubqueryResult? _running;
    private byte[] _runningKey = [];

    public SubqueryState(Subquery query, RelationContext context)
    {
        _query = query;
        _context = context;
        _plan = Operator.Of(query.Plan, context);
        _slotValues = new RowExpression[query.Slots.Count];
        for (int i = 0; i < _slotValues.Length; i++)
        {
            _slotValues[i] = RowExpression.Required(query.Slots[i].Value, context.Parameters);
        }

        _operands = RowExpression.All(query.Operands, context.Parameters);
        _comparison = RowExpression.Optional(query.Comparison, context.Parameters);
    }

    /// <summary>Its value for a row; false: not yet.</summary>
    public bool TryEvaluate(SqlValue[] row, out SqlValue value)
    {
        value = default;
        if (_running is null)
        {
            for (int i = 0; i < _slotValues.Length; i++)
            {
                _context.Parameters[(int)_query.Slots[i].Slot] = _slotValues[i].Evaluate(row);
            }

            byte[] key = Key();
            if (_known.TryGetValue(key, out SubqueryResult? known))
            {
                value = ValueOf(known, row);
                return true;
            }

            _runningKey = key;
            _running = new SubqueryResult(_query, _context.Account);
            _plan.Rewind();
        }

        if (!Run(_running))
        {
            return false;
        }

        SubqueryResult result = _running;
        _running = null;
        Keep(result);
        value = ValueOf(result, row);
        return true;
    }

    /// <summary>Forgets what is on its way; what is known stays, as it depends on the slots alone.</summary>
    public void Rewind()
    {
        _running?.Clear();
        _running = null;
    }

    private byte[] Key()
    {
        _scratch.Clear();
        foreach (uint slot in _query.Reads)
        {
            KeyCodec.Append(_scratch, _context.Parameters[(int)slot]);
        }

        return _scratch.ToArray();
    }

    private bool Run(SubqueryResult result)
    {
        while (!result.IsKnown)
        {
            PullState state = _plan.Pull(out SqlValue[] row);
            if (state == PullState.Wait)
            {
                return false;
            }

            if (state == PullState.End)
            {
                break;
            }

            result.Add(row);
        }

        return true;
    }

    private void Keep(SubqueryResult result)
    {
        if (_known.Count == CacheEntries)
        {
            foreach (SubqueryResult old in _known.Values)
            {
                old.Clear();
            }

            _known.Clear();
        }

        result.Charge(_runningKey.Length);
        _known.Add(_runningKey, result);
    }

    private SqlValue ValueOf(SubqueryResult result, SqlValue[] row) => _query.Kind switch
    {
        SubqueryKind.Value => result.Value,
        SubqueryKind.Exists => SqlValue.FromBoolean(result.Rows > 0),
        _ => Test(result, row),
    };

    private SqlValue Test(SubqueryResult result, SqlValue[] row)
    {
        bool isAny = _query.Kind == SubqueryKind.Any;
        if (result.Rows == 0)
        {
            return SqlValue.FromBoolean(!isAny);
        }

        SqlValue[] operands = ProjectOperator.Project(_operands, row);
        if (_query.Hashed && result.TryFind(operands, out SqlValue found))
        {
            return found;
        }

        bool isUnknown = false;
        for (int i = 0; i < result.Rows; i++)
        {
            SqlValue compared = _comparison!.Evaluate([.. operands, .. result[i]]);
            if (isAny ? compared.IsTrue : compared.IsFalse)
            {
                return compared;
            }

            isUnknown |= compared.IsNull;
        }

        return isUnknown ? SqlValue.NullOf(Sql.Tree.SqlKind.Boolean) : SqlValue.FromBoolean(!isAny);
    }
}
