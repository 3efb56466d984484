using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace ShardSql.Primitives;

/// <summary>
/// A map from byte keys to values in key order: a skip list whose tower heights follow from the keys, so that the same
/// content is the same structure everywhere, with a hash table beside it. Look-ups take O(1) steps, inserts of new keys
/// and removals O(log n); enumeration from any key is in order. Changing the map ends its enumerations.
/// </summary>
public sealed class OrderedMap<TValue>
    where TValue : class
{
    private const int HeightMax = 20;

    private readonly Node _head = new([], null, HeightMax);
    private readonly Node[] _path = new Node[HeightMax];
    private readonly Dictionary<byte[], Node> _byKey = new(ByteKeyComparer.Instance);
    private int _height;

    /// <summary>How many keys there are.</summary>
    public int Count => _byKey.Count;

    /// <summary>The value of a key.</summary>
    public bool TryGet(byte[] key, [NotNullWhen(true)] out TValue? value)
    {
        value = _byKey.TryGetValue(key, out Node? node) ? node.Value : null;
        return value is not null;
    }

    /// <summary>Adds a key or replaces its value.</summary>
    public void Set(byte[] key, TValue value)
    {
        if (_byKey.TryGetValue(key, out Node? node))
        {
            node.Value = value;
            return;
        }

        _ = Seek(key);
        Link(key, value);
    }

    /// <summary>Sets many keys, in ascending order, in one walk: neighbours are found from each other.</summary>
    public void SetAscending(IEnumerable<KeyValuePair<byte[], TValue>> ascending)
    {
        byte[]? before = null;
        foreach ((byte[] key, TValue value) in ascending)
        {
            if (_byKey.TryGetValue(key, out Node? node))
            {
                node.Value = value;
                continue;
            }

            SeekOn(before, key);
            Link(key, value);
            before = key;
        }
    }

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(byte[] key)
    {
        if (!_byKey.Remove(key, out Node? node))
        {
            return false;
        }

        _ = Seek(key);
        Unlink(node);
        return true;
    }

    /// <summary>Removes many keys, in ascending order, in one walk; those that are not there are passed over.</summary>
    public void RemoveAscending(IEnumerable<byte[]> ascending)
    {
        byte[]? before = null;
        foreach (byte[] key in ascending)
        {
            if (_byKey.Remove(key, out Node? node))
            {
                SeekOn(before, key);
                Unlink(node);
                before = key;
            }
        }
    }

    /// <summary>The values of a range, in key order.</summary>
    public IEnumerable<KeyValuePair<byte[], TValue>> Range(KeyRange range)
    {
        for (Node? node = Seek(range.Start); node is not null; node = node[0])
        {
            if (range.End is not null && ByteKeyComparer.Instance.Compare(node.Key, range.End) >= 0)
            {
                yield break;
            }

            yield return new KeyValuePair<byte[], TValue>(node.Key, node.Value!);
        }
    }

    /// <summary>The last key at or below a key.</summary>
    public bool TryFloor(byte[] key, [NotNullWhen(true)] out TValue? value)
    {
        Node? node = Seek(key);
        if (node is null || !ByteKeyComparer.Instance.Equals(node.Key, key))
        {
            node = _height > 0 ? _path[0] : null;
        }

        value = node?.Value;
        return value is not null;
    }

    // _path is at the key.
    private void Link(byte[] key, TValue value)
    {
        int height = 1 + (BitOperations.TrailingZeroCount(Hash64.Compute(key) | (1UL << (2 * (HeightMax - 1)))) / 2);
        for (; _height < height; _height++)
        {
            _path[_height] = _head;
        }

        var added = new Node(key, value, height);
        for (int level = 0; level < height; level++)
        {
            added[level] = _path[level][level];
            _path[level][level] = added;
        }

        _byKey.Add(key, added);
    }

    // _path is at the node's key.
    private void Unlink(Node node)
    {
        for (int level = 0; level < node.Height; level++)
        {
            _path[level][level] = node[level];
        }
    }

    // From where _path is, at a key that is not above this one, if there is one: up to the level that leads far enough, and
    // down again. What lies before that key has not changed since.
    private void SeekOn(byte[]? before, byte[] key)
    {
        if (before is null)
        {
            _ = Seek(key);
            return;
        }

        Invariant.Check(ByteKeyComparer.Instance.Compare(before, key) < 0, "Keys come in ascending order.");
        int top = 0;
        while (top + 1 < _height && _path[top + 1][top + 1] is { } far
            && ByteKeyComparer.Instance.Compare(far.Key, key) < 0)
        {
            top++;
        }

        Descend(_path[top], top, key);
    }

    // The first node at or above the key; _path holds the last node below it on every level.
    private Node? Seek(byte[] key)
    {
        return Descend(_head, _height - 1, key);
    }

    private Node? Descend(Node node, int top, byte[] key)
    {
        for (int level = top; level >= 0; level--)
        {
            while (node[level] is { } next && ByteKeyComparer.Instance.Compare(next.Key, key) < 0)
            {
                node = next;
            }

            _path[level] = node;
        }

        return node[0];
    }

    /// <summary>A node of the list. Three of four are in its lowest level alone, and are one object.</summary>
    private sealed class Node(byte[] key, TValue? value, int height)
    {
        private readonly Node?[]? _above = height > 1 ? new Node?[height - 1] : null;
        private Node? _next;

        public byte[] Key { get; } = key;

        public TValue? Value { get; set; } = value;

        public int Height => 1 + (_above?.Length ?? 0);

        public Node? this[int level]
        {
            get => level == 0 ? _next : _above![level - 1];
            set
            {
                if (level == 0)
                {
                    _next = value;
                }
                else
                {
                    _above![level - 1] = value;
                }
            }
        }
    }
}
