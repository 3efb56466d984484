using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;

using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>What an open transaction has read and buffered at one shard: one entry for each key, in key
/// order.</summary>
internal sealed class ShardWork(ShardId shard, UndoLog undo)
{
    private readonly SortedDictionary<byte[], KeyWrite> _writes = new(ByteKeyComparer.Instance);
    private readonly SortedDictionary<byte[], HlcTimestamp> _reads = new(ByteKeyComparer.Instance);
    private readonly List<KeyRange> _ranges = [];
    private readonly HashSet<KeyRange> _rangesSeen = [];
    private readonly List<Guard> _guards = [];
    private readonly List<Guard> _newGuards = [];
    private List<KeyWrite>? _overlay;
    private long _writeBytes;

    public bool HasWrites => _writes.Count > 0 || _newGuards.Count > 0;

    public int ReadCount => _reads.Count + _ranges.Count;

    /// <summary>The buffered writes as a fragment at this shard shall see them.</summary>
    public IReadOnlyList<KeyWrite> Overlay => _overlay ??= [.. _writes.Values];

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
            Add(range);
        }

        foreach (KeyWrite write in reply.Writes)
        {
            Write(write);
        }
    }

    /// <summary>Buffers a write; the last one of a key holds.</summary>
    public void Write(KeyWrite write)
    {
        KeyWrite? earlier = _writes.TryGetValue(write.Key, out KeyWrite found) ? found : null;
        long bytes = _writeBytes + BytesOf(write) - (earlier is { } replaced ? BytesOf(replaced) : 0);
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
        undo.Add(shard, write.Key, earlier);
        _writes[write.Key] = write with { Quota = write.Quota ?? earlier?.Quota };
        _overlay = null;
    }

    /// <summary>Takes a write of a key back to what it replaced.</summary>
    public void TakeBack(byte[] key, KeyWrite? earlier)
    {
        _writeBytes -= BytesOf(_writes[key]);
        if (earlier is { } replaced)
        {
            _writes[key] = replaced;
            _writeBytes += BytesOf(replaced);
        }
        else
        {
            _writes.Remove(key);
        }

        _overlay = null;
    }

    /// <summary>The buffered value of a key; null where there is none.</summary>
    public byte[]? Find(byte[] key) => _writes.GetValueOrDefault(key).Value;

    /// <summary>Hands everything to the shards where it lives now, with the guards that hold there.</summary>
    public void HandOver(KeyHomes homes, Func<ShardId, ShardWork> at)
    {
        foreach (KeyValuePair<byte[], HlcTimestamp> read in _reads)
        {
            Home(homes.Of(read.Key), read.Key, at)._reads.TryAdd(read.Key, read.Value);
        }

        foreach (KeyRange range in _ranges)
        {
            HandOver(range, homes, at);
        }

        foreach (KeyWrite write in _writes.Values)
        {
            ShardWork home = Home(homes.Of(write.Key, write.Value), write.Key, at);
            home._writes[write.Key] = write;
            home._writeBytes += BytesOf(write);
        }

        foreach (Guard guard in _guards)
        {
            if (guard.Kind == GuardKind.Segment && homes.Find(guard.Id) is { } segment)
            {
                at(segment.Shard).Expect([GuardOf(segment)]);
            }
        }
    }

    // Of index entries those were meant that lie beside the rows of the segments that the guards name; once segments
    // have been split or joined, of all.
    private void HandOver(KeyRange range, KeyHomes homes, Func<ShardId, ShardWork> at)
    {
        IReadOnlyList<(Segment Segment, KeyRange Part)> parts = homes.Of(range);
        bool isKnown = !KeyHomes.IsOfEntries(range)
            || !_guards.Exists(guard => guard.Kind == GuardKind.Segment && homes.Find(guard.Id) is null);
        foreach ((Segment segment, KeyRange part) in parts)
        {
            if (!KeyHomes.IsOfEntries(range) || !isKnown
                || _guards.Exists(guard => guard.Kind == GuardKind.Segment && guard.Id == segment.Id.Value))
            {
                Home(segment, range.Start, at).Add(part);
            }
        }

        if (parts.Count == 0)
        {
            Home(null, range.Start, at).Add(range);
        }
    }

    private ShardWork Home(Segment? segment, byte[] key, Func<ShardId, ShardWork> at)
    {
        ShardWork home = at(segment?.Shard ?? shard);
        if (segment is not null)
        {
            home.Expect([GuardOf(segment)]);
        }

        uint table = TableOf(key);
        home.Expect(_guards.FindAll(guard => guard.Kind == GuardKind.Table && guard.Id == table));
        return home;
    }

    private static Guard GuardOf(Segment segment) => new(GuardKind.Segment, segment.Id.Value, segment.Epoch);

    /// <summary>Takes back that ranges of a table were read.</summary>
    public void ForgetRanges(uint table)
    {
        _ranges.RemoveAll(range => TableOf(range.Start) == table);
        _rangesSeen.RemoveWhere(range => TableOf(range.Start) == table);
    }

    private static uint TableOf(byte[] key) => BinaryPrimitives.ReadUInt32BigEndian(key);

    private void Add(KeyRange range)
    {
        if (_rangesSeen.Add(range))
        {
            _ranges.Add(range);
        }
    }

    /// <summary>Keys that were written, then those that were only read.</summary>
    public IEnumerable<(byte[] Key, bool IsWrite)> Touched()
    {
        foreach (byte[] key in _writes.Keys)
        {
            yield return (key, true);
        }

        foreach (byte[] key in _reads.Keys)
        {
            if (!_writes.ContainsKey(key))
            {
                yield return (key, false);
            }
        }
    }

    /// <summary>Whether it changes tables, or who owns segments.</summary>
    public bool ChangesLayout => _newGuards.Count > 0;

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

    private static long BytesOf(KeyWrite write) => write.Key.Length + (write.Value?.Length ?? 0);
}
