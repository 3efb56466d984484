using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>The way to real shards on which what is written to some tables is damaged, once for each kind of damage: a
/// kind for each table, from a number on.</summary>
internal sealed class DamagingClient(IShardClient inner, uint firstTable) : IShardClient
{
    private readonly Lock _gate = new();
    private readonly List<Damage> _done = [];

    /// <summary>What becomes of a write.</summary>
    public enum Damage
    {
        /// <summary>Another value is written.</summary>
        Changed,

        /// <summary>Nothing is written.</summary>
        Lost,

        /// <summary>Nothing is deleted.</summary>
        Left,
    }

    /// <summary>What has been done.</summary>
    public IReadOnlyList<Damage> Done
    {
        get
        {
            lock (_gate)
            {
                return [.. _done];
            }
        }
    }

    public ValueTask<OneReply> CommitOneAsync(ShardId shard, OneRequest request, CancellationToken cancellationToken)
    {
        Harm(request.Share);
        return inner.CommitOneAsync(shard, request, cancellationToken);
    }

    public ValueTask<Vote> PrepareAsync(ShardId shard, PrepareRequest request, CancellationToken cancellationToken)
    {
        Harm(request.Share);
        return inner.PrepareAsync(shard, request, cancellationToken);
    }

    public ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken) =>
        inner.RunFragmentAsync(shard, request, cancellationToken);

    public ValueTask<FragmentReply> ContinueAsync(ShardId shard, ulong cursor, CancellationToken cancellationToken) =>
        inner.ContinueAsync(shard, cursor, cancellationToken);

    public void CloseCursor(ShardId shard, ulong cursor) => inner.CloseCursor(shard, cursor);

    public ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken) =>
        inner.QueryAsync(shard, request, cancellationToken);

    public void Decide(ShardId shard, DecideNotice notice) => inner.Decide(shard, notice);

    public ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken) =>
        inner.AskAttemptsAsync(shard, session, sequence, refuse, cancellationToken);

    public ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken) =>
        inner.StatusAsync(shard, cancellationToken);

    public ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(ShardId shard, CancellationToken cancellationToken) =>
        inner.InDoubtAsync(shard, cancellationToken);

    public ValueTask<GroupReply> ChangeAsync(ShardId shard, GroupRequest request, CancellationToken cancellationToken) =>
        inner.ChangeAsync(shard, request, cancellationToken);

    public ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken) =>
        inner.MoveAsync(shard, step, cancellationToken);

    public ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken) =>
        inner.CopyAsync(shard, request, cancellationToken);

    public ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken) =>
        inner.SumAsync(shard, request, cancellationToken);

    public void ReportOldestSnapshot(HlcTimestamp oldest) => inner.ReportOldestSnapshot(oldest);

    private void Harm(TransactionShare? share)
    {
        for (int i = (share?.Writes.Count ?? 0) - 1; i >= 0; i--)
        {
            KeyWrite write = share!.Writes[i];
            uint table = BinaryPrimitives.ReadUInt32BigEndian(write.Key);
            var damage = (Damage)(table - firstTable);
            if (table < firstTable || !Enum.IsDefined(damage) || (damage == Damage.Left) != (write.Value is null))
            {
                continue;
            }

            share.Writes.RemoveAt(i);
            if (damage == Damage.Changed)
            {
                share.Writes.Insert(i, new KeyWrite(write.Key, Changed(write.Value!)));
            }

            lock (_gate)
            {
                _done.Add(damage);
            }
        }
    }

    // Key and number, then which row it is of.
    private static byte[] Changed(byte[] entry)
    {
        var reader = new ByteReader(entry.AsSpan(1));
        SqlValue[] columns = RowCodec.Read(ref reader);
        return IndexEntry.Value([columns[0], SqlValue.FromInt32(77), .. columns[2..]]);
    }
}
