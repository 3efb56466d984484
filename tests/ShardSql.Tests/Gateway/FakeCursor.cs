using System;
using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Tests.Gateway;

/// <summary>A fragment that runs over a shard's versions, with the transaction's own writes laid over.</summary>
internal sealed class FakeCursor
{
    private readonly FakeShard _shard;
    private readonly FragmentRequest _request;
    private readonly HlcTimestamp _begin;
    private readonly FragmentRun _run;
    private readonly StatementCounts _output = new();
    private readonly SortedDictionary<byte[], byte[]?> _overlay = new(ByteKeyComparer.Instance);

    public FakeCursor(FakeShard shard, FragmentRequest request, HlcTimestamp begin)
    {
        _begin = begin;
        _shard = shard;
        _request = request;
        _run = FragmentRun.Create(request.Fragment, request.Parameters, MemoryAccount.ForStatement());
        foreach (KeyWrite write in request.Overlay)
        {
            _overlay[write.Key] = write.Value;
        }
    }

    /// <summary>A failure, with what the statements before it gave.</summary>
    public FragmentReply Fail(StatementFailure failure) => new()
    {
        Status = ReplyStatus.Failed,
        Failure = failure,
        Rows = _output.Rows.ToArray(),
        RowCount = _output.RowCount,
        Statements = _output.Of(_run),
    };

    /// <summary>The next batch.</summary>
    public FragmentReply Step(Func<ulong> keepOpen)
    {
        _output.Clear();
        var reply = new FragmentReply();
        while (true)
        {
            FragmentState state = _run.Step(FragmentRun.SliceRows);
            _output.Take(_run);
            if (state == FragmentState.Done)
            {
                return Reply(reply, 0);
            }

            if (state == FragmentState.NeedKeys)
            {
                SupplyKeys(reply);
            }
            else if (state == FragmentState.NeedRange)
            {
                SupplyRange(reply);
            }

            if (_output.Rows.Length >= _request.BatchBytes)
            {
                return Reply(reply, keepOpen());
            }
        }
    }

    private FragmentReply Reply(FragmentReply read, ulong cursor)
    {
        var writes = new List<KeyWrite>();
        if (cursor == 0)
        {
            foreach (RowWrite write in _run.Writes)
            {
                writes.Add(new KeyWrite(write.Key, write.Value));
            }
        }

        return new FragmentReply
        {
            Begin = _begin,
            Rows = _output.Rows.ToArray(),
            RowCount = _output.RowCount,
            Statements = _output.Of(_run),
            Cursor = cursor,
            RowsAffected = _run.RowsAffected,
            Writes = writes,
            Reads = _request.WantReadSet ? read.Reads : [],
            Ranges = _request.WantReadSet ? read.Ranges : [],
            EtaHint = _eta,
        };
    }

    private HlcTimestamp _eta;

    private void SupplyKeys(FragmentReply reply)
    {
        var values = new List<byte[]?>();
        foreach (byte[] key in _run.NeededKeys)
        {
            (HlcTimestamp stamp, byte[]? value) = _shard.Read(key, _begin);
            reply.Reads.Add(new KeyRead(key, stamp));
            _eta = HlcTimestamp.Max(_eta, stamp);
            values.Add(_overlay.TryGetValue(key, out byte[]? own) ? own : value);
        }

        _run.SupplyKeys(values);
    }

    private void SupplyRange(FragmentReply reply)
    {
        KeyRange range = _run.NeededRange;
        int limit = _run.NeededLimit;
        var found = new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);
        foreach (byte[] key in _shard.KeysIn(range))
        {
            if (_shard.Read(key, _begin).Value is { } value)
            {
                found[key] = value;
            }
        }

        foreach ((byte[] key, byte[]? value) in _overlay)
        {
            if (range.Contains(key) && value is not null)
            {
                found[key] = value;
            }
            else if (range.Contains(key))
            {
                found.Remove(key);
            }
        }

        var rows = new List<KeyValuePair<byte[], byte[]>>();
        foreach (KeyValuePair<byte[], byte[]> row in found)
        {
            if (rows.Count == limit)
            {
                break;
            }

            rows.Add(row);
        }

        bool exhausted = rows.Count == found.Count;
        reply.Ranges.Add(exhausted ? range : range with { End = KeyRange.Successor(rows[^1].Key) });
        _run.SupplyRange(rows, exhausted);
    }
}
