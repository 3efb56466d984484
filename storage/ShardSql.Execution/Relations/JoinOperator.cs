using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>
/// A hash join: keeps the rows of the right by their keys, then goes along the left. Where the right can be asked for
/// single keys, the left is read first, and while it has few rows the right gives only what they need.
/// </summary>
internal sealed class JoinOperator : Operator
{
    /// <summary>So many rows of the left at most are looked up by key.</summary>
    public const int LookUpRows = 1_024;

    private const int EntryOverheadBytes = 80;

    private readonly JoinNode _node;
    private readonly RelationContext _context;
    private readonly Operator _left;
    private readonly Operator _right;
    private readonly RowKeys _leftKeys;
    private readonly RowKeys _rightKeys;
    private readonly RowExpression? _condition;
    private readonly RowBuffer _waiting;
    private readonly RowBuffer _kept;
    private readonly ByteWriter _scratch = new();
    private readonly Dictionary<byte[], List<int>> _byKey = new(ByteKeyComparer.Instance);
    private readonly List<bool> _met = [];
    private Phase _phase;
    private bool _leftEnded;
    private int _nextWaiting;
    private SqlValue[]? _row;
    private List<int>? _matches;
    private int _nextMatch;
    private bool _isMet;

    public JoinOperator(JoinNode node, RelationContext context)
    {
        _node = node;
        _context = context;
        _left = Of(node.Left, context);
        _right = Of(node.Right, context);
        _leftKeys = new RowKeys(node.LeftKeys, context.Parameters);
        _rightKeys = new RowKeys(node.RightKeys, context.Parameters);
        _condition = RowExpression.Optional(node.Condition, context.Parameters);
        _waiting = new RowBuffer(context.Account);
        _kept = new RowBuffer(context.Account);
    }

    private enum Phase
    {
        First,
        Build,
        Probe,
        Rest,
    }

    private bool KeepsLeft => _node.Kind is RelationJoinKind.Left or RelationJoinKind.Full;

    private bool KeepsRight => _node.Kind is RelationJoinKind.Right or RelationJoinKind.Full;

    public override void Start()
    {
        _left.Start();
        if (!_node.LooksUp)
        {
            _right.Start();
        }
    }

    public override PullState Pull(out SqlValue[] row)
    {
        row = [];
        while (true)
        {
            PullState state = _phase switch
            {
                Phase.First => ReadAhead(),
                Phase.Build => Build(),
                Phase.Probe => Probe(out row),
                _ => Rest(out row),
            };
            if (state is PullState.Row or PullState.Wait || _phase == Phase.Rest)
            {
                return state;
            }

            if (_phase == Phase.Probe && !KeepsRight)
            {
                return PullState.End;
            }

            _phase++;
            _nextMatch = 0;
        }
    }

    public override void Rewind()
    {
        _left.Rewind();
        _right.Rewind();
        _waiting.Clear();
        _kept.Clear();
        _byKey.Clear();
        _met.Clear();
        _phase = Phase.First;
        _leftEnded = false;
        _nextWaiting = 0;
        _row = null;
        _matches = null;
        _nextMatch = 0;
    }

    /// <summary>Reads the first rows of the left: without any the right need not be read.</summary>
    private PullState ReadAhead()
    {
        int wanted = _node.LooksUp ? LookUpRows + 1 : 1;
        while (!_leftEnded && _waiting.Count < wanted)
        {
            PullState state = _left.Pull(out SqlValue[] row);
            if (state == PullState.Wait)
            {
                return state;
            }

            _leftEnded = state == PullState.End;
            if (!_leftEnded)
            {
                _waiting.Add(row);
            }
        }

        if (_waiting.Count == 0 && !KeepsRight)
        {
            _phase = Phase.Rest;
        }
        else if (_node.LooksUp && _leftEnded)
        {
            ((StreamOperator)_right.Itself).LookUp(KeysOfWaiting());
        }

        return PullState.End;
    }

    private List<SqlValue[]> KeysOfWaiting()
    {
        var seen = new Dictionary<byte[], bool>(ByteKeyComparer.Instance);
        var keys = new List<SqlValue[]>();
        for (int i = 0; i < _waiting.Count; i++)
        {
            SqlValue[] values = _leftKeys.ValuesOf(_waiting[i]);
            var key = new SqlValue[_node.LookupKeys.Count];
            bool isNull = false;
            for (int k = 0; k < key.Length; k++)
            {
                key[k] = values[(int)_node.LookupKeys[k]];
                isNull |= key[k].IsNull;
            }

            if (!isNull && seen.TryAdd(RowKeys.KeyOf(_scratch, key), true))
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    private PullState Build()
    {
        PullState state;
        while ((state = _right.Pull(out SqlValue[] row)) == PullState.Row)
        {
            if (_rightKeys.Count > 0 && _rightKeys.TryKeyOf(row) is { } key)
            {
                if (!_byKey.TryGetValue(key, out List<int>? places))
                {
                    places = [];
                    _byKey.Add(key, places);
                    _kept.Charge(key.Length + EntryOverheadBytes);
                }

                places.Add(_kept.Count);
            }
            else if (_rightKeys.Count > 0 && !KeepsRight)
            {
                continue;
            }

            _kept.Add(row);
            if (KeepsRight)
            {
                _met.Add(false);
            }
        }

        return state;
    }

    private PullState Probe(out SqlValue[] row)
    {
        while (true)
        {
            if (_row is null)
            {
                PullState state = NextLeft(out row);
                if (state != PullState.Row)
                {
                    return state;
                }

                _row = row;
                _isMet = false;
                _nextMatch = 0;
                _matches = _leftKeys.Count > 0 && _leftKeys.TryKeyOf(row) is { } key
                    ? _byKey.GetValueOrDefault(key)
                    : null;
            }

            if (TryMatch(_row, out row, out bool isSpent))
            {
                return PullState.Row;
            }

            if (isSpent)
            {
                return PullState.Wait;
            }

            SqlValue[] alone = _row;
            _row = null;
            if (!_isMet && KeepsLeft)
            {
                row = Pair(alone, new SqlValue[_node.RightWidth]);
                return PullState.Row;
            }
        }
    }

    private bool TryMatch(SqlValue[] left, out SqlValue[] row, out bool isSpent)
    {
        int count = _leftKeys.Count > 0 ? _matches?.Count ?? 0 : _kept.Count;
        isSpent = false;
        while (_nextMatch < count)
        {
            if (!_context.TrySpend())
            {
                isSpent = true;
                break;
            }

            int place = _leftKeys.Count > 0 ? _matches![_nextMatch] : _nextMatch;
            _nextMatch++;
            row = Pair(left, _kept[place]);
            if (_condition is null || _condition.Evaluate(row).IsTrue)
            {
                _isMet = true;
                if (KeepsRight)
                {
                    _met[place] = true;
                }

                return true;
            }
        }

        row = [];
        return false;
    }

    private PullState NextLeft(out SqlValue[] row)
    {
        if (_nextWaiting < _waiting.Count)
        {
            row = _waiting[_nextWaiting++];
            return PullState.Row;
        }

        row = [];
        return _leftEnded ? PullState.End : _left.Pull(out row);
    }

    /// <summary>The rows of the right that met none of the left.</summary>
    private PullState Rest(out SqlValue[] row)
    {
        while (KeepsRight && _nextMatch < _kept.Count)
        {
            int place = _nextMatch++;
            if (!_met[place])
            {
                row = Pair(new SqlValue[_node.LeftWidth], _kept[place]);
                return PullState.Row;
            }
        }

        row = [];
        return PullState.End;
    }

    private SqlValue[] Pair(SqlValue[] left, SqlValue[] right)
    {
        var row = new SqlValue[_node.LeftWidth + _node.RightWidth];
        left.CopyTo(row, 0);
        right.CopyTo(row, (int)_node.LeftWidth);
        return row;
    }
}
