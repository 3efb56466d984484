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
    private const int Majority = 2;
    private const int Nothing = -1;
    private const int NoOp = 0;

    private readonly SortedDictionary<(Ballot Ballot, ulong Slot), (int Value, uint Nodes)> _accepted = [];

    /// <summary>A value as a number.</summary>
    public static int ValueOf(byte[] value) => value.Length == 0 ? NoOp : value[0];

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

    /// <summary>The value chosen in a slot, or -1. Two are a violation.</summary>
    public int Chosen(Slot slot)
    {
        int chosen = Nothing;
        foreach (((_, ulong at), (int value, uint nodes)) in _accepted)
        {
            if (at == slot.Value && BitOperations.PopCount(nodes) >= Majority)
            {
                Invariant.Check(chosen == Nothing || chosen == value, "One value is chosen in a slot.");
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
            mix(((((int)ballot.Round * 4) + (int)ballot.Node.Value) * 8) + (int)slot);
            mix((value * 8) + (int)nodes);
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
