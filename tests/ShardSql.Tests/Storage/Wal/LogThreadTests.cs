using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;

using Xunit;

namespace ShardSql.Tests.Storage.Wal;

public sealed class LogThreadTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    private readonly SimulatedFileSystem _disk = new();
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _durable;
    private int _failures;

    [Fact]
    public async Task Append_from_several_threads_is_durable_in_sequence_order()
    {
        const int Threads = 4;
        const int PerThread = 500;
        var written = new string[(Threads * PerThread) + 1];
        using (LogThread thread = Start())
        {
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
            {
                for (int i = 0; i < PerThread; i++)
                {
                    byte[] payload = WalSample.Payload((t * PerThread) + i, 64);
                    ulong sequence = thread.Append(new ShardId((uint)t), 1, payload);
                    written[sequence] = WalSample.Describe(new ShardId((uint)t), 1, payload);
                }
            })));
        }

        WalScanResult scan = WalSample.Read(_disk, out List<string> records);

        Assert.Equal(written[1..], records);
        Assert.Equal((ulong)(Threads * PerThread), Volatile.Read(ref _durable));
        Assert.Equal(WalOutcome.Clean, scan.Outcome);
    }

    [Fact]
    public async Task Append_while_a_sync_runs_gathers_into_one_batch()
    {
        var gate = new GatedFileSystem(_disk);
        using LogThread thread = Start(gate);
        gate.Close();
        thread.Append(new ShardId(1), 1, [1]);
        await gate.Arrived.WaitAsync(s_patience);
        for (int i = 0; i < 99; i++)
        {
            thread.Append(new ShardId(1), 1, [2]);
        }

        gate.Open();
        thread.Dispose();

        LogCounters counters = thread.Counters;
        Assert.Equal(100, counters.Records);
        Assert.Equal(2, counters.Batches);
        Assert.Equal(2, counters.Syncs);
    }

    [Fact]
    public async Task Append_beyond_a_batch_starts_the_next_one()
    {
        var gate = new GatedFileSystem(_disk);
        using LogThread thread = Start(gate, new LogThreadOptions { BatchBytes = 1000 });
        gate.Close();
        thread.Append(new ShardId(1), 1, [1]);
        await gate.Arrived.WaitAsync(s_patience);
        for (int i = 0; i < 20; i++)
        {
            thread.Append(new ShardId(1), 1, new byte[400]);
        }

        gate.Open();
        thread.Dispose();

        Assert.Equal(8, thread.Counters.Batches); // 1, then 6 of three records, then one of two.
    }

    [Fact]
    public async Task Append_when_too_much_waits_blocks_until_there_is_room()
    {
        var gate = new GatedFileSystem(_disk);
        using LogThread thread = Start(gate, new LogThreadOptions { BatchBytes = 1000, QueueBytes = 4000 });
        gate.Close();
        thread.Append(new ShardId(1), 1, new byte[3990]);
        Assert.True(thread.HasRoom);
        thread.Append(new ShardId(1), 1, new byte[100]);
        Assert.False(thread.HasRoom);
        Task<ulong> blocked = Task.Run(() => thread.Append(new ShardId(1), 1, [1]));
        await gate.Arrived.WaitAsync(s_patience);
        Assert.False(blocked.IsCompleted);

        gate.Open();

        Assert.Equal(3UL, await blocked.WaitAsync(s_patience));
    }

    [Fact]
    public async Task Sync_that_fails_is_reported_once_and_never_acknowledged()
    {
        using LogThread thread = Start();
        _disk.FailSync(after: 0);
        thread.Append(new ShardId(1), 1, [1]);

        Exception failure = await _failure.Task.WaitAsync(s_patience);

        Assert.IsType<SyncFailedException>(failure);
        IOException refused = Assert.Throws<IOException>(() => thread.Append(new ShardId(1), 1, [2]));
        Assert.Same(failure, refused.InnerException);
        thread.Dispose();
        Assert.Equal(0UL, _durable);
        Assert.Equal(1, _failures);
    }

    [Fact]
    public async Task Abandon_writes_and_acknowledges_nothing_that_waits()
    {
        var gate = new GatedFileSystem(_disk);
        LogThread thread = Start(gate);
        gate.Close();
        thread.Append(new ShardId(1), 1, [1]);
        await gate.Arrived.WaitAsync(s_patience);
        thread.Append(new ShardId(1), 1, [2]);
        Task abandoned = Task.Run(thread.Abandon);
        Assert.True(SpinWait.SpinUntil(() => Refuses(thread), s_patience));

        gate.Open();
        await abandoned.WaitAsync(s_patience);

        WalSample.Read(_disk, out List<string> records);
        Assert.Single(records);
        Assert.Equal(1UL, _durable);
    }

    [Fact]
    public void TruncateBefore_is_done_by_the_thread()
    {
        using LogThread thread = Start();
        for (int i = 0; i < 100; i++)
        {
            thread.Append(new ShardId(1), 1, new byte[900]);
        }

        thread.TruncateBefore(ulong.MaxValue);
        thread.Append(new ShardId(1), 1, [1]);
        thread.Dispose();

        WalScanResult scan = WalSample.Read(_disk, out _);
        Assert.True(scan.FirstSegment > 1);
    }

    [Fact]
    public void Append_allocates_nothing_per_record_once_its_buffers_are_there()
    {
        using LogThread thread = Start(options: new LogThreadOptions { BatchBytes = 4096 });
        byte[] payload = new byte[50];
        AppendAndWait(thread, payload, 2000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        AppendAndWait(thread, payload, 2000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // A batch object now and then, when the pool is empty for a moment; never one per record.
        Assert.InRange(allocated, 0, 2000 * 20);
    }

    private void AppendAndWait(LogThread thread, byte[] payload, int records)
    {
        ulong last = 0;
        for (int i = 0; i < records; i++)
        {
            last = thread.Append(new ShardId(1), 1, payload);
            if (i % 100 == 0)
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref _durable) >= last, s_patience);
            }
        }
    }

    private static bool Refuses(LogThread thread)
    {
        try
        {
            thread.Append(new ShardId(1), 1, [3]);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private LogThread Start(IFileSystem? files = null, LogThreadOptions? options = null) => new(
        new WalSample(files ?? _disk).Log,
        options ?? new LogThreadOptions(),
        (sequence, _) => Volatile.Write(ref _durable, sequence),
        exception =>
        {
            Interlocked.Increment(ref _failures);
            _failure.TrySetResult(exception);
        });

    /// <summary>Holds syncs of files while it is closed.</summary>
    private sealed class GatedFileSystem(SimulatedFileSystem inner) : IFileSystem
    {
        private readonly TaskCompletionSource _arrived = new();
        private TaskCompletionSource? _closed;

        /// <summary>Done when a sync waits at the closed gate.</summary>
        public Task Arrived => _arrived.Task;

        public void Close() => _closed = new TaskCompletionSource();

        public void Open() => _closed?.SetResult();

        public IDurableFile Open(string path) => new GatedFile(this, inner.Open(path));

        public IDurableFile Create(string path) => inner.Create(path);

        public bool Exists(string path) => inner.Exists(path);

        public void CreateFolder(string folder) => inner.CreateFolder(folder);

        public (long Free, long Size) SpaceOf(string folder) => inner.SpaceOf(folder);

        public IReadOnlyList<string> List(string folder) => inner.List(folder);

        public void Rename(string from, string to) => inner.Rename(from, to);

        public void Delete(string path) => inner.Delete(path);

        public void SyncFolder(string folder) => inner.SyncFolder(folder);

        private sealed class GatedFile(GatedFileSystem gate, IDurableFile file) : IDurableFile
        {
            public string Path => file.Path;

            public long Length => file.Length;

            public void Write(long offset, ReadOnlySpan<byte> bytes) => file.Write(offset, bytes);

            public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

            public void Preallocate(long length) => file.Preallocate(length);

            public void Sync()
            {
                if (gate._closed is { Task.IsCompleted: false } closed)
                {
                    gate._arrived.TrySetResult();
                    closed.Task.Wait();
                }

                file.Sync();
            }

            public void Dispose() => file.Dispose();
        }
    }
}
