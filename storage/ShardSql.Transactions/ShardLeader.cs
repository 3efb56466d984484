using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>
/// What the leader of a shard adds to its machine, all of it volatile and none of it a promise: it stamps and schedules
/// what it proposes, remembers the snapshots that it served, and knows what has to wait for what (commit.md §2, §3). A
/// mistake here costs an abort; validation at apply decides.
/// </summary>
public sealed partial class ShardLeader
{
    /// <summary>How far ahead of need the read ceiling is raised, ms.</summary>
    public const long CeilingLeadMs = 500;

    /// <summary>Commands that may wait to be proposed.</summary>
    public const int QueueMax = 16_384;

    private readonly ShardMachine _machine;
    private readonly HlcClock _clock;
    private readonly StampBuckets _keysRead = new();
    private readonly RangeStamps _rangesRead = new();
    private readonly Queue<Command> _queue = new();
    private readonly SortedSet<TxnId> _pendingOnes = [];
    private HlcTimestamp _ceilingAsked;
    private HlcTimestamp _mark;

    /// <summary>A new leadership. Nothing is served before its FLOOR is applied.</summary>
    public ShardLeader(ShardMachine machine, HlcClock clock)
    {
        _machine = machine;
        _clock = clock;
    }

    /// <summary>What is proposed and not applied.</summary>
    public ProposalTable Proposals { get; } = new();

    /// <summary>Counters for SHOW SHARDS.</summary>
    public LeaderCounters Counters { get; } = new();

    /// <summary>Whether the leadership's first entry is applied, so that it may serve.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Commands to propose.</summary>
    public int QueueLength => _queue.Count;

    /// <summary>Whether no more can be taken now (53400).</summary>
    public bool IsFull => _queue.Count >= QueueMax;

    /// <summary>
    /// Begins: FLOOR first, and every stamp drawn from here on is above what earlier leaders drew or served.
    /// </summary>
    public void Begin()
    {
        Invariant.Check(_mark == HlcTimestamp.Zero, "A leadership begins once.");
        MergeMachine();
        _mark = _clock.Next(0);
        _queue.Enqueue(new FloorCommand(_mark));
    }

    /// <summary>
    /// Draws a ONE's stamp and queues it. From here on it counts as proposed: whatever comes later waits for it or is
    /// evaluated on top of it.
    /// </summary>
    /// <returns>c(T).</returns>
    public HlcTimestamp ProposeOne(
        TxnId id, TransactionShare share, OneMode mode, Slot basis, HlcTimestamp after, byte[] result, long nowMs)
    {
        MergeMachine();
        _clock.Merge(after);
        HlcTimestamp stamp = _clock.Next(nowMs);
        if (mode == OneMode.Evaluated)
        {
            NameProposedReads(share);
        }

        HlcTimestamp floor = ReadFloorOf(share);
        Propose(new OneCommand(id, stamp, floor, share, mode, basis, result));
        Proposals.Add(id, stamp, floor, share, isPrepare: false);
        _pendingOnes.Add(id);
        return stamp;
    }

    /// <summary>Queues a PREPARE.</summary>
    public void ProposePrepare(
        TxnId id, HlcTimestamp stamp, IReadOnlyList<ShardId> participants, TransactionShare share)
    {
        _clock.Merge(stamp);
        HlcTimestamp floor = ReadFloorOf(share);
        Propose(new PrepareCommand(id, stamp, floor, participants, share));
        Proposals.Add(id, stamp, floor, share, isPrepare: true);
    }

    /// <summary>Whether a ONE is proposed and not applied yet.</summary>
    public bool IsPending(TxnId id) => _pendingOnes.Contains(id);

    /// <summary>Queues a command that carries no stamp of its own.</summary>
    public void Propose(Command command) => _queue.Enqueue(command);

    /// <summary>
    /// Makes sure that snapshots up to a stamp may be served, now or once a ceiling is applied; raises the ceiling ahead
    /// of need, so that a shard that is read steadily never waits for it.
    /// </summary>
    public void NeedCeiling(HlcTimestamp begin, long nowMs)
    {
        if (begin.PhysicalMs + (CeilingLeadMs / 2) > _ceilingAsked.PhysicalMs)
        {
            HlcTimestamp wanted = HlcTimestamp.FromPhysicalMs(long.Max(begin.PhysicalMs, nowMs) + CeilingLeadMs);
            _ceilingAsked = wanted;
            _queue.Enqueue(new CeilingCommand(wanted));
        }
    }

    /// <summary>Takes queued commands for one entry, at least one, up to a number of bytes.</summary>
    /// <param name="entry">Receives count and commands.</param>
    /// <param name="maxBytes">Size after which the entry is full.</param>
    /// <returns>How many commands.</returns>
    public int TakeEntry(ByteWriter entry, int maxBytes)
    {
        int start = entry.Length;
        int count = 0;
        while (_queue.Count > 0 && (count == 0 || entry.Length - start < maxBytes))
        {
            _queue.Dequeue().Write(entry);
            count++;
        }

        return count;
    }

    /// <summary>A command of this shard's log was applied: it is not pending any more.</summary>
    public void OnApplied(Command command, ApplyResult result)
    {
        switch (command)
        {
            case OneCommand one:
                _clock.Merge(one.Stamp);
                Proposals.Remove(one.Id, one.Share);
                _pendingOnes.Remove(one.Id);
                Counters.CountOne(result.Vote!);
                Wake(one.Id);
                break;
            case PrepareCommand prepare:
                _clock.Merge(prepare.Stamp);
                Proposals.Remove(prepare.Id, prepare.Share);
                OnPrepareApplied(prepare, result);
                break;
            case RefuseCommand refuse:
                OnRefuseApplied(refuse.Id, result);
                break;
            case OutcomeCommand outcome:
                OnOutcomeApplied(outcome.Id, result);
                WakeUnfenced();
                break;
            case MoveOutCommand:
                WakeUnfenced();
                break;
            case HorizonCommand:
                _rangesRead.Forget(_machine.Horizon);
                break;
            case CeilingCommand:
                WakeCeiling();
                break;
            case FloorCommand floor:
                MergeMachine();
                IsServing = IsServing || floor.Mark == _mark;
                break;
            default:
                break;
        }
    }

    // A PREPARE that is held back or queued cannot win any more.
    private void OnRefuseApplied(TxnId id, ApplyResult result)
    {
        if (result.Decided is not null)
        {
            Unfilter(id);
            Wake(id);
        }
    }

    private void MergeMachine()
    {
        _clock.Merge(_machine.Highest);
        _clock.Merge(_machine.Floor);
        _clock.Merge(_machine.Closed);
        _clock.Merge(_machine.Horizon);
    }

    // A scan that was evaluated saw the ONEs on their way; it names them, since one of them may be refused or lost.
    private void NameProposedReads(TransactionShare share)
    {
        foreach (KeyRange range in share.Ranges)
        {
            foreach ((byte[] key, _) in Proposals.In(range))
            {
                if (Proposals.NewestOne(key) is { } write
                    && !share.Reads.Exists(read => ByteKeyComparer.Instance.Equals(read.Key, key)))
                {
                    share.Reads.Add(new KeyRead(key, write.Stamp));
                }
            }
        }
    }

    private HlcTimestamp ReadFloorOf(TransactionShare share)
    {
        HlcTimestamp floor = ReadFloorOf(share.Switches);
        foreach (KeyWrite write in share.Writes)
        {
            floor = HlcTimestamp.Max(floor, _keysRead.At(write.Key));
            floor = HlcTimestamp.Max(floor, _rangesRead.At(write.Key));
        }

        return floor;
    }
}
