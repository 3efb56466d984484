using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>
/// What a replica has accepted, from <see cref="First"/> on: for each slot the highest ballot it accepted there and the
/// value. Slots before <see cref="First"/> are in the snapshot. A hole is a slot where nothing was accepted yet.
/// </summary>
public sealed class PaxosLog
{
    private readonly List<AcceptedEntry?> _entries = [];

    /// <summary>A log whose first slot is the one after a snapshot's.</summary>
    public PaxosLog(Slot first) => First = first;

    /// <summary>The first slot that the log can hold.</summary>
    public Slot First { get; private set; }

    /// <summary>The highest slot with a value, or the one before <see cref="First"/>.</summary>
    public Slot Last => new(First.Value + (ulong)_entries.Count - 1);

    /// <summary>A copy for the explorer.</summary>
    public PaxosLog Clone()
    {
        var copy = new PaxosLog(First);
        copy._entries.AddRange(_entries);
        return copy;
    }

    /// <summary>The entry of a slot, or null for a hole or a slot outside.</summary>
    public AcceptedEntry? Get(Slot slot) => slot < First || slot > Last ? null : _entries[(int)(slot.Value - First.Value)];

    /// <summary>Accepts a value in a slot.</summary>
    public void Set(AcceptedEntry entry)
    {
        Invariant.Check(entry.Slot >= First, "A slot in the snapshot is decided.");
        int index = (int)(entry.Slot.Value - First.Value);
        while (_entries.Count <= index)
        {
            _entries.Add(null);
        }

        Invariant.Check(
            _entries[index] is not { } old || old.Ballot <= entry.Ballot, "An accepted ballot never goes back.");
        _entries[index] = entry;
    }

    /// <summary>Forgets the slots up to and including one that a durable snapshot holds.</summary>
    public void TruncateThrough(Slot slot)
    {
        if (slot < First)
        {
            return;
        }

        ulong count = slot.Value - First.Value + 1;
        _entries.RemoveRange(0, (int)ulong.Min(count, (ulong)_entries.Count));
        First = slot.Next;
    }
}
