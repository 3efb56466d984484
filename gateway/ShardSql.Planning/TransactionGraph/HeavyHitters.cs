using System;
using System.Numerics;
using ShardSql.Primitives;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>
/// The heaviest of a stream of 64-bit ids in a fixed number of slots (Space-Saving: Metwally, Agrawal, El Abbadi). A
/// new id takes the slot of the lightest and inherits its count as its error: a count is too high by its error at
/// most, an error is at most the total divided by the slots, and an id heavier than that is in. Allocates nothing
/// after its construction.
/// </summary>
internal sealed class HeavyHitters
{
    private readonly ulong[] _ids;
    private readonly long[] _counts;
    private readonly long[] _errors;

    /// <summary>Slots by count, the lightest first; and where in it each slot is.</summary>
    private readonly int[] _heap;
    private readonly int[] _places;

    /// <summary>Slot + 1 by id, with linear probing; 0: free.</summary>
    private readonly int[] _table;

    public HeavyHitters(int slots)
    {
        Invariant.Check(slots is > 0 and <= TelemetryOptions.SlotsMax, "A sketch has some slots.");
        _ids = new ulong[slots];
        _counts = new long[slots];
        _errors = new long[slots];
        _heap = new int[slots];
        _places = new int[slots];
        _table = new int[(int)BitOperations.RoundUpToPowerOf2((uint)slots * 2)];
    }

    /// <summary>Slots in use: 0 to this − 1.</summary>
    public int Count { get; private set; }

    /// <summary>The id in a slot.</summary>
    public ulong IdOf(int slot) => _ids[slot];

    /// <summary>The count in a slot; too high by the error at most, never too low.</summary>
    public long CountOf(int slot) => _counts[slot];

    /// <summary>What the slot's id is known to weigh.</summary>
    public long KnownOf(int slot) => _counts[slot] - _errors[slot];

    /// <summary>The slot of an id; −1: it has none.</summary>
    public int Find(ulong id)
    {
        for (int i = HomeOf(id); _table[i] != 0; i = Next(i))
        {
            if (_ids[_table[i] - 1] == id)
            {
                return _table[i] - 1;
            }
        }

        return -1;
    }

    /// <summary>
    /// Adds weight to an id. Returns its slot; what was kept beside it is another id's when it is new.
    /// </summary>
    public int Add(ulong id, long weight, out bool isNew)
    {
        int slot = Find(id);
        isNew = slot < 0;
        if (!isNew)
        {
            _counts[slot] += weight;
            Sink(_places[slot], slot);
            return slot;
        }

        if (Count < _ids.Length)
        {
            slot = Count++;
            _ids[slot] = id;
            _counts[slot] = weight;
            Rise(slot, slot);
        }
        else
        {
            slot = _heap[0];
            Forget(_ids[slot]);
            _ids[slot] = id;
            _errors[slot] = _counts[slot];
            _counts[slot] += weight;
            Sink(0, slot);
        }

        Remember(id, slot);
        return slot;
    }

    /// <summary>Halves all counts so many times; their order stays.</summary>
    public void Shift(int halvings)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            long known = KnownOf(slot) >> halvings;
            _counts[slot] >>= halvings;
            _errors[slot] = _counts[slot] - known;
        }
    }

    /// <summary>The slots by falling count, those alike by id; allocates.</summary>
    public int[] Heaviest()
    {
        int[] slots = new int[Count];
        for (int slot = 0; slot < Count; slot++)
        {
            slots[slot] = slot;
        }

        Array.Sort(slots, (a, b) => _counts[a] != _counts[b]
            ? _counts[b].CompareTo(_counts[a])
            : _ids[a].CompareTo(_ids[b]));
        return slots;
    }

    private int HomeOf(ulong id) => (int)((id * 0x9E3779B97F4A7C15) >> 40) & (_table.Length - 1);

    private int Next(int i) => (i + 1) & (_table.Length - 1);

    private void Remember(ulong id, int slot)
    {
        int i = HomeOf(id);
        while (_table[i] != 0)
        {
            i = Next(i);
        }

        _table[i] = slot + 1;
    }

    /// <summary>Takes an id out of the table; those behind it close the gap (Knuth 6.4, algorithm R).</summary>
    private void Forget(ulong id)
    {
        int gap = HomeOf(id);
        while (_ids[_table[gap] - 1] != id)
        {
            gap = Next(gap);
        }

        for (int i = Next(gap); _table[i] != 0; i = Next(i))
        {
            int fromHome = (i - HomeOf(_ids[_table[i] - 1])) & (_table.Length - 1);
            int fromGap = (i - gap) & (_table.Length - 1);
            if (fromHome >= fromGap)
            {
                _table[gap] = _table[i];
                gap = i;
            }
        }

        _table[gap] = 0;
    }

    private void Rise(int place, int slot)
    {
        while (place > 0)
        {
            int parent = (place - 1) >> 1;
            if (_counts[_heap[parent]] <= _counts[slot])
            {
                break;
            }

            Put(place, _heap[parent]);
            place = parent;
        }

        Put(place, slot);
    }

    private void Sink(int place, int slot)
    {
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _counts[_heap[child + 1]] < _counts[_heap[child]])
            {
                child++;
            }

            if (_counts[_heap[child]] >= _counts[slot])
            {
                break;
            }

            Put(place, _heap[child]);
            place = child;
        }

        Put(place, slot);
    }

    private void Put(int place, int slot)
    {
        _heap[place] = slot;
        _places[slot] = place;
    }
}
