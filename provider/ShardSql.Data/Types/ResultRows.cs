using System;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Types;

/// <summary>The rows of one batch after another, decoded one at a time into the same array.</summary>
internal sealed class ResultRows
{
    private RowBatch? _batch;
    private int _offset;
    private uint _left;

    /// <summary>The row that was read last.</summary>
    public SqlValue[] Current { get; private set; } = [];

    /// <summary>The batch that is being read; credited when it is empty.</summary>
    public RowBatch? Batch => _batch;

    /// <summary>Whether the batch has another row.</summary>
    public bool HasNext => _left > 0;

    /// <summary>Begins a result.</summary>
    public void Reset(int columns)
    {
        Current = columns == 0 ? [] : new SqlValue[columns];
        _batch = null;
        _left = 0;
    }

    /// <summary>Begins a batch.</summary>
    public void Take(RowBatch batch)
    {
        _batch = batch;
        _offset = 0;
        _left = batch.Count;
    }

    /// <summary>Leaves the batch, whatever rows it still has.</summary>
    public void Drop()
    {
        _batch = null;
        _left = 0;
    }

    /// <summary>Decodes the next row of the batch.</summary>
    /// <exception cref="ShardSqlException">The bytes are no row (08P01).</exception>
    public void Next()
    {
        ReadOnlySpan<byte> bytes = _batch!.Rows.Span;
        var reader = new ByteReader(bytes[_offset..]);
        int columns;
        try
        {
            columns = RowCodec.Read(ref reader, Current);
        }
        catch (SqlException error)
        {
            throw ErrorFactory.FromParser(error);
        }

        if (reader.Failed || columns != Current.Length)
        {
            throw new ShardSqlException(
                SqlStates.ProtocolViolation, "the gateway sent a malformed row", ShardSqlOutcome.Unknown);
        }

        _offset = bytes.Length - reader.Remaining;
        _left--;
    }
}
