using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Simulation.Explorer;

/// <summary>A message that some state has sent.</summary>
internal sealed record PaxosLetter(int Id, int From, int To, PaxosMessage Message);

/// <summary>
/// All node states and messages met so far, each with a small number, and the steps between them, each computed once:
/// states of the whole group are made of these numbers.
/// </summary>
internal sealed class PaxosSpace
{
    private readonly PaxosBounds _bounds;
    private readonly Dictionary<byte[], int> _nodeIds = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], int> _letterIds = new(ByteKeyComparer.Instance);
    private readonly Dictionary<(int Node, int Action), PaxosEffect> _effects = [];
    private readonly List<PaxosNode> _nodes = [];
    private readonly List<PaxosLetter> _letters = [];
    private readonly List<PaxosOutgoing> _sent = [];
    private readonly ByteWriter _writer = new();

    public PaxosSpace(PaxosBounds bounds)
    {
        _bounds = bounds;
        Initial = [.. Enumerable.Range(1, bounds.Replicas).Select(self => Intern(PaxosNode.New(new PaxosOptions
        {
            // The clock stands still: every tick of a leader is a heartbeat, no lease is honoured, nobody times out.
            Self = new NodeId((uint)self),
            Founders = Founders,
            Pipeline = bounds.Pipeline,
            HeartbeatMs = 0,
            LeaseMs = 0,
            RefuseMs = 0,
        })))];
    }

    public IReadOnlyList<NodeId> Founders { get; } = [new NodeId(1), new NodeId(2), new NodeId(3)];

    public int[] Initial { get; }

    public PaxosNode Node(int id) => _nodes[id];

    public PaxosLetter Letter(int id) => _letters[id];

    /// <summary>What a step does to a node; computed when it is first asked for.</summary>
    public PaxosEffect Effect(int node, PaxosAction action, int argument, bool syncs)
    {
        (int, int) key = (node, (argument * 16) + ((int)action * 2) + (syncs ? 1 : 0));
        if (!_effects.TryGetValue(key, out PaxosEffect? effect))
        {
            _sent.Clear();
            PaxosNode next = Apply(_nodes[node], action, argument, syncs);
            int from = (int)next.Replica.Self.Value - 1;
            List<int> letters = [.. _sent
                .Where(sent => _bounds.Rejections || sent.Message.Kind != PaxosMessageKind.Rejected)
                .Select(sent => Intern(from, (int)sent.To.Value - 1, Essence(sent.Message))).Distinct()];
            _effects[key] = effect = new PaxosEffect(Intern(next), letters);
        }

        return effect;
    }

    private PaxosNode Apply(PaxosNode node, PaxosAction action, int argument, bool syncs) => action switch
    {
        PaxosAction.Deliver => node.After(
            replica => replica.Step(new NodeId((uint)Letter(argument).From + 1), Letter(argument).Message),
            syncs, _bounds.Defect, _sent),
        PaxosAction.Campaign => node.After(replica => replica.Campaign(), syncs, _bounds.Defect, _sent),
        PaxosAction.Propose => node.After(replica => replica.Propose([(byte)argument]), syncs, _bounds.Defect, _sent),
        PaxosAction.Change => node.After(
            replica => replica.Reconfigure([.. _bounds.Changes[argument].Select(voter => new NodeId(voter))]),
            syncs, _bounds.Defect, _sent),
        PaxosAction.Heartbeat => node.After(replica => replica.Tick(0), syncs, _bounds.Defect, _sent),
        PaxosAction.Ask => node.After(replica => replica.Relearn(), syncs, _bounds.Defect, _sent),
        PaxosAction.Sync => node.Synced(_sent),
        _ => node.Restarted(_bounds.Defect, _bounds.LosesDisk),
    };

    /// <summary>
    /// Whether a message can still do something to who gets it, after what else it may go through. What a replica has
    /// made durable only grows, so a message without effect on that never has one again.
    /// </summary>
    public bool IsAlive(int letterId, int[] nodes)
    {
        PaxosLetter letter = _letters[letterId];
        PaxosNode to = _nodes[nodes[letter.To]];
        Ballot ballot = letter.Message.Ballot;
        bool isCurrent = to.Replica.Promised == ballot;
        switch (letter.Message.Kind)
        {
            case PaxosMessageKind.Promise:
                return _bounds.LateReplies || (isCurrent && to.Replica.Role == PaxosRole.Candidate);
            case PaxosMessageKind.Accepted:
            case PaxosMessageKind.Learned:
                return _bounds.LateReplies || (isCurrent && to.Replica.Role == PaxosRole.Leader);
            case PaxosMessageKind.Rejected:
                return to.Durable.Promised < ballot;
            case PaxosMessageKind.Prepare:
                PaxosReplica candidate = _nodes[nodes[letter.From]].Replica;
                bool isAwaited = candidate.Role == PaxosRole.Candidate && candidate.Promised == ballot;
                return to.Durable.Promised < ballot || (to.Durable.Promised == ballot && isAwaited) || _bounds.Rejections;
            case PaxosMessageKind.Testimony:
                return to.Replica.IsRelearning;
            default:
                return to.Durable.Promised <= ballot || _bounds.Rejections;
        }
    }

    // Without what the receiver never looks at.
    private PaxosMessage Essence(PaxosMessage message) =>
        message.Kind is PaxosMessageKind.Promise or PaxosMessageKind.Accept
        || (message.Kind == PaxosMessageKind.Prepare && _bounds.Changes.Count > 0)
            ? message
            : message with { Commit = default };

    private int Intern(PaxosNode node)
    {
        _writer.Clear();
        _writer.WriteVarint(node.Replica.Self.Value);
        node.WriteFingerprint(_writer);
        byte[] key = _writer.ToArray();
        if (!_nodeIds.TryGetValue(key, out int id))
        {
            id = _nodes.Count;
            _nodeIds.Add(key, id);
            _nodes.Add(node);
        }

        return id;
    }

    private int Intern(int from, int to, PaxosMessage message)
    {
        _writer.Clear();
        _writer.WriteByte((byte)from);
        _writer.WriteByte((byte)to);
        message.Write(_writer);
        byte[] key = _writer.ToArray();
        if (!_letterIds.TryGetValue(key, out int id))
        {
            id = _letters.Count;
            _letterIds.Add(key, id);
            _letters.Add(new PaxosLetter(id, from, to, message));
        }

        return id;
    }
}

/// <summary>What may happen to a node.</summary>
internal enum PaxosAction
{
    Deliver,
    Campaign,
    Propose,
    Heartbeat,
    Change,
    Ask,
    Sync,
    Restart,
}

/// <summary>The node's next state and the messages that it sends.</summary>
internal sealed record PaxosEffect(int Node, List<int> Letters);
