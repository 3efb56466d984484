using System;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Vertices by gain, the greatest first, each at most once. A binary heap and not an array of buckets: weights are sums
/// of decayed heat, so gains have no small range. Equal gains come out in an order that depends on the calls alone.
/// </summary>
internal sealed class GainHeap(int vertices)
{
    private readonly int[] _places = NoPlaces(vertices);
    private int[] _items = new int[64];
    private long[] _gains = new long[64];

    public int Count { get; private set; }

    public bool Contains(int vertex) => _places[vertex] >= 0;

    /// <summary>The greatest gain.</summary>
    public long TopGain => _gains[0];

    /// <summary>Adds a vertex or changes its gain.</summary>
    public void Set(int vertex, long gain)
    {
        int place = _places[vertex];
        if (place >= 0)
        {
            long before = _gains[place];
            if (gain > before)
            {
                Rise(place, vertex, gain);
            }
            else if (gain < before)
            {
                Sink(place, vertex, gain);
            }

            return;
        }

        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
            Array.Resize(ref _gains, Count * 2);
        }

        Rise(Count++, vertex, gain);
    }

    /// <summary>Takes the vertex of the greatest gain.</summary>
    public int Pop()
    {
        int top = _items[0];
        _places[top] = -1;
        Count--;
        if (Count > 0)
        {
            Sink(0, _items[Count], _gains[Count]);
        }

        return top;
    }

    public void Clear()
    {
        for (int i = 0; i < Count; i++)
        {
            _places[_items[i]] = -1;
        }

        Count = 0;
    }

    private static int[] NoPlaces(int vertices)
    {
        int[] places = new int[vertices];
        Array.Fill(places, -1);
        return places;
    }

    private void Rise(int place, int vertex, long gain)
    {
        while (place > 0)
        {
            int parent = (place - 1) >> 1;
            if (_gains[parent] >= gain)
            {
                break;
            }

            Put(place, _items[parent], _gains[parent]);
            place = parent;
        }

        Put(place, vertex, gain);
    }

    private void Sink(int place, int vertex, long gain)
    {
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _gains[child + 1] > _gains[child])
            {
                child++;
            }

            if (_gains[child] <= gain)
            {
                break;
            }

            Put(place, _items[child], _gains[child]);
            place = child;
        }

        Put(place, vertex, gain);
    }

    private void Put(int place, int vertex, long gain)
    {
        _items[place] = vertex;
        _gains[place] = gain;
        _places[vertex] = place;
    }
}
