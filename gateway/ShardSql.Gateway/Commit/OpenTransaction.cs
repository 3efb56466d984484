using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Sequences;
using ShardSql.Gateway.Stamps;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>
/// A transaction between its begin and its commit: snapshot, id, and per shard what it has read and will write. Writes
/// stay here until commit (commit.md §2); nothing at a shard has to be undone when it is given up.
/// </summary>
internal sealed class OpenTransaction : IDisposable
{
    private readonly SortedDictionary<ShardId, ShardWork> _shards = [];
    private readonly SnapshotRegistry.Lease _snapshot;
    private readonly UndoLog _undo = new();
    private ShardId _newest;
    private bool _isInOrder;

    /// <summary>A transaction at a snapshot, which it gives up when it is disposed.</summary>
    public OpenTransaction(TransactionName name, SnapshotRegistry.Lease snapshot)
    {
        Name = name;
        _snapshot = snapshot;
        Begin = snapshot.Stamp;
    }

    /// <summary>Who began it; lives on when the transaction is started again at another snapshot.</summary>
    public TransactionName Name { get; }

    /// <summary>The snapshot b. The lease holds one at or below it.</summary>
    public HlcTimestamp Begin { get; private set; }

    /// <summary>Whether nothing has been read or written yet, so that the snapshot may still be drawn anew.</summary>
    public bool IsFresh => _shards.Count == 0 && !HasAnswered && !IsPinned;

    /// <summary>Whether the snapshot was asked for by its time (AS OF): no other will do.</summary>
    public bool IsPinned { get; init; }

    public bool ReadOnly { get; set; }

    /// <summary>Whether fragments shall say what they read: not needed by what ends with one statement that
    /// reads.</summary>
    public bool WantsReadSet { get; init; } = true;

    /// <summary>Whether a read met "retry" after rows had been handed out: then even a reader is validated.</summary>
    public bool MustValidate { get; set; }

    /// <summary>Whether anything has been handed to the client, so that the snapshot cannot be changed any
    /// more.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>The version of the shard map that its reads and writes are placed by.</summary>
    public ulong MapVersion { get; set; }

    /// <summary>What it has made of the schema; null: nothing.</summary>
    public OwnSchema? Schema { get; set; }

    /// <summary>Who it gives numbers of sequences to.</summary>
    public SessionNumbers? Numbers { get; init; }

    /// <summary>Its latest statement that writes, if that has been counted.</summary>
    public StatementUse? LastWrite { get; set; }

    public HlcTimestamp PiHint { get; private set; } = HlcTimestamp.Infinity;

    public HlcTimestamp EtaHint { get; private set; } = HlcTimestamp.Zero;

    public IReadOnlyCollection<ShardId> Participants => _shards.Keys;

    /// <summary>The one participant, where there is one.</summary>
    public ShardId? OnlyParticipant => _shards.Count == 1 ? _newest : null;

    public bool HasWrites
    {
        get
        {
            foreach (ShardWork work in _shards.Values)
            {
                if (work.HasWrites)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The data shards that it writes.</summary>
    public IReadOnlyCollection<ShardId> WrittenShards => !HasWrites
        ? []
        : [.. from shard in _shards where shard.Key != ShardId.System && shard.Value.HasWrites select shard.Key];

    /// <summary>Whether the commit needs a log entry at all (commit.md §2).</summary>
    public bool NeedsValidation => MustValidate || HasWrites;

    /// <summary>The tables used so far.</summary>
    public IReadOnlyCollection<uint> Tables
    {
        get
        {
            var tables = new SortedSet<uint>();
            foreach (ShardWork work in _shards.Values)
            {
                work.AddTables(tables);
            }

            return tables;
        }
    }

    /// <summary>Keys that it wrote, and that it is known to have read, shard by shard.</summary>
    public IEnumerable<(byte[] Key, bool IsWrite)> Touched()
    {
        foreach (ShardWork work in _shards.Values)
        {
            foreach ((byte[] Key, bool IsWrite) touched in work.Touched())
            {
                yield return touched;
            }
        }
    }

    /// <summary>The work at a shard, begun when it is touched first.</summary>
    public ShardWork At(ShardId shard)
    {
        if (!_shards.TryGetValue(shard, out ShardWork? work))
        {
            work = new ShardWork(shard, _undo);
            _shards.Add(shard, work);
            _newest = shard;
        }

        return work;
    }

    /// <summary>The transaction's own writes at a shard.</summary>
    public IReadOnlyList<KeyWrite> OverlayAt(ShardId shard) =>
        _shards.TryGetValue(shard, out ShardWork? work) ? work.Overlay : [];

    /// <summary>Takes the snapshot that the first shard read has drawn.</summary>
    public void BeginAt(HlcTimestamp drawn)
    {
        Invariant.Check(IsFresh && drawn >= Begin, "A snapshot is moved ahead, before anything is read.");
        Begin = drawn;
    }

    /// <summary>What a plan counts on that the shard can know of.</summary>
    public List<Guard> GuardsOf(ShardTask task)
    {
        List<Guard> guards = PlanGuards.Of(task);
        return Schema is null ? guards : Schema.Known(guards);
    }

    /// <summary>A task has run: what its plan counts on must hold when the transaction commits.</summary>
    public void Expect(ShardTask task)
    {
        At(task.Shard).Expect(GuardsOf(task));
        _isInOrder |= task.IsInOrder;
    }

    /// <summary>Where writes and schema stand; from now on they can be taken back to here.</summary>
    public TransactionMark Mark()
    {
        _undo.IsKept = true;
        return new TransactionMark(_undo.Count, Schema);
    }

    /// <summary>Takes writes and changes of the schema since a mark back. Reads stay, and are validated.</summary>
    public void TakeBack(TransactionMark mark)
    {
        Numbers?.Forget(Schema, mark.Schema);
        Schema = mark.Schema;
        while (_undo.Count > mark.UndoCount)
        {
            (ShardId shard, byte[] key, KeyWrite? earlier) = _undo.Pop();
            At(shard).TakeBack(key, earlier);
        }
    }

    /// <summary>
    /// Segments may have moved since the transaction was planned: what was read and written of them belongs to their new
    /// owners. A change of the layout itself is planned again instead, or conflicts.
    /// </summary>
    public void Follow(SystemState state)
    {
        MapVersion = state.Map.Version;
        if (Schema is not null || _shards.Values.Any(static work => work.ChangesLayout))
        {
            return;
        }

        var homes = new KeyHomes(state);
        ShardWork[] works = [.. _shards.Values];
        _shards.Clear();
        foreach (ShardWork work in works)
        {
            work.HandOver(homes, At);
        }

        _undo.Follow(homes, key => Array.Find(works, work => work.Find(key) is not null)?.Find(key));
    }

    /// <summary>Takes a fragment's reply into the transaction.</summary>
    public void Take(ShardId shard, FragmentReply reply)
    {
        At(shard).Take(reply);
        PiHint = HlcTimestamp.Min(PiHint, reply.PiHint);
        EtaHint = HlcTimestamp.Max(EtaHint, reply.EtaHint);
        int reads = 0;
        foreach (ShardWork work in _shards.Values)
        {
            reads += work.ReadCount;
        }

        if (reads > GatewayLimits.MaxReadSet)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"the transaction's read set exceeds the limit of {GatewayLimits.MaxReadSet} keys and ranges: {reads}"))
            {
                Hint = "Read ranges rather than many single keys, or commit in smaller transactions.",
            };
        }
    }

    /// <summary>Takes back that it has read ranges of a table: what others have put there since does not matter to it.</summary>
    public void ForgetRanges(uint table)
    {
        foreach (ShardWork work in _shards.Values)
        {
            work.ForgetRanges(table);
        }
    }

    /// <summary>What each participant is to vote on, in the order of shards.</summary>
    public List<KeyValuePair<ShardId, TransactionShare>> Shares()
    {
        var shares = new List<KeyValuePair<ShardId, TransactionShare>>(_shards.Count);
        foreach (KeyValuePair<ShardId, ShardWork> work in _shards)
        {
            TransactionShare share = work.Value.ToShare(Begin);
            share.IsInOrder = _isInOrder;
            Schema?.Complete(work.Key, share);
            shares.Add(new KeyValuePair<ShardId, TransactionShare>(work.Key, share));
        }

        return shares;
    }

    /// <summary>Gives the snapshot up, and what it has made of the schema unless that is everybody's by now.</summary>
    public void Dispose()
    {
        Numbers?.Forget(Schema, null);
        _snapshot.Dispose();
    }
}
