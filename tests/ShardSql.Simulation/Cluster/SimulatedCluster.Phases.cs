using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Checks;
using ShardSql.Simulation.Cluster.Faults;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Simulation.Cluster.Workloads;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster;

/// <content>The phases of a run: boot, load under faults, heal, rest, checks.</content>
public sealed partial class SimulatedCluster
{
    private const long BootMaxMs = 20_000;
    private const long HealGraceMs = 8_000;
    private const long ProbeMaxMs = 20_000;
    private const long EndMaxMs = 60_000;
    private const long RestMaxMs = 60_000;
    private const long MovesMaxMs = 240_000;
    private const long LastJobMs = 12_000;

    // Sessions show each other what they have seen, or a late clock would show them the time before.
    private HlcTimestamp _seen;

    private void Run()
    {
        _nodes.ForEach(node => node.Start());
        RunProgram(new FillProgram(Workload.InitialRows(), Sql), BootMaxMs, "the cluster does not take its first rows");
        WantsLoad = true;
        for (int i = 0; i < Knobs.Clients; i++)
        {
            var client = new SimulatedClient(this, _clientPrng.Fork((ulong)i)) { Highest = _seen };
            _clients.Add(client);
            client.Start();
        }

        if (HasJobs)
        {
            Jobs.Start();
        }
        else if (HasMoves)
        {
            Moves.Start();
        }

        if (HasVoterChanges)
        {
            Voters.Start();
        }

        if (HasLayoutChanges)
        {
            Layouts.Start();
        }

        IReadOnlyList<PlannedFault> drawn = FaultPlan.Draw(_faultPrng, Knobs, Options.LoadMs);
        Faults.Start(Options.Plan ?? (Options.HasFaults ? drawn : []));

        RunFor(Options.LoadMs);
        Faults.Heal();
        Trace.Say(TraceKind.Fault, Events.NowUs, "healed");
        RunFor(HealGraceMs + long.Max(0, Faults.FarthestAheadMs - HlcClock.MaxSkewMs));
        RunProgram(new ProbeProgram(Knobs.Shards), ProbeMaxMs, "after the heal not every shard serves");
        WantsLoad = false;
        RunUntil(() => _clients.TrueForAll(client => client.IsIdle), EndMaxMs, "clients still wait for their outcomes");
        SystemState? state = HasMoves ? EndMoves() : null;
        if (HasLayoutChanges)
        {
            RunUntil(() => Layouts.IsFollowed, RestMaxMs, "a node does not hold what the layout gives it, and nothing else");
        }

        if (!RunUntil(IsAtRest, RestMaxMs, "the replicas do not come to rest"))
        {
            SayReplicas();
        }

        CheckEnd(state);
    }

    private void RunFor(long ms) => Events.RunUntil(Events.NowUs + (ms * 1_000));

    private bool RunUntil(Func<bool> condition, long maxMs, string otherwise)
    {
        // Looked at now and then, not after each event.
        const long lookEveryMs = 50;
        for (long waitedMs = 0; !condition(); waitedMs += lookEveryMs)
        {
            if (waitedMs >= maxMs)
            {
                Check(false, otherwise);
                return false;
            }

            RunFor(lookEveryMs);
        }

        return true;
    }

    /// <summary>Runs one program until it commits, however often it has to be begun.</summary>
    private void RunProgram(SimulatedProgram program, long maxMs, string otherwise)
    {
        _clients.ForEach(other => _seen = HlcTimestamp.Max(_seen, other.Highest));
        var client = new SimulatedClient(this, _clientPrng.Fork((ulong)NextProcess()))
        {
            Highest = _seen, IsLoad = false,
        };
        bool done = false;
        var once = new OnceProgram(program, () => done = true);
        RunUntil(
            () =>
            {
                if (!done && client.IsIdle)
                {
                    client.Run(once);
                }

                return done;
            },
            maxMs,
            otherwise);
        _seen = HlcTimestamp.Max(_seen, client.Highest);
    }

    private bool IsAtRest()
    {
        foreach (ShardPlacement placement in Layout.Shards)
        {
            List<ShardReplica> replicas = [.. ReplicasOf(placement).Select(pair => pair.Replica)];
            if (replicas.Count == 0 || replicas.Count < VotersOf(placement).Count
                || replicas.Exists(replica => replica.Machine.Applied != replicas[0].Machine.Applied)
                || replicas.Exists(replica => replica.Machine.Registers.Undecided.Count > 0))
            {
                return false;
            }
        }

        return true;
    }

    // What a replica that stays behind waits for.
    private void SayReplicas()
    {
        foreach (ShardPlacement placement in Layout.Shards)
        {
            foreach (SimulatedNode node in _nodes)
            {
                if (node.Core?.Replicas.GetValueOrDefault(placement.Shard) is not { } replica)
                {
                    continue;
                }

                PaxosReplica paxos = replica.Paxos;
                Trace.Say(
                    TraceKind.Boot, Events.NowUs,
                    $"{placement.Shard} on {node.Id}: {paxos.Role}, leader {paxos.Leader}, promised {paxos.Promised}, "
                        + $"relearning {paxos.IsRelearning} up to {paxos.Forgotten}, amnesiac {paxos.IsAmnesiac}, log {paxos.LogFirst} to {paxos.LogLast}, chosen "
                        + $"{paxos.Commit}, applied {replica.Machine.Applied}, undecided "
                        + $"{replica.Machine.Registers.Undecided.Count}, voters {paxos.Membership}, lease {paxos.HasLease}, "
                        + $"in flight {paxos.InFlight}");
            }
        }
    }

    // Those without a vote are brought up to nothing.
    private IReadOnlyList<NodeId> VotersOf(ShardPlacement placement)
    {
        if (!HasVoterChanges && !HasLayoutChanges)
        {
            return placement.Members;
        }

        Membership? latest = null;
        foreach (SimulatedNode node in _nodes)
        {
            if (node.Core?.Replicas.GetValueOrDefault(placement.Shard)?.Paxos.Membership is { } known
                && (latest is null || known.Latest.From > latest.Latest.From))
            {
                latest = known;
            }
        }

        return latest?.Latest.Voters ?? placement.Founders;
    }

    private IEnumerable<(SimulatedNode Node, ShardReplica Replica)> ReplicasOf(ShardPlacement placement)
    {
        foreach (NodeId member in VotersOf(placement))
        {
            SimulatedNode node = _nodes[(int)member.Value - 1];
            if (node.Core?.Replicas.GetValueOrDefault(placement.Shard) is { } replica)
            {
                yield return (node, replica);
            }
        }
    }

    private void CheckEnd(SystemState? state)
    {
        Log.CheckEnd();
        Serial.CheckEnd();
        if (HasJobs && state is not null)
        {
            EntryCheck.Run(this, state);
        }

        foreach (ShardPlacement placement in Layout.Shards)
        {
            CheckReplicas(placement, state);
            CheckRegisters(placement);
        }

        CheckQuotas(state);
        _seen = HlcTimestamp.Max(_seen, Serial.HighestStamp);
        var final = new FinalRead(tables: 16);
        RunProgram(final, ProbeMaxMs, "the rows cannot be read at the end");
        Check(
            final.Rows.Count == Serial.FinalRows.Count
                && final.Rows.All(row => Serial.FinalRows.GetValueOrDefault(row.Key) == row.Value),
            "rows read at the end are not those of the serial order: " + Difference(final.Rows, Serial.FinalRows));
        foreach (string anomaly in Workload.Check(final.Rows, _reached))
        {
            Check(false, anomaly);
        }
    }

    /// <summary>Every move ends, and nothing of it is left: no staged rows, no rows at a former owner.</summary>
    private SystemState? EndMoves()
    {
        // A job that was asked for last may still be on its way into its table.
        RunFor(LastJobMs);
        long sinceUs = Events.NowUs;
        if (!RunUntil(
            () => MovesLeft().Count == 0 && _gateways.TrueForAll(gateway => gateway.Moves!.SawNoJobSince(sinceUs)),
            MovesMaxMs,
            "moves do not end, or leave something behind"))
        {
            MovesLeft().ForEach(left => Check(false, left));
            _gateways.ForEach(gateway => Check(false, $"gateway {gateway.Address}: {gateway.Moves}"));
        }

        SystemState? state = null;
        SimulatedGateway gateway = _gateways.First(candidate => candidate.IsUp);
        gateway.Start(async () => state = await gateway.Moves!.NewestAsync());
        RunUntil(() => state is not null, ProbeMaxMs, "the map cannot be read at the end");
        return state;
    }

    private List<string> MovesLeft() =>
    [
        .. from placement in Layout.Shards
        from pair in ReplicasOf(placement)
        from move in pair.Replica.Machine.Moves.All
        select $"{placement.Shard} on {pair.Node.Id} is {move.Role} of seg-{move.Segment}, job {move.Job}, term {move.Term}, "
            + $"horizon {pair.Replica.Machine.Horizon}, until {move.Until}",
    ];

    // Rows and entries where the map says that they are.
    private IEnumerable<KeyValuePair<byte[], byte[]>> ExpectedSql(ShardId shard, SystemState? state)
    {
        if (state is null)
        {
            return Serial.FinalSql(shard);
        }

        var homes = new KeyHomes(state);
        return Serial.AllSql.Where(row => LiveRows.IsLive(state, row.Key) && homes.Of(row.Key, row.Value)?.Shard == shard);
    }

    private void CheckReplicas(ShardPlacement placement, SystemState? state)
    {
        Dictionary<RowId, string> expected = Serial.FinalRows
            .Where(row => SimulatedRows.ShardOf(row.Key.Group, Knobs.Shards) == placement.Shard).ToDictionary();
        foreach ((SimulatedNode node, ShardReplica replica) in ReplicasOf(placement))
        {
            SortedDictionary<byte[], byte[]> all = ReplicaRows.Of(node, replica);
            Dictionary<RowId, string> rows = all.Where(row => placement.Shard != ShardId.System && !SqlDatabase.IsSql(row.Key))
                .ToDictionary(row => SimulatedRows.IdOf(row.Key), row => SimulatedRows.FromStored(row.Value)!);
            string difference = Difference(rows, expected);
            Check(
                difference.Length == 0,
                $"rows of {placement.Shard} on {node.Id} are not those of the serial order: {difference}");
            string inSql = SqlDatabase.Difference(
                all.Where(row => SqlDatabase.IsSql(row.Key) && LiveRows.IsLive(state, row.Key)),
                ExpectedSql(placement.Shard, state));
            Check(
                inSql.Length == 0,
                $"rows in SQL of {placement.Shard} on {node.Id} are not those of the serial order: {inSql}");
            foreach (KeyValuePair<byte[], Register> fence in replica.Machine.Fences.WritersIn(KeyRange.All))
            {
                Check(false, $"a fence of {fence.Value.Id} is left at {placement.Shard} on {node.Id}");
            }
        }
    }

    private void CheckQuotas(SystemState? state)
    {
        if ((state ?? Sql.State).Catalog.Find(SqlPurses.BoundedTable) is not { Spillover: not null } table)
        {
            return;
        }

        var check = new QuotaCheck(table);
        Dictionary<ShardId, SortedDictionary<byte[], byte[]>> rows = Layout.Shards.ToDictionary(
            placement => placement.Shard,
            placement => new SortedDictionary<byte[], byte[]>(
                ExpectedSql(placement.Shard, state).ToDictionary(), ByteKeyComparer.Instance));
        check.Add(rows.Values.SelectMany(static shard => shard));
        foreach (ShardPlacement placement in Layout.Shards)
        {
            bool counts = true;
            foreach ((_, ShardReplica replica) in ReplicasOf(placement))
            {
                check.Look(replica, rows[placement.Shard].ContainsKey, counts).ToList().ForEach(wrong => Check(false, wrong));
                counts = false;
            }
        }

        check.Wrong().ToList().ForEach(wrong => Check(false, wrong));
    }

    // A state that came in a snapshot knows the same votes as one that came from the log.
    private void CheckRegisters(ShardPlacement placement)
    {
        List<(SimulatedNode Node, ShardReplica Replica)> replicas = [.. ReplicasOf(placement)];
        foreach (TxnId id in Serial.Ids)
        {
            Register? first = replicas[0].Replica.Machine.Registers.Find(id);
            foreach ((SimulatedNode node, ShardReplica replica) in replicas)
            {
                Register? other = replica.Machine.Registers.Find(id);
                Check(
                    first?.State == other?.State && first?.Vote.Pi == other?.Vote.Pi
                        && first?.Vote.Eta == other?.Vote.Eta,
                    $"{node.Id} and {replicas[0].Node.Id} have other registers of {id} at {placement.Shard}");
            }
        }
    }

    private static string Difference(
        IReadOnlyDictionary<RowId, string> found, IReadOnlyDictionary<RowId, string> expected)
    {
        IEnumerable<RowId> rows = found.Keys.Union(expected.Keys)
            .Where(row => found.GetValueOrDefault(row) != expected.GetValueOrDefault(row))
            .OrderBy(row => row.ToString(), StringComparer.Ordinal).Take(3);
        return string.Join(
            ", ", rows.Select(row => $"{row} '{found.GetValueOrDefault(row)}' for '{expected.GetValueOrDefault(row)}'"));
    }
}
