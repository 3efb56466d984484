using System;
using System.Collections.Generic;
using System.Numerics;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Simulation.Explorer;

/// <summary>
/// Who has ever had which value durably accepted under each ballot, whatever became of it later: from this follows what is
/// chosen. It never forgets, so two chosen values of a slot are found although no replica holds both.
/// </summary>
internal sealed class PaxosHistory
{
    private const int NoOp = 0;
    private const int FirstOfVoters = 256;

    private readonly SortedDictionary<(Ballot Ballot, ulong Slot), (int Value, uint Nodes)> _accepted = [];

    /// <summary>A value as a number.</summary>
    public static int ValueOf(byte[] value)
    {
        if (!Membership.IsEntry(value))
        {
            return value.Length == 0 ? NoOp : value[0];
        }

        int voters = 0;
        foreach (NodeId voter in Membership.FoundedBy([new NodeId(1)]).With(new Slot(2), value).Latest.Voters)
        {
            voters |= 1 << (int)voter.Value;
        }

        return FirstOfVoters + voters;
    }

    /// <summary>The entry that a number stands for, if it changes the voters.</summary>
    public static byte[]? EntryOf(int value)
    {
        if (value < FirstOfVoters)
        {
            return null;
        }

        var voters = new List<NodeId>();
        for (int node = 1; (value - FirstOfVoters) >> node != 0; node++)
        {
            if (((value >> node) & 1) != 0)
            {
                voters.Add(new NodeId((uint)node));
            }
        }

        return Membership.EntryOf(voters);
    }

    /// <summary>This and what a node has durably voted for now.</summary>
    public PaxosHistory With(int node, IEnumerable<AcceptedEntry> durable)
    {
        PaxosHistory? next = null;
        foreach (AcceptedEntry entry in durable)
        {
            int value = ValueOf(entry.Value);
            (int Value, uint Nodes) known = _accepted.GetValueOrDefault((entry.Ballot, entry.Slot.Value), (value, 0u));
            Invariant.Check(known.Value == value, "One value is proposed in a slot under a ballot.");
            uint nodes = known.Nodes | (1u << node);
            if (nodes != known.Nodes)
            {
                next ??= Copy();
                next._accepted[(entry.Ballot, entry.Slot.Value)] = (value, nodes);
            }
        }

        return next ?? this;
    }

    /// <summary>The value chosen in a slot by its voters, or null. Two are a violation.</summary>
    public int? Chosen(Slot slot, Configuration governing)
    {
        uint voters = 0;
        foreach (NodeId voter in governing.Voters)
        {
            voters |= 1u << ((int)voter.Value - 1);
        }

        int? chosen = null;
        foreach (((_, ulong at), (int value, uint nodes)) in _accepted)
        {
            if (at == slot.Value && BitOperations.PopCount(nodes & voters) >= governing.Majority)
            {
                Invariant.Check(chosen is null || chosen == value, "One value is chosen in a slot.");
                chosen = value;
            }
        }

        return chosen;
    }

    /// <summary>Adds it to a fingerprint.</summary>
    public void Mix(Action<int> mix)
    {
        foreach (((Ballot ballot, ulong slot), (int value, uint nodes)) in _accepted)
        {
            mix(((((int)ballot.Round * 8) + (int)ballot.Node.Value) * 64) + (int)slot);
            mix((value * 64) + (int)nodes);
        }
    }

    private PaxosHistory Copy()
    {
        var copy = new PaxosHistory();
        foreach (((Ballot, ulong) key, (int, uint) value) in _accepted)
        {
            copy._accepted.Add(key, value);
        }

        return copy;
    }
}
