using System;
using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Lets each row through once. Rows are the same when their key encodings are: 1.0 and 1.00, NULL and NULL.
/// </summary>
internal sealed class DistinctFilter
{
    private const int EntryOverheadBytes = 64;

    private readonly Dictionary<byte[], bool> _seen = new(ByteKeyComparer.Instance);
    private readonly ByteWriter _key = new();
    private readonly MemoryAccount _account;
    private long _charged;

    public DistinctFilter(MemoryAccount account) => _account = account;

    /// <summary>Whether the row was not seen before.</summary>
    public bool IsNew(ReadOnlySpan<SqlValue> row)
    {
        _key.Clear();
        foreach (SqlValue value in row)
        {
            KeyCodec.Append(_key, value);
        }

        byte[] key = _key.ToArray();
        if (!_seen.TryAdd(key, true))
        {
            return false;
        }

        _account.Reserve(key.Length + EntryOverheadBytes);
        _charged += key.Length + EntryOverheadBytes;
        return true;
    }

    /// <summary>Forgets all rows and gives their memory back.</summary>
    public void Clear()
    {
        _seen.Clear();
        _account.Release(_charged);
        _charged = 0;
    }
}
