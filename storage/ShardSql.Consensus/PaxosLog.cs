using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>
/// What a replica has accepted, from <see cref="First"/> on: for each slot the highest ballot it accepted there and the
/// value. Slots before <see cref="First"/> are in the snapshot. A hole is a slot where nothing was accepted yet.
/// </summary>
public sealed class PaxosLog
{
    /// <summary>Neighbouring slots whose values are put together once they were handed out.</summary>
    public const int RunLength = 64;

    private readonly List<Entry> _entries = [];

    // The slot behind the last run.
    private Slot _apart;

    /// <summary>A log whose first slot is the one after a snapshot's.</summary>
    public PaxosLog(Slot first)
    {
        First = first;
        _apart = first;
    }

    /// <summary>The first slot that the log can hold.</summary>
    public Slot First { get; private set; }

    /// <summary>The highest slot with a value, or the one before <see cref="First"/>.</summary>
    public Slot Last => new(First.Value + (ulong)_entries.Count - 1);

    /// <summary>A copy for the explorer.</summary>
    public PaxosLog Clone()
    {
        var copy = new PaxosLog(First) { _apart = _apart };
        copy._entries.AddRange(_entries);
        return copy;
    }

    /// <summary>The entry of a slot, or null for a hole or a slot outside.</summary>
    public AcceptedEntry? Get(Slot slot) =>
        slot >= First && slot <= Last && _entries[IndexOf(slot)] is { Bytes: not null } entry
            ? new AcceptedEntry(slot, entry.Ballot, entry.Value)
            : null;

    /// <summary>Accepts a value in a slot.</summary>
    public void Set(AcceptedEntry entry)
    {
        Invariant.Check(entry.Slot >= _apart, "A slot that was handed out, or is in the snapshot, is decided.");
        int index = IndexOf(entry.Slot);
        while (_entries.Count <= index)
        {
            _entries.Add(default);
        }

        Invariant.Check(
            _entries[index].Bytes is null || _entries[index].Ballot <= entry.Ballot, "An accepted ballot never goes back.");
        _entries[index] = new Entry(entry.Ballot, entry.Value, 0, entry.Value.Length);
    }

    /// <summary>
    /// The slots up to this one are chosen and were handed out: their values are hardly read again. They are kept in runs, each
    /// one object, as a collector's pause grows with the objects of a long log.
    /// </summary>
    public void Handed(Slot through)
    {
        while (through.Value + 1 >= _apart.Value + RunLength)
        {
            int from = IndexOf(_apart);
            int length = 0;
            for (int i = from; i < from + RunLength; i++)
            {
                length += _entries[i].Length;
            }

            byte[] run = new byte[length];
            int start = 0;
            for (int i = from; i < from + RunLength; i++)
            {
                Entry entry = _entries[i];
                entry.Span.CopyTo(run.AsSpan(start));
                _entries[i] = new Entry(entry.Ballot, run, start, entry.Length);
                start += entry.Length;
            }

            _apart = new Slot(_apart.Value + RunLength);
        }
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
        _apart = Slot.Max(_apart, First);
    }

    private int IndexOf(Slot slot) => (int)(slot.Value - First.Value);

    /// <summary>An accepted value, alone or in a run; no bytes are a hole.</summary>
    private readonly record struct Entry(Ballot Ballot, byte[]? Bytes, int Start, int Length)
    {
        public ReadOnlySpan<byte> Span => Bytes.AsSpan(Start, Length);

        public byte[] Value => Length == Bytes!.Length ? Bytes : Span.ToArray();
    }
}
