using System;
using System.Collections.Generic;
using System.Threading;

namespace ShardSql.Sql.Parsing;

/// <summary>Texts that were parsed before, the least recently used forgotten first. Safe for many threads.</summary>
public sealed class StatementCache
{
    /// <summary>Longer texts are parsed each time: loads come as few, long statements that are never the
    /// same.</summary>
    public const int MaxCachedLength = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Text, ParsedBatch Batch)>> _byText =
        new(StringComparer.Ordinal);

    private readonly LinkedList<(string Text, ParsedBatch Batch)> _byUse = new();
    private readonly int _capacity;
    private long _parses;

    /// <summary>A cache of so many texts.</summary>
    public StatementCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
    }

    /// <summary>Texts in it.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byText.Count;
            }
        }
    }

    /// <summary>How often a text had to be parsed.</summary>
    public long Parses => Interlocked.Read(ref _parses);

    /// <summary>The statements of a text: those of the last time, the very same objects, or parsed now. They are
    /// shared,
    /// so nobody may change them.</summary>
    public ParsedBatch Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (_lock)
        {
            if (_byText.TryGetValue(text, out LinkedListNode<(string Text, ParsedBatch Batch)>? known))
            {
                _byUse.Remove(known);
                _byUse.AddFirst(known);
                return known.Value.Batch;
            }
        }

        Interlocked.Increment(ref _parses);
        ParsedBatch batch = SqlParser.Parse(text);
        if (text.Length <= MaxCachedLength)
        {
            Keep(text, batch);
        }

        return batch;
    }

    private void Keep(string text, ParsedBatch batch)
    {
        lock (_lock)
        {
            if (_byText.ContainsKey(text))
            {
                return;
            }

            if (_byText.Count == _capacity)
            {
                _byText.Remove(_byUse.Last!.Value.Text);
                _byUse.RemoveLast();
            }

            _byText.Add(text, _byUse.AddFirst((text, batch)));
        }
    }
}
