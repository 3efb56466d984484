using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>What a query inside of an expression gave for some values of its slots.</summary>
internal sealed class SubqueryResult
{
    private const int EntryOverheadBytes = 160;

    private readonly Subquery _query;
    private readonly RowBuffer _rows;
    private readonly ByteWriter _scratch = new();
    private readonly Dictionary<byte[], bool>? _set;
    private bool _hasNulls;

    public SubqueryResult(Subquery query, MemoryAccount account)
    {
        _query = query;
        _rows = new RowBuffer(account);
        _set = query.Hashed ? new Dictionary<byte[], bool>(ByteKeyComparer.Instance) : null;
        Value = SqlValue.NullOf(query.Type?.Kind ?? Sql.Tree.SqlKind.Null);
    }

    /// <summary>The one value.</summary>
    public SqlValue Value { get; private set; }

    /// <summary>Whether further rows change nothing.</summary>
    public bool IsKnown { get; private set; }

    public int Rows { get; private set; }

    public SqlValue[] this[int index] => _rows[index];

    public void Add(SqlValue[] row)
    {
        Rows++;
        switch (_query.Kind)
        {
            case SubqueryKind.Exists:
                IsKnown = true;
                break;
            case SubqueryKind.Value:
                Value = Rows == 1
                    ? row[0]
                    : throw new SqlException(
                        SqlStates.CardinalityViolation, "more than one row returned by a query used as an expression");
                break;
            default:
                Keep(row);
                break;
        }
    }

    /// <summary>Equality with any of the rows by their hash; false where NULLs make it a matter of each row.</summary>
    public bool TryFind(SqlValue[] operands, out SqlValue found)
    {
        bool hasNull = Array.Exists(operands, static o => o.IsNull);
        found = SqlValue.NullOf(Sql.Tree.SqlKind.Boolean);
        if (hasNull)
        {
            return operands.Length == 1;
        }

        bool isThere = _set!.ContainsKey(RowKeys.KeyOf(_scratch, operands));
        if (isThere || !_hasNulls)
        {
            found = SqlValue.FromBoolean(isThere);
            return true;
        }

        return operands.Length == 1;
    }

    /// <summary>Pays for being kept.</summary>
    public void Charge(int keyBytes) => _rows.Charge(EntryOverheadBytes + keyBytes + Value.EstimateBytes());

    public void Clear() => _rows.Clear();

    private void Keep(SqlValue[] row)
    {
        _rows.Add(row);
        if (_set is null)
        {
            return;
        }

        if (Array.Exists(row, static v => v.IsNull))
        {
            _hasNulls = true;
            return;
        }

        byte[] key = RowKeys.KeyOf(_scratch, row);
        if (_set.TryAdd(key, true))
        {
            _rows.Charge(key.Length + EntryOverheadBytes);
        }
    }
}
