using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Simulation.Explorer;

/// <summary>
/// One replica with its disk, as a value: a step gives another one. Unsynced records and the messages that wait for them
/// are lost by a restart.
/// </summary>
internal sealed class PaxosNode
{
    private readonly PaxosOptions _options;
    private readonly PaxosReplica _replica;
    private readonly PaxosRestored _durable;
    private readonly List<PaxosRecord> _unsynced;
    private readonly List<PaxosOutgoing> _afterSync;
    private readonly Ballot _votesFrom;

    private PaxosNode(
        PaxosOptions options, PaxosReplica replica, PaxosRestored durable, List<PaxosRecord> unsynced,
        List<PaxosOutgoing> afterSync, Ballot votesFrom)
    {
        _options = options;
        _replica = replica;
        _durable = durable;
        _unsynced = unsynced;
        _afterSync = afterSync;
        _votesFrom = votesFrom;
    }

    public PaxosReplica Replica => _replica;

    /// <summary>What a restart would find.</summary>
    public PaxosRestored Durable => _durable;

    /// <summary>What it has durably voted for. What it accepted while it had lost its votes was none, unless the ballot is
    /// the one that it goes on with.</summary>
    public IEnumerable<AcceptedEntry> Votes =>
        _durable.IsAmnesiac ? [] : _durable.Accepted.Where(entry => entry.Ballot >= _votesFrom);

    public bool HasUnsynced => _unsynced.Count > 0 || _afterSync.Count > 0;

    public Slot LastProposed => new(_replica.Commit.Value + (ulong)_replica.InFlight);

    public static PaxosNode New(PaxosOptions options) => Restarted(options, PaxosRestored.Empty);

    public delegate void Step(PaxosReplica replica);

    /// <summary>Takes a step and what comes of it.</summary>
    public PaxosNode After(Step step, bool syncs, PaxosDefect defect, List<PaxosOutgoing> sent)
    {
        PaxosReplica replica = _replica.Clone();
        step(replica);
        PaxosReady ready = replica.TakeReady();
        foreach (PaxosOutgoing now in ready.Now)
        {
            Invariant.Check(
                now.Message.Kind is PaxosMessageKind.Accept or PaxosMessageKind.Rejected or PaxosMessageKind.Yield,
                "What claims or needs a durable ballot waits for the disk.");
        }

        sent.AddRange(ready.Now);
        List<PaxosRecord> unsynced = [.. _unsynced, .. ready.Records];
        List<PaxosOutgoing> afterSync = [.. _afterSync, .. ready.AfterPersist];
        if (defect == PaxosDefect.SendsBeforeSync)
        {
            sent.AddRange(afterSync.FindAll(outgoing => outgoing.To != _options.Self));
            afterSync.RemoveAll(outgoing => outgoing.To != _options.Self);
        }

        // Only a leader shows anything before its records are durable; for others an unsynced step is no step yet.
        var next = new PaxosNode(_options, replica, _durable, unsynced, afterSync, _votesFrom);
        bool shows = replica.Role == PaxosRole.Leader || defect == PaxosDefect.SendsBeforeSync;
        while ((syncs || !shows) && next.HasUnsynced)
        {
            next = next.Synced(sent);
        }

        return next;
    }

    /// <summary>The records are durable: what waited for them is sent, and what was for the node itself arrives.</summary>
    public PaxosNode Synced(List<PaxosOutgoing> sent)
    {
        var own = new List<PaxosMessage>();
        foreach (PaxosOutgoing outgoing in _afterSync)
        {
            if (outgoing.To == _options.Self)
            {
                own.Add(outgoing.Message);
            }
            else
            {
                sent.Add(outgoing);
            }
        }

        PaxosRestored durable = SyncedRecords();
        Ballot votesFrom = _durable.IsAmnesiac && !durable.IsAmnesiac ? durable.Promised : _votesFrom;
        var synced = new PaxosNode(_options, _replica, durable, [], [], votesFrom);
        return own.Count == 0
            ? synced
            : synced.After(replica => own.ForEach(message => replica.Step(_options.Self, message)), false, default, sent);
    }

    private PaxosRestored SyncedRecords()
    {
        Ballot promised = _durable.Promised;
        Slot commit = _durable.Commit;
        bool isAmnesiac = _durable.IsAmnesiac;
        var accepted = new SortedDictionary<ulong, AcceptedEntry>();
        foreach (AcceptedEntry entry in _durable.Accepted)
        {
            accepted[entry.Slot.Value] = entry;
        }

        foreach (PaxosRecord record in _unsynced)
        {
            switch (record.Kind)
            {
                case PaxosRecordKind.Promise:
                    promised = record.Ballot;
                    break;
                case PaxosRecordKind.Accept:
                    accepted[record.Slot.Value] = new AcceptedEntry(record.Slot, record.Ballot, record.Value);
                    break;
                case PaxosRecordKind.Relearned:
                    isAmnesiac = false;
                    break;
                default:
                    commit = record.Slot;
                    break;
            }
        }

        return new PaxosRestored(promised, default, commit, [.. accepted.Values], isAmnesiac);
    }

    public PaxosNode Restarted(PaxosDefect defect, bool losesDisk) => Restarted(_options, defect switch
    {
        PaxosDefect.VotesAfterAmnesia => PaxosRestored.Empty,
        _ when losesDisk => PaxosRestored.Empty with { IsAmnesiac = true },
        PaxosDefect.ForgetsPromise => _durable with { Promised = Ballot.Zero },
        PaxosDefect.ForgetsAccepted => _durable with { Accepted = [], Commit = default },
        _ => _durable,
    });

    public void WriteFingerprint(ByteWriter writer)
    {
        _replica.WriteFingerprint(writer);
        writer.WriteBoolean(_durable.IsAmnesiac);
        writer.WriteBallot(_votesFrom);
        writer.WriteBallot(_durable.Promised);
        writer.WriteVarint(_durable.Commit.Value);
        foreach (AcceptedEntry entry in _durable.Accepted)
        {
            writer.WriteVarint(entry.Slot.Value);
            writer.WriteBallot(entry.Ballot);
            writer.WriteBytes(entry.Value);
        }

        writer.WriteVarint((ulong)_unsynced.Count);
        foreach (PaxosRecord record in _unsynced)
        {
            writer.WriteByte((byte)record.Kind);
            record.Write(writer);
        }

        foreach (PaxosOutgoing outgoing in _afterSync)
        {
            writer.WriteVarint(outgoing.To.Value);
            outgoing.Message.Write(writer);
        }
    }

    private static PaxosNode Restarted(PaxosOptions options, PaxosRestored durable)
    {
        var replica = new PaxosReplica(options, durable, new Prng(options.Self.Value), nowMs: 0);
        replica.TakeReady();
        return new PaxosNode(options, replica, durable, [], [], Ballot.Zero);
    }
}
