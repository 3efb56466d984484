using System.Collections.Generic;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>What an open transaction has read and buffered at one shard: one entry for each key, in key
/// order.</summary>
internal sealed class ShardWork(ShardId shard)
{
    private readonly SortedDictionary<byte[], byte[]?> _writes = new(ByteKeyComparer.Instance);
    private readonly SortedDictionary<byte[], HlcTimestamp> _reads = new(ByteKeyComparer.Instance);
    private readonly List<KeyRange> _ranges = [];
    private readonly HashSet<KeyRange> _rangesSeen = [];
    private readonly List<Guard> _guards = [];
    private readonly List<Guard> _newGuards = [];
    private readonly List<(byte[] Key, bool WasWritten, byte[]? Value)> _undo = [];
    private List<KeyWrite>? _overlay;
    private long _writeBytes;

    public bool HasWrites => _writes.Count > 0 || _newGuards.Count > 0;

    /// <summary>Whether what a write replaces is kept, so that it can be taken back.</summary>
    public bool KeepsUndo { get; set; }

    /// <summary>Writes that could be taken back.</summary>
    public int UndoCount => _undo.Count;

    public int ReadCount => _reads.Count + _ranges.Count;

    /// <summary>The buffered writes as a fragment at this shard shall see them.</summary>
    public IReadOnlyList<KeyWrite> Overlay => _overlay ??= BuildOverlay();

    /// <summary>Takes what a fragment read and would write.</summary>
    public void Take(FragmentReply reply)
    {
        foreach (KeyRead read in reply.Reads)
        {
            // A snapshot shows one version of a key, so a second read of it adds nothing.
            _reads.TryAdd(read.Key, read.Cstamp);
        }

        foreach (KeyRange range in reply.Ranges)
        {
            if (_rangesSeen.Add(range))
            {
                _ranges.Add(range);
            }
        }

        foreach (KeyWrite write in reply.Writes)
        {
            Write(write);
        }
    }

    /// <summary>Buffers a write; the last one of a key holds.</summary>
    public void Write(KeyWrite write)
    {
        bool wasWritten = _writes.TryGetValue(write.Key, out byte[]? earlier);
        long bytes = _writeBytes + BytesOf(write.Key, write.Value) - (wasWritten ? BytesOf(write.Key, earlier) : 0);
        if (bytes > GatewayLimits.MaxBufferedBytesPerShard)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"the transaction's writes at shard {shard} exceed the limit of {GatewayLimits.MaxBufferedBytesPerShard} bytes: {bytes} bytes"))
            {
                Hint = "Commit in smaller transactions.",
            };
        }

        _writeBytes = bytes;
        if (KeepsUndo)
        {
            _undo.Add((write.Key, wasWritten, earlier));
        }

        _writes[write.Key] = write.Value;
        _overlay = null;
    }

    /// <summary>Takes back the writes since there were so many that could be. What was read stays: whoever saw it may
    /// have acted on it.</summary>
    public void TakeBack(int undoCount)
    {
        for (int i = _undo.Count - 1; i >= undoCount; i--)
        {
            (byte[] key, bool wasWritten, byte[]? value) = _undo[i];
            _writeBytes -= BytesOf(key, _writes[key]);
            if (wasWritten)
            {
                _writes[key] = value;
                _writeBytes += BytesOf(key, value);
            }
            else
            {
                _writes.Remove(key);
            }
        }

        _undo.RemoveRange(undoCount, _undo.Count - undoCount);
        _overlay = null;
    }

    /// <summary>Adds what the plan of a statement counted on.</summary>
    public void Expect(IEnumerable<Guard> guards)
    {
        foreach (Guard guard in guards)
        {
            if (!_guards.Contains(guard))
            {
                _guards.Add(guard);
            }
        }
    }

    /// <summary>Adds the tables that the guards name.</summary>
    public void AddTables(ISet<uint> tables)
    {
        foreach (Guard guard in _guards)
        {
            if (guard.Kind == GuardKind.Table)
            {
                tables.Add(guard.Id);
            }
        }
    }

    /// <summary>Sets a guard when the transaction commits.</summary>
    public void SetGuard(Guard guard) => _newGuards.Add(guard);

    /// <summary>The content of the vote.</summary>
    public TransactionShare ToShare(HlcTimestamp begin)
    {
        var share = new TransactionShare { Begin = begin };
        foreach (KeyValuePair<byte[], HlcTimestamp> read in _reads)
        {
            share.Reads.Add(new KeyRead(read.Key, read.Value));
        }

        share.Ranges.AddRange(_ranges);
        share.Writes.AddRange(Overlay);
        share.Guards.AddRange(_guards);
        share.NewGuards.AddRange(_newGuards);
        return share;
    }

    private static long BytesOf(byte[] key, byte[]? value) => key.Length + (value?.Length ?? 0);

    private List<KeyWrite> BuildOverlay()
    {
        var overlay = new List<KeyWrite>(_writes.Count);
        foreach (KeyValuePair<byte[], byte[]?> write in _writes)
        {
            overlay.Add(new KeyWrite(write.Key, write.Value));
        }

        return overlay;
    }
}
