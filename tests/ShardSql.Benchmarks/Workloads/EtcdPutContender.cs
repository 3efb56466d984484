using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Put of 64 bytes under one of as many keys as there are accounts: etcd's UPDATE by key.</summary>
internal sealed class EtcdPutContender(EtcdCluster cluster, int keys) : IContender
{
    private const int ValueBytes = 64;

    private long _puts;
    private long _revisionBefore;

    public string Name => "etcd, 3 nodes";

    public IReadOnlyList<int> ProcessIds => cluster.ProcessIds;

    private int KeysMax => keys;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        if (_revisionBefore == 0)
        {
            _revisionBefore = await PutAsync(0, 0, ByteString.Empty);
        }

        return new Client(this, index);
    }

    /// <summary>Every put makes one revision: as many lie between the first and one more as were acknowledged.</summary>
    public async Task CheckAsync()
    {
        long revision = await PutAsync(0, 0, ByteString.Empty);
        long expected = _revisionBefore + Interlocked.Increment(ref _puts);
        if (revision != expected)
        {
            throw new BenchmarkException($"{Name}: revision {revision} after acknowledged puts up to {expected}.");
        }
    }

    private Task<long> PutAsync(int client, long key, ByteString value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key);
        return cluster.PutAsync(client, UnsafeByteOperations.UnsafeWrap(bytes), value);
    }

    private sealed class Client(EtcdPutContender owner, int index) : ILoadClient
    {
        private readonly Random _random = new(index);
        private readonly ByteString _value = ByteString.CopyFrom(new byte[ValueBytes]);

        public async Task<bool> RunOnceAsync()
        {
            await owner.PutAsync(index, _random.Next(1, owner.KeysMax + 1), _value);
            Interlocked.Increment(ref owner._puts);
            return true;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
