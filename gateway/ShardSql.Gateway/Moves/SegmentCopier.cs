using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Moves;

/// <summary>
/// Brings a segment's rows to their new shard while they are read and written (sharding.md §2, steps 2 and 3): a copy of
/// all, a part at a time, and between the parts passes over what has changed meanwhile. Every part is a log entry of the
/// target that says how far it reaches, so another runner goes on from there.
/// </summary>
internal sealed class SegmentCopier(IMoveClient client, Func<ulong> nextTicket, MovingSegment move)
{
    // No table has this id, so it lies behind all rows.
    private static readonly byte[] s_copiedAll = [byte.MaxValue];

    private readonly RowEntries _entries = new(move.Catalog);
    private byte[] _copiedTo = [];
    private Slot _through;
    private HlcTimestamp? _horizon;

    /// <summary>Parts staged so far, by all runners.</summary>
    public ulong Parts { get; private set; }

    /// <summary>Their digest.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Whether all rows have been copied once.</summary>
    public bool HasCopiedAll => ByteKeyComparer.Instance.Equals(_copiedTo, s_copiedAll);

    /// <summary>All that the source will ever have at or below this stamp is staged.</summary>
    public HlcTimestamp StagedBelow { get; private set; }

    /// <summary>Rows and entries that this runner has staged.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Begins the move at both shards, or takes it over where another runner has left it.</summary>
    public async Task BeginAsync(CancellationToken ended)
    {
        SegmentState source = await StepAsync(MoveOutStep.Begin, ended);
        RequireSame(source);
        if (source.IsFenced)
        {
            await StepAsync(MoveOutStep.Unfence, ended);
        }

        SegmentState target = await StageAsync(MoveInStep.Begin, [], default, [], ended);
        RequireSame(target);
        (Parts, Digest, _copiedTo) = (target.Parts, target.Digest, target.CopiedTo);
        _through = target.Through == default ? source.Mark : target.Through;
        if (target.Through == default)
        {
            await StageAsync(MoveInStep.Stage, [], _through, [], ended);
        }
    }

    /// <summary>A move that another runner has begun is of the rows that the segment had then. Where it has been cut or joined
    /// since, the rows that would be collected at its former owner are not those that were moved.</summary>
    private void RequireSame(SegmentState begun)
    {
        if (!begun.Ranges.SequenceEqual(move.Ranges, RangeComparer.Instance))
        {
            throw new MoveRefusedException($"segment {move.Segment.Id} has other bounds than when its move began", MoveVerdict.Occupied);
        }
    }

    /// <summary>Copies the next part of the rows.</summary>
    public async Task CopyPartAsync(CancellationToken ended)
    {
        CopyReply part = await client.CopyAsync(
            move.Source,
            new CopyRequest
            {
                Segment = move.Segment.Id.Value,
                Ranges = From(move.Ranges, _copiedTo),
                MaxBytes = GatewayLimits.MovePartBytes,
            },
            ended);
        byte[] copiedTo = part.Next ?? s_copiedAll;
        await StageAsync(part.Copies, default, copiedTo, ended);
        _copiedTo = copiedTo;
    }

    /// <summary>A pass: stages what has changed since the last one; gives its bytes.</summary>
    public async Task<long> CatchUpAsync(CancellationToken ended)
    {
        SegmentState source = await StepAsync(MoveOutStep.Mark, ended);
        long bytes = await PassAsync(source.Mark, default, ended);
        StagedBelow = source.NextPin;
        return bytes;
    }

    /// <summary>The last pass, when the switch has been voted for at the source and nothing changes there any more.
    /// </summary>
    /// <returns>The source's horizon; null: the switch is not undecided there any more.</returns>
    public async Task<HlcTimestamp?> FinishAsync(TxnId switching, CancellationToken ended)
    {
        _horizon = null;
        await PassAsync(default, switching, ended);
        return _horizon;
    }

    /// <summary>A step at the source.</summary>
    public async Task<SegmentState> StepAsync(MoveOutStep step, CancellationToken ended) => await SendAsync(
        move.Source,
        new MoveOutCommand(NextName(), step, step == MoveOutStep.Begin ? move.Ranges : [], _through),
        ended);

    /// <summary>
    /// Gives the move up at both shards: the segment stays, what was staged is garbage. The target first: as long as rows of
    /// the move are staged there, no other move may take the segment from the source.
    /// </summary>
    public async Task EndAsync(CancellationToken ended)
    {
        await TryEndAsync(() => StageAsync(MoveInStep.End, [], default, [], ended));
        await TryEndAsync(() => StepAsync(MoveOutStep.End, ended));
    }

    private static async Task TryEndAsync(Func<Task<SegmentState>> end)
    {
        try
        {
            await end();
        }
        catch (MoveRefusedException refused) when (refused.Verdict is MoveVerdict.Unknown or MoveVerdict.Occupied)
        {
            // It had not begun there, or has ended.
        }
    }

    private async Task<long> PassAsync(Slot through, TxnId switching, CancellationToken ended)
    {
        long before = Bytes;
        byte[]? from = [];
        while (from is not null)
        {
            CopyReply changed = await client.CopyAsync(
                move.Source,
                new CopyRequest
                {
                    Segment = move.Segment.Id.Value,
                    Ranges = From(move.Ranges, from),
                    Since = _through,
                    MaxBytes = GatewayLimits.MovePartBytes,
                },
                ended);
            if (changed.Switching != switching && switching != default)
            {
                return 0;
            }

            from = changed.Next;
            _horizon = from is null ? changed.Horizon : null;
            if (changed.Copies.Count > 0 || (from is null && through != default))
            {
                await StageAsync(changed.Copies, from is null ? through : default, [], ended);
            }
        }

        _through = through == default ? _through : through;
        return Bytes - before;
    }

    /// <summary>Stages rows with the entries beside them, as they are at the source now or a moment later: what changes in
    /// between belongs to the next pass.</summary>
    private async Task StageAsync(
        IReadOnlyList<KeyCopy> rows, Slot through, byte[] copiedTo, CancellationToken ended)
    {
        var part = new ByteWriter();
        var keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        foreach (KeyCopy row in rows)
        {
            row.Write(part);
            _entries.AddKeys(row.Key, row.Values, keys);
        }

        int entries = await CopyEntriesAsync([.. keys], part, ended);
        await StageAsync(MoveInStep.Stage, part.ToArray(), through, copiedTo, ended);
        Rows += rows.Count + entries;
        Bytes += part.Length;
    }

    private async Task<int> CopyEntriesAsync(List<byte[]> keys, ByteWriter part, CancellationToken ended)
    {
        for (int i = 0; i < keys.Count; i += GatewayLimits.MoveKeysAtOnce)
        {
            CopyReply entries = await client.CopyAsync(
                move.Source,
                new CopyRequest
                {
                    Segment = move.Segment.Id.Value,
                    Keys = keys.GetRange(i, Math.Min(GatewayLimits.MoveKeysAtOnce, keys.Count - i)),
                },
                ended);
            foreach (KeyCopy entry in entries.Copies)
            {
                entry.Write(part);
            }
        }

        return keys.Count;
    }

    private async Task<SegmentState> StageAsync(
        MoveInStep step, byte[] part, Slot through, byte[] copiedTo, CancellationToken ended)
    {
        IReadOnlyList<KeyRange> ranges = step == MoveInStep.Begin ? move.Ranges : [];
        SegmentState target = await SendAsync(
            move.Target,
            new MoveInCommand(NextName(), step, ranges, part, through, copiedTo, StagedBelow), ended);
        if (step == MoveInStep.Stage)
        {
            Parts++;
            Digest = ShardMachine.DigestOf(Digest, part);
        }

        return target;
    }

    private MoveName NextName() => new(move.Segment.Id.Value, move.Job, move.Term, nextTicket());

    private async Task<SegmentState> SendAsync(ShardId shard, Command step, CancellationToken ended)
    {
        MoveReply reply = await client.MoveAsync(shard, step, ended);
        return reply.Verdict == MoveVerdict.Done
            ? SegmentState.Of(reply, move.Segment.Id.Value)
            : throw new MoveRefusedException($"shard {shard} refused a step of the move: {reply.Verdict}", reply.Verdict);
    }

    /// <summary>What is left of ranges in key order from a key on.</summary>
    public static List<KeyRange> From(IReadOnlyList<KeyRange> ranges, byte[] key)
    {
        var rest = new List<KeyRange>();
        foreach (KeyRange range in ranges)
        {
            if (range.End is null || ByteKeyComparer.Instance.Compare(key, range.End) < 0)
            {
                rest.Add(ByteKeyComparer.Instance.Compare(key, range.Start) > 0 ? range with { Start = key } : range);
            }
        }

        return rest;
    }

    private sealed class RangeComparer : IEqualityComparer<KeyRange>
    {
        public static RangeComparer Instance { get; } = new();

        public bool Equals(KeyRange left, KeyRange right) =>
            left.Start.AsSpan().SequenceEqual(right.Start) && (left.End is null) == (right.End is null)
            && left.End.AsSpan().SequenceEqual(right.End);

        public int GetHashCode([DisallowNull] KeyRange range) => (int)Hash64.Compute(range.Start);
    }

    /// <summary>What a shard says of a move.</summary>
    internal readonly record struct SegmentState(
        bool IsFenced, Slot Mark, HlcTimestamp NextPin, Slot Through, ulong Parts, ulong Digest, byte[] CopiedTo,
        IReadOnlyList<KeyRange> Ranges)
    {
        public static SegmentState Of(MoveReply reply, uint segment)
        {
            foreach (SegmentMove move in reply.Moves)
            {
                if (move.Segment == segment)
                {
                    return new SegmentState(
                        move.IsFenced, move.Mark, move.NextPin, move.Through, move.Parts, move.Digest, move.CopiedTo,
                        move.Ranges);
                }
            }

            return new SegmentState(false, default, default, default, 0, 0, [], []);
        }
    }
}
