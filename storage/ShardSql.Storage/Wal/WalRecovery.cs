using System;
using System.Collections.Generic;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Wal;

/// <summary>
/// Reads a log after a restart. Each batch names the position that was synced before it was written, so a bad batch
/// below a position that a later good header names is damage; any other is the torn tail, even with good batches behind
/// it, because the pages of what was not synced persist in any order (architecture.md §4). Nothing is changed here.
/// </summary>
public sealed class WalRecovery
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly DataIdentity _identity;
    private readonly WalRecordVisitor _visitor;
    private readonly List<(ulong Number, WalSegmentHeader? Header)> _segments = [];
    private LogPosition _end;
    private LogPosition _synced;
    private uint _chain;
    private long _batches;
    private long _records;

    private WalRecovery(IFileSystem files, string folder, DataIdentity identity, WalRecordVisitor visitor)
    {
        _files = files;
        _folder = folder;
        _identity = identity;
        _visitor = visitor;
    }

    /// <summary>Hands out all good records up to the end, the torn tail or the damage, in order.</summary>
    /// <exception cref="DataRefusedException">Data of another cluster or node, or of a newer format.</exception>
    public static WalScanResult Scan(
        IFileSystem files, string folder, DataIdentity identity, WalRecordVisitor visitor) =>
        new WalRecovery(files, folder, identity, visitor).Scan();

    private WalScanResult Scan()
    {
        foreach (ulong number in WalSegmentFiles.Segments(_files, _folder))
        {
            _segments.Add((number, ReadHeader(number)));
        }

        WalScanResult? result = null;
        for (int i = 0; i < _segments.Count && result is null; i++)
        {
            result = ScanSegment(i);
        }

        return result ?? Result(WalOutcome.Clean, "");
    }

    private WalSegmentHeader? ReadHeader(ulong number)
    {
        string path = WalSegmentFiles.SegmentPath(_folder, number);
        using IDurableFile file = _files.Open(path);
        byte[] bytes = new byte[WalFormat.SegmentHeaderBytes];
        int read = file.Read(0, bytes);
        WalSegmentHeader? header = WalFormat.DecodeSegmentHeader(_identity, path, bytes.AsSpan(0, read));
        return header?.Segment == number ? header : null;
    }

    /// <summary>Null when the segment is whole and the next one follows.</summary>
    private WalScanResult? ScanSegment(int index)
    {
        (ulong number, WalSegmentHeader? header) = _segments[index];
        if (index > 0 && number != _end.Segment + 1)
        {
            return Damage(new LogPosition(_end.Segment + 1, 0), "the segment is missing");
        }

        // A segment gets its name after its header was synced, so a bad header is never a torn one.
        if (header is not { } good || (index > 0 && good.Chain != _chain))
        {
            return Damage(new LogPosition(number, 0), "the segment's header is bad");
        }

        _chain = good.Chain;
        _end = new LogPosition(number, WalFormat.FirstBatchOffset);
        bool isLast = index == _segments.Count - 1;
        using var reader = new WalSegmentReader(_files.Open(WalSegmentFiles.SegmentPath(_folder, number)));
        uint seed = WalFormat.SegmentSeed(_identity, number);

        // What the next segment says was synced of this one; without a good next header, up to what can be read.
        long? syncedEnd = isLast ? null : _segments[index + 1].Header?.PreviousEnd;
        while (_end.Offset != syncedEnd)
        {
            if (!TryReadBatch(reader, seed))
            {
                return isLast ? JudgeTail(reader, seed)
                    : syncedEnd is null ? null // The next segment's header is reported.
                    : Damage(_end, "a batch is bad that was synced before the next segment began");
            }
        }

        return null;
    }

    private bool TryReadBatch(WalSegmentReader reader, uint seed)
    {
        ReadOnlySpan<byte> bytes = reader.Read(_end.Offset, WalFormat.BatchHeaderBytes);
        if (WalFormat.DecodeBatchHeader(seed, _end.Offset, bytes) is not { } header || header.PreviousCrc != _chain)
        {
            return false;
        }

        ReadOnlySpan<byte> body = reader.Read(_end.Offset + WalFormat.BatchHeaderBytes, header.BodyBytes);
        if (body.Length != header.BodyBytes || WalFormat.BodyCrc(header.HeaderCrc, body) != header.BodyCrc)
        {
            return false;
        }

        _end = _end with { Offset = _end.Offset + WalFormat.BatchHeaderBytes + header.BodyBytes };
        _synced = header.SyncedBefore;
        _chain = header.BodyCrc;
        _batches++;
        Deliver(header, body[..header.PayloadBytes]);
        return true;
    }

    private void Deliver(WalBatchHeader header, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        for (uint i = 0; i < header.Records; i++)
        {
            var shard = new ShardId(reader.ReadVarint32());
            byte kind = reader.ReadByte();
            ReadOnlySpan<byte> content = reader.ReadSpan();

            // The checksum held, so a record that cannot be read was written wrongly: a programming error.
            Invariant.Check(!reader.Failed, "A batch with a good checksum holds its records.");
            _visitor(new WalRecord(shard, kind, content, _end));
            _records++;
        }
    }

    private WalScanResult JudgeTail(WalSegmentReader reader, uint seed)
    {
        int headersBehind = 0;
        long cutEnd = Math.Min(_end.Offset + WalFormat.BatchHeaderBytes, reader.Length);
        for (long at = _end.Offset + WalFormat.Alignment; at < reader.Length; at += WalFormat.Alignment)
        {
            ReadOnlySpan<byte> bytes = reader.Read(at, WalFormat.BatchHeaderBytes);
            if (WalFormat.DecodeBatchHeader(seed, at, bytes) is not { } header)
            {
                continue;
            }

            if (header.SyncedBefore > _end)
            {
                return Damage(_end, string.Create(
                    CultureInfo.InvariantCulture,
                    $"a batch is bad that was synced up to {header.SyncedBefore}, says the header at offset {at}"));
            }

            headersBehind++;
            cutEnd = at + WalFormat.BatchHeaderBytes;
        }

        bool somethingThere = reader.Read(_end.Offset, WalFormat.BatchHeaderBytes).ContainsAnyExcept((byte)0);
        return headersBehind > 0 || somethingThere
            ? Result(WalOutcome.TornTail, "the tail was not synced") with
            {
                BatchesCut = headersBehind,
                CutEnd = cutEnd,
            }
            : Result(WalOutcome.Clean, "");
    }

    private WalScanResult Damage(LogPosition at, string text)
    {
        _end = at;
        return Result(WalOutcome.Damage, string.Create(
            CultureInfo.InvariantCulture, $"{WalSegmentFiles.SegmentPath(_folder, at.Segment)} offset {at.Offset}: {text}"));
    }

    private WalScanResult Result(WalOutcome outcome, string text) => new()
    {
        Outcome = outcome,
        FirstSegment = _segments.Count == 0 ? 0 : _segments[0].Number,
        End = _end,
        Batches = _batches,
        Records = _records,
        BatchesCut = 0,
        Text = text,
        Synced = _synced,
        Chain = _chain,
    };
}
