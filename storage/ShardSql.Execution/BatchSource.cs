using System;
using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>The rows of one fragment, as batches that were supplied and are charged until they are read.</summary>
internal sealed class BatchSource
{
    private readonly Queue<(ReadOnlyMemory<byte> Rows, int Count)> _batches = new();
    private readonly MemoryAccount _account;
    private int _position;
    private SqlValue[]? _peeked;

    public BatchSource(MemoryAccount account) => _account = account;

    /// <summary>Whether no further batch comes.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Whether a row could be had only by another batch.</summary>
    public bool NeedsBatch => !IsExhausted && _peeked is null && _batches.Count == 0;

    public void Supply(ReadOnlyMemory<byte> rows, int count, bool exhausted)
    {
        Invariant.Check(!IsExhausted, "An exhausted source brings nothing more.");
        IsExhausted = exhausted;
        Invariant.Check(count > 0 == !rows.IsEmpty, "A batch has bytes where it has rows.");
        if (count > 0)
        {
            _account.Reserve(rows.Length);
            _batches.Enqueue((rows, count));
        }
    }

    /// <summary>A whole batch as it came; only while no row was read from it.</summary>
    public bool TryTakeBatch(out ReadOnlyMemory<byte> rows, out int count)
    {
        Invariant.Check(_position == 0 && _peeked is null, "A batch is passed on whole or read row by row.");
        bool taken = _batches.TryDequeue(out (ReadOnlyMemory<byte> Rows, int Count) batch);
        (rows, count) = batch;
        if (taken)
        {
            _account.Release(rows.Length);
        }

        return taken;
    }

    /// <summary>The next row, left in place.</summary>
    public bool TryPeek(out SqlValue[] row)
    {
        if (_peeked is null && _batches.TryPeek(out (ReadOnlyMemory<byte> Rows, int Count) batch))
        {
            ReadOnlySpan<byte> rest = batch.Rows.Span[_position..];
            var reader = new ByteReader(rest);
            _peeked = RowCodec.Read(ref reader);
            if (reader.Failed)
            {
                throw new SqlException(SqlStates.ProtocolViolation, "malformed rows from a shard");
            }

            _position += rest.Length - reader.Remaining;
            if (reader.Remaining == 0)
            {
                _batches.Dequeue();
                _account.Release(batch.Rows.Length);
                _position = 0;
            }
        }

        row = _peeked ?? [];
        return _peeked is not null;
    }

    /// <summary>Takes the row that was peeked.</summary>
    public void Skip() => _peeked = null;
}
