using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;

namespace ShardSql.Tests.Storage.Wal;

/// <summary>A log on a simulated disk, and what was read back from it.</summary>
internal sealed class WalSample
{
    public const string Folder = "/node/wal";

    public static readonly DataIdentity Identity = new(new Guid("6f2c1f0a-3c0b-4f39-9d0e-3a6f0a0b0c01"), new NodeId(3));

    public static readonly WalOptions Options = new() { SegmentBytes = 16 << 10 };

    private readonly WalBatch _batch = new();

    public WalSample(IFileSystem files, string folder = Folder)
    {
        Scan = Read(files, out List<string> found, folder);
        Found = found;
        Log = WriteAheadLog.Open(files, folder, Identity, Options, Scan);
    }

    public WriteAheadLog Log { get; }

    public WalScanResult Scan { get; }

    public List<string> Found { get; }

    public static WalScanResult Read(IFileSystem files, out List<string> records, string folder = Folder)
    {
        var found = new List<string>();
        records = found;
        return WalRecovery.Scan(
            files,
            folder,
            Identity,
            record => found.Add(Describe(record.Shard, record.Kind, record.Payload)));
    }

    public static string Describe(ShardId shard, byte kind, ReadOnlySpan<byte> payload) =>
        $"{shard} {kind} {payload.Length} {Crc32C.Compute(payload):x8}";

    /// <summary>A payload that differs for each number and length.</summary>
    public static byte[] Payload(int number, int length)
    {
        byte[] bytes = new byte[length];
        var prng = new Prng((ulong)number + 1);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)prng.NextUInt64();
        }

        return bytes;
    }

    /// <summary>Appends a batch of one record; returns its description.</summary>
    public string Append(int number, int length)
    {
        var shard = new ShardId((uint)number % 5);
        byte kind = (byte)(number % 7);
        byte[] payload = Payload(number, length);
        _batch.Clear();
        _batch.Add(shard, kind, payload);
        Log.Append(_batch);
        return Describe(shard, kind, payload);
    }

    /// <summary>Appends a batch of one record and syncs it.</summary>
    public string AppendSynced(int number, int length)
    {
        string record = Append(number, length);
        Log.Sync();
        return record;
    }
}
