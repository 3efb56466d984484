using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Simulation.Directed;

/// <summary>
/// A few replicas whose messages are delivered by hand, one path that random runs hardly ever take. What is persisted is
/// durable at once; messages stay until they are delivered or dropped.
/// </summary>
internal sealed class PaxosGroup
{
    private const int DeliveriesMax = 10_000;
    private const long StepMs = 100;

    private readonly List<NodeId> _members;
    private readonly int _pipeline;
    private readonly SortedDictionary<NodeId, List<PaxosRecord>> _disks = [];
    private readonly SortedDictionary<NodeId, PaxosReplica> _replicas = [];
    private readonly SortedDictionary<ulong, ulong> _chosen = [];
    private readonly SortedDictionary<NodeId, ulong> _handedOut = [];
    private readonly List<Envelope> _messages = [];
    private ulong _lives;

    public PaxosGroup(int members, int pipeline = PaxosOptions.PipelineMax)
    {
        _pipeline = pipeline;
        _members = [.. Enumerable.Range(1, members).Select(i => new NodeId((uint)i))];
        foreach (NodeId node in _members)
        {
            _disks[node] = [];
            Start(node);
        }
    }

    /// <summary>What must not be, once it was seen.</summary>
    public string? Violation { get; private set; }

    /// <summary>Monotonic time, the same everywhere, ms.</summary>
    public long NowMs { get; private set; }

    public PaxosReplica this[uint node] => _replicas[new NodeId(node)];

    /// <summary>The process ends and starts again from what it had persisted.</summary>
    public void Restart(uint node) => Start(new NodeId(node));

    /// <summary>As a restart, after its log was lost.</summary>
    public void RestartWithoutLog(uint node)
    {
        _disks[new NodeId(node)] = [new PaxosRecord(PaxosRecordKind.Amnesia, default, default, [])];
        Start(new NodeId(node));
    }

    /// <summary>Its node gives it up, and makes it again at once.</summary>
    public void MakeAgain(uint node)
    {
        PaxosReplica former = this[node];
        _disks[new NodeId(node)] = [new PaxosRecord(PaxosRecordKind.Retired, former.Promised, former.LastVoted, [])];
        Start(new NodeId(node));
    }

    public void Pass(long ms)
    {
        NowMs += ms;
        foreach (PaxosReplica replica in _replicas.Values)
        {
            replica.SetTime(NowMs);
        }
    }

    /// <summary>Lets the timers of one replica run.</summary>
    public void Tick(uint node)
    {
        this[node].Tick(NowMs);
        Collect(new NodeId(node));
    }

    /// <summary>Lets time pass for all of them; what matches is delivered, the rest is lost.</summary>
    public void Run(long ms, Func<uint, uint, bool> connects)
    {
        for (long passed = 0; passed < ms; passed += StepMs)
        {
            Pass(StepMs);
            _members.ForEach(member => Tick(member.Value));
            Deliver((from, to, _) => connects(from, to));
            Drop((_, _, _) => true);
        }
    }

    public void Campaign(uint node)
    {
        this[node].Campaign();
        Collect(new NodeId(node));
    }

    public Reconfiguration Reconfigure(uint node, params uint[] voters)
    {
        Reconfiguration became = this[node].Reconfigure([.. voters.Select(voter => new NodeId(voter))]);
        Collect(new NodeId(node));
        return became;
    }

    public void Yield(uint node, uint successor)
    {
        this[node].YieldTo(new NodeId(successor));
        Collect(new NodeId(node));
    }

    public void Propose(uint node, byte value)
    {
        this[node].Propose([value]);
        Collect(new NodeId(node));
    }

    public void InstallSnapshot(uint node, ulong slot)
    {
        this[node].InstallSnapshot(new Slot(slot), this[node].Membership);
        _handedOut[new NodeId(node)] = ulong.Max(_handedOut[new NodeId(node)], slot);
        Collect(new NodeId(node));
    }

    /// <summary>Delivers what matches, and what comes of it as long as that matches too; the rest waits.</summary>
    public void Deliver(Func<uint, uint, PaxosMessageKind, bool> which)
    {
        for (int i = 0; i < DeliveriesMax; i++)
        {
            int at = _messages.FindIndex(message => message.From == message.To
                || which(message.From.Value, message.To.Value, message.Message.Kind));
            if (at < 0)
            {
                return;
            }

            Envelope next = _messages[at];
            _messages.RemoveAt(at);
            _replicas[next.To].Step(next.From, next.Message);
            Collect(next.To);
        }

        throw new InvariantException("A group comes to rest.");
    }

    /// <summary>Loses what matches.</summary>
    public void Drop(Func<uint, uint, PaxosMessageKind, bool> which) => _messages.RemoveAll(
        message => which(message.From.Value, message.To.Value, message.Message.Kind));

    private void Start(NodeId node)
    {
        List<PaxosRecord> disk = _disks[node];
        var options = new PaxosOptions
        {
            Self = node, Founders = _members, Preferred = new NodeId(uint.MaxValue), Pipeline = _pipeline,
        };
        IEnumerable<PaxosRecord> Of(PaxosRecordKind kind) => disk.Where(record => record.Kind == kind);
        var restored = new PaxosRestored(
            disk.Aggregate(Ballot.Zero, (highest, record) => record.Ballot > highest ? record.Ballot : highest),
            default,
            Of(PaxosRecordKind.Commit).Aggregate(default(Slot), (last, record) => record.Slot > last ? record.Slot : last),
            [.. Of(PaxosRecordKind.Accept).Select(record => new AcceptedEntry(record.Slot, record.Ballot, record.Value))],
            Of(PaxosRecordKind.Amnesia).Any() && !Of(PaxosRecordKind.Relearned).Any(),
            Of(PaxosRecordKind.Retired).Aggregate(default(Slot), (last, record) => Slot.Max(last, record.Slot)));
        _handedOut[node] = 0;
        _replicas[node] = new PaxosReplica(options, restored, new Prng(++_lives), NowMs);
        Collect(node);
    }

    private void Collect(NodeId node)
    {
        PaxosReplica replica = _replicas[node];
        while (replica.HasReady)
        {
            PaxosReady ready = replica.TakeReady();
            _disks[node].AddRange(ready.Records);
            foreach (PaxosOutgoing outgoing in ready.Now.Concat(ready.AfterPersist))
            {
                _messages.Add(new Envelope(node, outgoing.To, outgoing.Message));
            }

            ready.Chosen.ForEach(chosen => Choose(node, chosen));
        }
    }

    private void Choose(NodeId node, ChosenEntry entry)
    {
        if (entry.Slot.Value != ++_handedOut[node])
        {
            Violation ??= $"{node} was given slot {entry.Slot} out of turn";
        }

        ulong value = Hash64.Compute(entry.Value);
        if (!_chosen.TryAdd(entry.Slot.Value, value) && _chosen[entry.Slot.Value] != value)
        {
            Violation ??= $"{node} was given another value than others in slot {entry.Slot}";
        }
    }

    private readonly record struct Envelope(NodeId From, NodeId To, PaxosMessage Message);
}
