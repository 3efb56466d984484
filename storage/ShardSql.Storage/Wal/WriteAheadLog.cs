using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Wal;

/// <summary>
/// The log that all shards of a node share: batches of records in preallocated, zero-filled, recycled segments
/// (architecture.md §4). Synchronous; one thread at a time: the simulator calls it directly, <see cref="LogThread"/>
/// runs it in production. After a failed write or sync it takes nothing more: the node must end.
/// </summary>
public sealed class WriteAheadLog : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly DataIdentity _identity;
    private readonly WalOptions _options;
    private readonly Queue<ulong> _spares = new();
    private readonly WalBatch _seal = new();
    private IDurableFile _file;
    private long _fileBytes;
    private uint _segmentSeed;
    private uint _chain;
    private ulong _spareNext = 1;
    private bool _failed;

    private WriteAheadLog(
        IFileSystem files, string folder, DataIdentity identity, WalOptions options, WalScanResult scan)
    {
        _files = files;
        _folder = folder;
        _identity = identity;
        _options = options;
        _chain = scan.Chain;
        files.CreateFolder(folder);
        CollectSpares();
        OldestSegment = Math.Max(scan.FirstSegment, 1);
        if (scan.FirstSegment == 0)
        {
            _file = StartSegment(new WalSegmentHeader(1, 0, 0), TakeSpare(0));
        }
        else
        {
            _file = files.Open(WalSegmentFiles.SegmentPath(folder, scan.End.Segment));
            Continue(scan);
        }
    }

    /// <summary>Behind the last batch that was appended.</summary>
    public LogPosition Written { get; private set; }

    /// <summary>Behind the last batch that survives a power cut.</summary>
    public LogPosition Synced { get; private set; }

    /// <summary>The first segment that is kept.</summary>
    public ulong OldestSegment { get; private set; }

    /// <summary>Segments that are kept.</summary>
    public int SegmentCount => (int)(Written.Segment - OldestSegment) + 1;

    /// <summary>Whether it is time to prepare a segment, off the path of commits.</summary>
    public bool WantsSpare => _spares.Count == 0 && Written.Offset > _fileBytes / 2;

    /// <summary>Opens a log for appending behind what <see cref="WalRecovery.Scan"/> found, or begins one. Cuts a torn
    /// tail; writes and syncs again what an earlier process may have left in the page cache only.</summary>
    /// <exception cref="InvalidOperationException">The log is damaged; it is neither served nor cut.</exception>
    public static WriteAheadLog Open(
        IFileSystem files, string folder, DataIdentity identity, WalOptions options, WalScanResult scan)
    {
        options.Validate();
        if (scan.Outcome == WalOutcome.Damage)
        {
            throw new InvalidOperationException($"the log is damaged and must be repaired from peers: {scan.Text}");
        }

        return new WriteAheadLog(files, folder, identity, options, scan);
    }

    /// <summary>Writes a batch; returns the position behind it, which is durable once <see cref="Synced"/> has reached
    /// it.</summary>
    public LogPosition Append(WalBatch batch)
    {
        RequireSound();
        if (Written.Offset + batch.EncodedBytes > _fileBytes)
        {
            Roll(batch.EncodedBytes);
        }

        ReadOnlySpan<byte> bytes = batch.Finish(_segmentSeed, Written.Offset, Synced, _chain, out uint crc);
        _failed = true; // Unless the write returns, nobody knows what is there.
        _file.Write(Written.Offset, bytes);
        _failed = false;
        _chain = crc;
        return Written = Written with { Offset = Written.Offset + bytes.Length };
    }

    /// <summary>Makes all that was appended durable.</summary>
    /// <exception cref="SyncFailedException">The node must end.</exception>
    public void Sync()
    {
        RequireSound();
        _failed = true;
        _file.Sync();
        _failed = false;
        Synced = Written;
    }

    /// <summary>Gives up the segments below a number; the one in use always stays. Their files are used again.</summary>
    public void TruncateBefore(ulong segment)
    {
        RequireSound();
        _failed = true;
        while (OldestSegment < Math.Min(segment, Written.Segment))
        {
            string path = WalSegmentFiles.SegmentPath(_folder, OldestSegment);
            if (_spares.Count < _options.SparesMax && LengthOf(path) == _options.SegmentBytes)
            {
                ulong spare = _spareNext++;
                _files.Rename(path, WalSegmentFiles.SparePath(_folder, spare));
                _spares.Enqueue(spare);
            }
            else
            {
                _files.Delete(path);
            }

            // One at a time: names persist in any order, and a gap in the middle would look like damage.
            _files.SyncFolder(_folder);
            OldestSegment++;
        }

        _failed = false;
    }

    /// <summary>A number for a spare that <see cref="CreateSpare"/> is going to make.</summary>
    public ulong ReserveSpare() => _spareNext++;

    /// <summary>Makes a spare's file; touches nothing else of the log, so that another thread may.</summary>
    public void CreateSpare(ulong number) => WalSegmentFiles.CreateSpare(
        _files, WalSegmentFiles.SparePath(_folder, number), _options.SegmentBytes);

    /// <summary>Takes a spare that was made into use.</summary>
    public void AddSpare(ulong number) => _spares.Enqueue(number);

    /// <summary>Ends the log cleanly: an empty batch names all before it as synced, so that the next start can tell
    /// damage to the last batches from a torn tail.</summary>
    public void Seal()
    {
        Sync();
        _seal.Clear();
        Append(_seal);
        if (Written.Offset + WalFormat.BatchHeaderBytes <= _fileBytes)
        {
            _file.Write(Written.Offset, new byte[WalFormat.BatchHeaderBytes]);
        }

        Sync();
    }

    /// <summary>Closes the file; syncs nothing.</summary>
    public void Dispose() => _file.Dispose();

    private void Continue(WalScanResult scan)
    {
        Written = scan.End;
        _fileBytes = _file.Length;
        _segmentSeed = WalFormat.SegmentSeed(_identity, scan.End.Segment);
        if (scan.Outcome == WalOutcome.TornTail && scan.CutEnd > scan.End.Offset)
        {
            _file.Write(scan.End.Offset, new byte[scan.CutEnd - scan.End.Offset]);
        }

        RewriteUnsynced(scan);
        _files.SyncFolder(_folder);
        Seal();
    }

    /// <summary>A sync that failed in an earlier life left pages that the cache shows, and takes for clean, but the disk
    /// does not have (Rebello et al., ATC 2020). Written again they are dirty, and the next sync means them too.
    /// </summary>
    private void RewriteUnsynced(WalScanResult scan)
    {
        long from = scan.Synced.Segment == scan.End.Segment ? scan.Synced.Offset : WalFormat.FirstBatchOffset;
        byte[] bytes = new byte[scan.End.Offset - from];
        Invariant.Check(_file.Read(from, bytes) == bytes.Length, "What recovery read is still there.");
        _file.Write(from, bytes);
    }

    private void Roll(long batchBytes)
    {
        if (Synced < Written)
        {
            Sync(); // The next segment's header says that this one is synced.
        }

        // A full disk shows here, where nothing has been begun yet and a later try may succeed.
        string spare = TakeSpare(batchBytes);
        IDurableFile old = _file;
        _file = StartSegment(new WalSegmentHeader(Written.Segment + 1, Written.Offset, _chain), spare);
        old.Dispose();
    }

    private string TakeSpare(long batchBytes)
    {
        long needed = WalFormat.FirstBatchOffset + batchBytes;
        if (needed <= _options.SegmentBytes && _spares.TryDequeue(out ulong number))
        {
            return WalSegmentFiles.SparePath(_folder, number);
        }

        string spare = WalSegmentFiles.SparePath(_folder, _spareNext++);
        WalSegmentFiles.CreateSpare(_files, spare, Math.Max(needed, _options.SegmentBytes));
        return spare;
    }

    private IDurableFile StartSegment(WalSegmentHeader header, string spare)
    {
        // The header is durable before the name, and the name before the first batch.
        _failed = true;
        string path = WalSegmentFiles.SegmentPath(_folder, header.Segment);
        using (IDurableFile begun = _files.Open(spare))
        {
            begun.Write(0, WalFormat.EncodeSegmentHeader(_identity, header));
            begun.Sync();
        }

        _files.Rename(spare, path);
        _files.SyncFolder(_folder);
        IDurableFile file = _files.Open(path); // Again, so that an error names the segment.
        _fileBytes = file.Length;
        _segmentSeed = WalFormat.SegmentSeed(_identity, header.Segment);
        _chain = header.Chain;
        Written = Synced = new LogPosition(header.Segment, WalFormat.FirstBatchOffset);
        _failed = false;
        return file;
    }

    private void CollectSpares()
    {
        foreach (ulong number in WalSegmentFiles.Spares(_files, _folder))
        {
            _spareNext = number + 1;
            string path = WalSegmentFiles.SparePath(_folder, number);
            if (_spares.Count < _options.SparesMax && LengthOf(path) == _options.SegmentBytes)
            {
                _spares.Enqueue(number);
            }
            else
            {
                _files.Delete(path);
            }
        }
    }

    private long LengthOf(string path)
    {
        using IDurableFile file = _files.Open(path);
        return file.Length;
    }

    private void RequireSound() =>
        Invariant.Check(!_failed, "A log whose write or sync failed takes nothing more.");
}
