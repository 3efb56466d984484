using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Moves;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Simulation.Directed;

/// <summary>The runner of a move over the machines of both shards, no cluster between them.</summary>
internal static class CopierScenarios
{
    private static readonly Segment s_segment = new(new SegmentId(7), 1, KeyRange.All, new ShardId(1), 1);
    private static readonly KeyRange s_whole = new([1], [9]);
    private static readonly KeyRange s_cut = new([1], [5]);

    /// <summary>A runner has begun and is lost; the segment is cut; another takes the move over. What is collected at the
    /// former owner after the switch would be all that the first one began with, the part that stays there among it.</summary>
    public static string? BegunMoveOfACutSegment()
    {
        var shards = new Machines();
        Task whole = Runner(shards, term: 1, s_whole).BeginAsync(CancellationToken.None);
        Task again = Runner(shards, term: 2, s_whole).BeginAsync(CancellationToken.None);
        Task cut = Runner(shards, term: 3, s_cut).BeginAsync(CancellationToken.None);
        return !whole.IsCompletedSuccessfully || !again.IsCompletedSuccessfully ? "the move cannot be begun, so nothing was shown"
            : cut.Exception?.InnerException is MoveRefusedException { Verdict: MoveVerdict.Occupied } ? null
            : "a move goes on whose segment has been cut since it began";
    }

    private static SegmentCopier Runner(Machines shards, ulong term, KeyRange range)
    {
        ulong tickets = 0;
        return new SegmentCopier(
            shards, () => ++tickets, new MovingSegment(3, term, s_segment, new ShardId(2), Catalog.Empty, [range]));
    }

    private sealed class Machines : IMoveClient
    {
        private readonly ShardMachine _source = new(new ShardId(1));
        private readonly ShardMachine _target = new(new ShardId(2));

        public ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken)
        {
            ShardMachine machine = shard == _source.Shard ? _source : _target;
            MoveVerdict verdict = step is null ? MoveVerdict.Done : machine.ApplyEntry(step).Move!.Value;
            return ValueTask.FromResult(new MoveReply(verdict, machine.Applied, machine.Horizon, [.. machine.Moves.All]));
        }

        public ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nothing is copied before a move has begun.");

        public ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nothing is compared before a move has begun.");
    }
}
