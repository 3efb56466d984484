using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Directed;

/// <summary>A node gives its replica up, and is given it again: single paths, each with the rule that it needs.</summary>
internal static class LayoutScenarios
{
    private const int LogSegments = 8;

    private static readonly NodeId s_second = new(2);

    /// <summary>The last part of a snapshot is on its way to the disk when the replica is given up: nothing may come of
    /// it.</summary>
    public static string? GivenUpWhileItInstalls()
    {
        var node = new LoneReplica();
        node.Send(s_second, id: 1, part: 0, slot: 5, last: false, state: true, SnapshotScenarios.StateAt(5));
        node.Store.Holds = true;
        node.Send(s_second, id: 1, part: 1, slot: 5, last: true, state: false, [1]);
        ShardReplica replica = node.Replica;
        node.Adopt(holds: false);
        node.Store.Holds = false;
        node.Store.LetGo();
        return node.Records.Count == 0 ? "the replica was not given up, so nothing was shown"
            : replica.SnapshotsInstalled > 0 || node.Records[^1].Kind != PaxosRecordKind.Retired
                ? "a replica that was given up installed a snapshot" : null;
    }

    /// <summary>The base store may say that a replica is given up only when the log does: what the log holds of it would
    /// count again after a restart.</summary>
    public static string? MarkedBeforeItIsLogged()
    {
        var node = new LoneReplica();
        node.Adopt(holds: false);
        node.Tick();
        if (IsMarked(node))
        {
            return "the base store says that a replica is given up, and the log does not";
        }

        node.Sync();
        node.Tick();
        return IsMarked(node) ? null : "the base store never says that the replica is given up";
    }

    /// <summary>A replica promises, is given up and is made again: it keeps its promise, and what it writes lies apart from
    /// what is being cleared.</summary>
    public static string? MadeAgain()
    {
        var node = new LoneReplica();
        var ballot = new Ballot(5, s_second);
        node.Send(s_second, new PaxosMessage { Kind = PaxosMessageKind.Prepare, Ballot = ballot, FirstSlot = new Slot(1) });
        FormerLife former = node.Replica.Life;
        node.Adopt(holds: false);
        node.Adopt(holds: true);
        node.Sync();
        node.Tick();
        FormerLife life = node.Replica.Life;
        return former.Promised != ballot ? "nothing was promised, so nothing was shown"
            : life.Promised < ballot ? "a replica that was made again has forgotten its promise"
            : life.Generation <= former.Generation ? "a replica that was made again writes where its former rows are cleared"
            : null;
    }

    /// <summary>The log goes on after a replica was given up: a base store that was put back could not tell of it, so the
    /// log still must.</summary>
    public static string? CutBehindAFormerLife()
    {
        var node = new LoneReplica();
        node.Adopt(holds: false);
        for (int i = 0; i < LogSegments; i++)
        {
            node.Sync();
            node.Tick();
        }

        return !node.IsCut ? "the log was not cut, so nothing was shown"
            : node.Records.Exists(record => record.Kind == PaxosRecordKind.Retired)
                ? null : "the log was cut, and says no more that a replica was given up";
    }

    private static bool IsMarked(LoneReplica node) =>
        node.Store.RowsOf(StoreKeys.Metas, 1).Any(row => StoreMeta.FromBytes(row.Value).Former is not null);
}
