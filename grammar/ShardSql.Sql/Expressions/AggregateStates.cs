using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>COUNT.</summary>
internal sealed class CountState(bool countsNulls) : IAggregateState
{
    private long _count;

    public SqlValue Result => SqlValue.FromInt64(_count);

    public long ExtraBytes => 0;

    public void Add(SqlValue value) => _count += countsNulls || !value.IsNull ? 1 : 0;

    public void WritePartial(Span<SqlValue> partial) => partial[0] = Result;

    public void MergePartial(ReadOnlySpan<SqlValue> partial) => _count = checked(_count + partial[0].AsInt64());
}

/// <summary>MIN and MAX; BOOL_AND is the smaller and BOOL_OR the larger.</summary>
internal sealed class ExtremeState(int sign, SqlKind kind) : IAggregateState
{
    private SqlValue _best = SqlValue.NullOf(kind);

    public SqlValue Result => _best;

    public long ExtraBytes => _best.EstimateBytes();

    public void Add(SqlValue value)
    {
        if (!value.IsNull && (_best.IsNull || SqlValue.Compare(value, _best) * sign > 0))
        {
            _best = value;
        }
    }

    public void WritePartial(Span<SqlValue> partial) => partial[0] = _best;

    public void MergePartial(ReadOnlySpan<SqlValue> partial) => Add(partial[0]);
}

/// <summary>SUM and AVG of whole numbers and decimals, exact: the order of rows does not matter.</summary>
internal sealed class ExactSumState(bool isAverage, SqlKind result) : IAggregateState
{
    private Decimal38 _sum;
    private long _count;

    public SqlValue Result
    {
        get
        {
            if (_count == 0)
            {
                return SqlValue.NullOf(result);
            }

            return isAverage ? SqlValue.FromDecimal(_sum / _count)
                : result == SqlKind.Int64 ? Arithmetic.Narrow(_sum.Unscaled, SqlKind.Int64)
                : SqlValue.FromDecimal(_sum);
        }
    }

    public long ExtraBytes => 0;

    public void Add(SqlValue value)
    {
        if (!value.IsNull)
        {
            _sum += value.AsDecimal();
            _count++;
        }
    }

    public void WritePartial(Span<SqlValue> partial)
    {
        partial[0] = _count == 0 ? SqlValue.NullOf(SqlKind.Decimal) : SqlValue.FromDecimal(_sum);
        if (isAverage)
        {
            partial[1] = SqlValue.FromInt64(_count);
        }
    }

    public void MergePartial(ReadOnlySpan<SqlValue> partial)
    {
        if (!partial[0].IsNull)
        {
            _sum += partial[0].AsDecimal();
            _count = checked(_count + (isAverage ? partial[1].AsInt64() : 1));
        }
    }
}

/// <summary>SUM and AVG of real and double.</summary>
internal sealed class DoubleSumState(bool isAverage, SqlKind result) : IAggregateState
{
    private double _sum;
    private long _count;

    public SqlValue Result => _count == 0 ? SqlValue.NullOf(result)
        : isAverage ? SqlValue.FromDouble(_sum / _count)
        : result == SqlKind.Real ? SqlValue.FromReal((float)_sum)
        : SqlValue.FromDouble(_sum);

    public long ExtraBytes => 0;

    public void Add(SqlValue value)
    {
        if (!value.IsNull)
        {
            _sum += value.AsDouble();
            _count++;
        }
    }

    public void WritePartial(Span<SqlValue> partial)
    {
        partial[0] = _count == 0 ? SqlValue.NullOf(SqlKind.Double) : SqlValue.FromDouble(_sum);
        if (isAverage)
        {
            partial[1] = SqlValue.FromInt64(_count);
        }
    }

    public void MergePartial(ReadOnlySpan<SqlValue> partial)
    {
        if (!partial[0].IsNull)
        {
            _sum += partial[0].AsDouble();
            _count = checked(_count + (isAverage ? partial[1].AsInt64() : 1));
        }
    }
}

/// <summary>An aggregate over distinct values. It has no partial of a few values: all rows go to one state.</summary>
internal sealed class DistinctState(IAggregateState inner) : IAggregateState
{
    private readonly HashSet<SqlValue> _seen = [];
    private long _bytes;

    public SqlValue Result => inner.Result;

    public long ExtraBytes => _bytes + inner.ExtraBytes;

    public void Add(SqlValue value)
    {
        if (!value.IsNull && _seen.Add(value))
        {
            _bytes += value.EstimateBytes();
            inner.Add(value);
        }
    }

    public void WritePartial(Span<SqlValue> partial) => throw NoPartial();

    public void MergePartial(ReadOnlySpan<SqlValue> partial) => throw NoPartial();

    private static InvalidOperationException NoPartial() => new("an aggregate over distinct values has no partial");
}
