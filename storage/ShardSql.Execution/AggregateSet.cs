using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>The groups and aggregates of a query: how rows are keyed, what states a group has, what rows they give.
/// </summary>
internal sealed class AggregateSet
{
    private readonly AggregateCall[] _calls;
    private readonly RowExpression[] _groups;
    private readonly RowExpression?[] _arguments;
    private readonly int[] _partialWidths;
    private readonly ByteWriter _key = new();

    public AggregateSet(Aggregation plan, SqlValue[] parameters)
    {
        _groups = RowExpression.All(plan.Groups, parameters);
        _calls = new AggregateCall[plan.Aggregates.Count];
        _arguments = new RowExpression?[_calls.Length];
        _partialWidths = new int[_calls.Length];
        IsPartial = plan.Partial;
        PartialWidth = _groups.Length;
        for (int i = 0; i < _calls.Length; i++)
        {
            _calls[i] = Decode(plan.Aggregates[i]);
            _arguments[i] = _calls[i].Argument is { } argument ? RowExpression.Of(argument, parameters) : null;
            _partialWidths[i] = _calls[i].PartialTypes.Count;
            PartialWidth += _partialWidths[i];
        }
    }

    /// <summary>Whether the rows given on are partials.</summary>
    public bool IsPartial { get; }

    /// <summary>Number of grouping expressions; none: one group of all rows.</summary>
    public int Groups => _groups.Length;

    /// <summary>Columns of a row of partials.</summary>
    public int PartialWidth { get; }

    /// <summary>The group of a row.</summary>
    public SqlValue[] GroupOf(SqlValue[] row) => Array.ConvertAll(_groups, group => group.Evaluate(row));

    /// <summary>The bytes that tell groups apart and order them.</summary>
    public byte[] KeyOf(ReadOnlySpan<SqlValue> group)
    {
        _key.Clear();
        foreach (SqlValue value in group)
        {
            KeyCodec.Append(_key, value);
        }

        return _key.ToArray();
    }

    /// <summary>Empty states.</summary>
    public IAggregateState[] CreateStates() => Array.ConvertAll(_calls, call => call.CreateState());

    /// <summary>Adds a row to the states of its group; gives the bytes by which they grew.</summary>
    public long Add(IAggregateState[] states, SqlValue[] row)
    {
        long grown = 0;
        for (int i = 0; i < states.Length; i++)
        {
            long before = states[i].ExtraBytes;
            states[i].Add(_arguments[i]?.Evaluate(row) ?? SqlValue.True);
            grown += states[i].ExtraBytes - before;
        }

        return grown;
    }

    /// <summary>Adds a row of partials to the states of its group; gives the bytes by which they grew.</summary>
    public long Merge(IAggregateState[] states, SqlValue[] partials)
    {
        if (partials.Length != PartialWidth)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed partial aggregates from a shard");
        }

        int place = _groups.Length;
        long grown = 0;
        for (int i = 0; i < states.Length; i++)
        {
            long before = states[i].ExtraBytes;
            states[i].MergePartial(partials.AsSpan(place, _partialWidths[i]));
            place += _partialWidths[i];
            grown += states[i].ExtraBytes - before;
        }

        return grown;
    }

    /// <summary>The row of a group: its values, then results or partials.</summary>
    public SqlValue[] RowOf(SqlValue[] group, IAggregateState[] states, bool partial)
    {
        var row = new SqlValue[partial ? PartialWidth : group.Length + states.Length];
        group.CopyTo(row, 0);
        int place = group.Length;
        for (int i = 0; i < states.Length; i++)
        {
            if (partial)
            {
                states[i].WritePartial(row.AsSpan(place, _partialWidths[i]));
                place += _partialWidths[i];
            }
            else
            {
                row[place++] = states[i].Result;
            }
        }

        return row;
    }

    private static AggregateCall Decode(ByteString bytes)
    {
        try
        {
            return AggregateCall.FromMessage(Expression.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed aggregate: " + exception.Message);
        }
    }
}
