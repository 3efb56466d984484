using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Moves;

/// <summary>How a pause ended.</summary>
internal enum SwitchResult
{
    /// <summary>The segment has its new owner.</summary>
    Switched,

    /// <summary>It has not, and the source's fence is still there.</summary>
    Refused,

    /// <summary>The tables of the segment are not those that the move began with.</summary>
    OtherTables,
}

/// <summary>
/// Gives a fenced segment to its new owner (sharding.md §2, steps 5 and 6): one cross-shard transaction over source,
/// target and system shard. The source votes first; what its vote fixes is brought to the target, which votes for exactly
/// that.
/// </summary>
internal sealed class SegmentSwitcher(MoveServices services, MovingSegment move, SegmentCopier copier, Func<int> maxPauseMs)
{
    private readonly TransactionName _name = services.Store.NewName();
    private int _tooLate;

    /// <summary>Switches, as often as it takes within the pause.</summary>
    /// <param name="note">Writes the job's row in the transaction that switches.</param>
    /// <param name="pause">Ends when the pause has lasted as long as it may.</param>
    /// <param name="ended">Ends the work; the outcome of what has been sent is found by whoever comes next.</param>
    public async Task<SwitchResult> RunAsync(
        Func<OpenTransaction, Task> note, CancellationToken pause, CancellationToken ended)
    {
        for (int attempt = 1; attempt <= GatewayLimits.MaxSwitchAttempts && !pause.IsCancellationRequested; attempt++)
        {
            using OpenTransaction system = services.Store.Begin();
            byte[]? header = await services.Store.GetAsync(system, SystemKeys.Header, ended);
            SystemState state = services.Catalog.Current;
            if (header is null || CatalogHeader.Decode(header) != state.Catalog.Header)
            {
                await services.Catalog.RefreshAsync(ended);
                continue;
            }

            // Read with the header: no shard is closed between this look and the switch.
            _ = SegmentNames.Require(state, move.Target);
            if (!IsStill(state))
            {
                return SwitchResult.OtherTables;
            }

            await note(system);
            WriteMap(system, state.Catalog.Header);
            CommitOutcome outcome = await AttemptAsync(system, state, ended);
            if (outcome.Verdict == CommitVerdict.Committed)
            {
                services.Stamps.Merge(outcome.Stamp);
                return SwitchResult.Switched;
            }

            if (outcome.Verdict != CommitVerdict.Refused)
            {
                throw CommitErrors.From(outcome, state.Catalog);
            }

            _tooLate += outcome.Reason == RefusalReason.Window ? 1 : 0;
            await Backoff.BeforeAttemptAsync(attempt, services.Time, ended);
        }

        return SwitchResult.Refused;
    }

    private bool IsStill(SystemState state)
    {
        IReadOnlyList<(uint, ulong)> now = SegmentContents.VersionsOf(state.Catalog, move.Segment.GroupId);
        IReadOnlyList<(uint, ulong)> then = SegmentContents.VersionsOf(move.Catalog, move.Segment.GroupId);
        return System.Linq.Enumerable.SequenceEqual(now, then)
            && SegmentContents.BuildingIn(state.Catalog, move.Segment.GroupId) is null
            && state.Map.Find(move.Segment.Range.Start) == move.Segment;
    }

    private void WriteMap(OpenTransaction system, CatalogHeader header)
    {
        ShardWork work = system.At(ShardId.System);
        CatalogHeader next = header with { MapVersion = header.MapVersion + 1 };
        Segment moved = move.Segment with { Shard = move.Target, Epoch = move.Segment.Epoch + 1 };
        work.Write(SystemRows.Write(SystemKeys.Header, next.Encode()));
        work.Write(SystemRows.Write(SystemKeys.Segment(moved.Id), moved.Encode()));
    }

    // What is read while the switch is on its way lies below it, if it is not on its way for too long.
    private TimeSpan Lead =>
        GatewayLimits.SwitchLead * (1 << Math.Min(_tooLate, GatewayLimits.MaxSwitchLeadDoublings));

    private async Task<CommitOutcome> AttemptAsync(OpenTransaction system, SystemState state, CancellationToken ended)
    {
        ShardId[] participants = [ShardId.System, move.Source, move.Target];
        Array.Sort(participants);
        TxnId id = _name.NextAttempt();
        var round = new VoteRound(
            services.Client,
            services.Stamps,
            services.Time,
            id,
            participants,
            services.Stamps.NextAhead(Lead));
        await round.RunInTurnAsync(
            new(move.Source, SourceShare()),
            async limit => await copier.FinishAsync(id, limit) is { } horizon
                ? [new(move.Target, TargetShare(state, horizon)), system.Shares()[0]]
                : null,
            ended);
        await round.Settled;
        return round.Outcome();
    }

    private TransactionShare SourceShare() => new()
    {
        NewGuards = { new Guard(GuardKind.Segment, move.Segment.Id.Value, 0) },
        Switches =
        {
            new SegmentSwitch(
                move.Segment.Id.Value, move.Job, move.Term, true, 0, 0, (uint)maxPauseMs(), HlcTimestamp.Zero),
        },
    };

    private TransactionShare TargetShare(SystemState state, HlcTimestamp horizon)
    {
        var share = new TransactionShare
        {
            NewGuards = { new Guard(GuardKind.Segment, move.Segment.Id.Value, move.Segment.Epoch + 1) },
            Switches =
            {
                new SegmentSwitch(
                    move.Segment.Id.Value, move.Job, move.Term, false, copier.Parts, copier.Digest, (uint)maxPauseMs(), horizon),
            },
        };

        // A shard that has held none of the group knows nothing of its tables, or what they were long ago.
        if (!HoldsGroup(state.Map))
        {
            foreach ((uint table, ulong version) in SegmentContents.VersionsOf(state.Catalog, move.Segment.GroupId))
            {
                share.NewGuards.Add(new Guard(GuardKind.Table, table, version));
            }
        }

        return share;
    }

    private bool HoldsGroup(ShardMap map)
    {
        foreach (Segment segment in map.OfGroup(move.Segment.GroupId))
        {
            if (segment.Shard == move.Target)
            {
                return true;
            }
        }

        return false;
    }
}
