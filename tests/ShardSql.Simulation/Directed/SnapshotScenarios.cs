using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>A follower that is sent snapshots part by part, over a store that is slow where it matters, and that
/// flushes.</summary>
internal static class SnapshotScenarios
{
    private static readonly ShardId s_shard = LoneReplica.Shard;
    private static readonly NodeId s_second = new(2);
    private static readonly NodeId s_third = new(3);

    /// <summary>A snapshot ends half-way, and another leader sends its own: nothing of the first may be left in it.</summary>
    public static string? SnapshotAfterHalfOfAnother()
    {
        var follower = new LoneReplica();
        follower.Send(s_second, id: 1, part: 0, slot: 5, last: false, state: true, StateAt(5));
        follower.Send(s_second, id: 1, part: 1, slot: 5, last: false, state: false, [1]);
        follower.Send(s_third, id: 2, part: 0, slot: 6, last: false, state: true, StateAt(6));
        follower.Send(s_third, id: 2, part: 1, slot: 6, last: true, state: false, [2]);
        StoreRow? meta = follower.Store.RowsOf(KeyRange.Prefix(StoreKeys.Meta(s_shard)), 1) is [{ } found] ? found : null;
        if (follower.Replica.SnapshotsInstalled != 1 || meta is null)
        {
            return "no snapshot was installed, so nothing was shown";
        }

        KeyRange rows = StoreKeys.Rows(s_shard, StoreMeta.FromBytes(meta.Value.Value).Generation);
        int count = follower.Store.RowsOf(rows, int.MaxValue).Count;
        return count == 1 ? null : $"a snapshot of one row left {count} rows";
    }

    /// <summary>While the last part is being written the old state stands still.</summary>
    public static string? FlushDuringTheLastPart()
    {
        var follower = new LoneReplica();
        follower.Send(s_second, id: 1, part: 0, slot: 5, last: false, state: true, StateAt(5));
        follower.Store.Holds = true;
        follower.Send(s_second, id: 1, part: 1, slot: 5, last: true, state: false, [1]);
        long before = follower.Replica.Flushes;
        follower.Tick();
        long during = follower.Replica.Flushes;
        follower.Store.Holds = false;
        follower.Store.LetGo();
        return follower.Replica.SnapshotsInstalled != 1 ? "no snapshot was installed, so nothing was shown"
            : during > before ? "a flush began between the last part of a snapshot and its install" : null;
    }

    /// <summary>Each bit of a snapshot is turned over in turn on its way: none of it may be installed.</summary>
    public static string? FlippedBit()
    {
        var follower = new LoneReplica();
        byte[] first = LoneReplica.Part(id: 1, part: 0, slot: 5, last: false, state: true, StateAt(5));
        byte[] last = LoneReplica.Part(id: 1, part: 1, slot: 5, last: true, state: false, [1]);
        for (int bit = 0; bit < (first.Length + last.Length) * 8; bit++)
        {
            byte[][] parts = [[.. first], [.. last]];
            byte[] flipped = bit < first.Length * 8 ? parts[0] : parts[1];
            int at = bit < first.Length * 8 ? bit : bit - (first.Length * 8);
            flipped[at / 8] ^= (byte)(1 << (at % 8));
            follower.Take(s_second, parts[0]);
            follower.Take(s_second, parts[1]);
            if (follower.Replica.SnapshotsInstalled > 0)
            {
                return $"a snapshot was installed with bit {bit} turned over";
            }
        }

        follower.Take(s_second, first);
        follower.Take(s_second, last);
        return follower.Replica.SnapshotsInstalled == 1 ? null : "the whole snapshot was not installed, so nothing was shown";
    }

    /// <summary>A replica promises, and flushes: behind the flush the log is cut, so the promise must stand there again.
    /// </summary>
    public static string? PromiseBeforeFlush()
    {
        var replica = new LoneReplica();
        var ballot = new Ballot(5, s_second);
        replica.Send(s_second, new PaxosMessage
        {
            Kind = PaxosMessageKind.Prepare, Ballot = ballot, FirstSlot = new Slot(1),
        });
        if (!replica.Records.Exists(record => record.Kind == PaxosRecordKind.Promise && record.Ballot == ballot))
        {
            return "nothing was promised, so nothing was shown";
        }

        replica.Records.Clear();
        replica.Replica.StartFlush();
        return replica.Records.Exists(record => record.Kind == PaxosRecordKind.Promise && record.Ballot == ballot)
            ? null : "the log is cut behind a flush, and the promise with it";
    }

    /// <summary>Two leaders' values of a slot arrive in one turn, and a flush in it writes what is accepted once more: the log
    /// must have them in the order of their ballots, or the node does not come up from it.</summary>
    public static string? AcceptsBeforeFlush()
    {
        var replica = new LoneReplica();
        replica.Hear(s_second, ProposalOf(new Ballot(5, s_second)));
        replica.Hear(s_third, ProposalOf(new Ballot(6, s_third)));
        replica.Tick();
        List<Ballot> ballots =
            [.. replica.Records.Where(static record => record.Kind == PaxosRecordKind.Accept).Select(static record => record.Ballot)];
        return replica.Replica.Flushes == 0 || ballots.Distinct().Count() < 2 ? "no flush between two leaders, so nothing was shown"
            : ballots.SequenceEqual(ballots.Order()) ? null : "a record of a slot is behind a newer one";
    }

    private static PaxosMessage ProposalOf(Ballot ballot) => new()
    {
        Kind = PaxosMessageKind.Accept,
        Ballot = ballot,
        FirstSlot = new Slot(1),
        Entries = [new AcceptedEntry(new Slot(1), ballot, [])],
    };

    /// <summary>An empty shard's state that has applied some entries.</summary>
    public static byte[] StateAt(ulong slot)
    {
        var machine = new ShardMachine(s_shard);
        while (machine.Applied.Value < slot)
        {
            machine.BeginEntry(machine.Applied.Next);
        }

        var writer = new ByteWriter();
        new ShardState(Membership.FoundedBy([new NodeId(1)]), machine).WriteHead(writer);
        return writer.ToArray();
    }
}
