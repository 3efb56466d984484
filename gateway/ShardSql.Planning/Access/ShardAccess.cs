using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>What a statement visits on one shard: row keys and ranges in order, and the segments they lie in.</summary>
public sealed class ShardAccess
{
    /// <summary>Keys that EXPLAIN names on each shard.</summary>
    public const int ShownKeysMax = 8;

    private readonly List<byte[]> _keys = [];
    private readonly List<KeyRange> _ranges = [];
    private readonly SortedDictionary<SegmentId, Segment> _segments = [];
    private readonly List<(SqlValue[] Key, Segment? Segment)> _shownKeys = [];

    /// <summary>Nothing yet, on a shard.</summary>
    public ShardAccess(ShardId shard) => Shard = shard;

    /// <summary>The shard.</summary>
    public ShardId Shard { get; }

    /// <summary>Row keys.</summary>
    public IReadOnlyList<byte[]> Keys => _keys;

    /// <summary>Ranges of row keys, apart from each other.</summary>
    public IReadOnlyList<KeyRange> Ranges => _ranges;

    /// <summary>The segments that are visited; none for a reference table.</summary>
    public IReadOnlyCollection<Segment> Segments => _segments.Values;

    /// <summary>Values and segments of the first <see cref="ShownKeysMax"/> keys, for EXPLAIN.</summary>
    public IReadOnlyList<(SqlValue[] Key, Segment? Segment)> ShownKeys => _shownKeys;

    /// <summary>How entries of an index become rows; null: keys and ranges are of rows.</summary>
    public EntryAccess? Entries { get; init; }

    /// <summary>The segments of another access are visited, too.</summary>
    public void Visit(ShardAccess other)
    {
        foreach (Segment segment in other.Segments)
        {
            Note(segment);
        }
    }

    /// <summary>A segment is visited if it is on the shard.</summary>
    public void Visit(Segment segment)
    {
        System.ArgumentNullException.ThrowIfNull(segment);
        if (segment.Shard == Shard)
        {
            Note(segment);
        }
    }

    /// <summary>A row is visited.
    public void Add(byte[] rowKey, SqlValue[] key, Segment? segment)
    {
        _keys.Add(rowKey);
        if (_shownKeys.Count < ShownKeysMax)
        {
            _shownKeys.Add((key, segment));
        }

        Note(segment);
    }

    /// <summary>A range is visited; ranges come in order, one that continues the last is joined to it.</summary>
    public void Add(KeyRange rows, Segment? segment)
    {
        Note(segment);
        if (_ranges.Count > 0 && _ranges[^1].End is { } end && ByteKeyComparer.Instance.Equals(end, rows.Start))
        {
            _ranges[^1] = new KeyRange(_ranges[^1].Start, rows.End);
            return;
        }

        _ranges.Add(rows);
    }

    /// <summary>As a part of a fragment.</summary>
    public AccessPath ToMessage()
    {
        var path = new AccessPath { Entries = Entries };
        foreach (byte[] key in _keys)
        {
            path.Keys.Add(UnsafeByteOperations.UnsafeWrap(key));
        }

        foreach (KeyRange range in _ranges)
        {
            path.Ranges.Add(new AccessRange
            {
                Start = UnsafeByteOperations.UnsafeWrap(range.Start),
                End = UnsafeByteOperations.UnsafeWrap(range.End ?? []),
                OpenEnd = range.End is null,
            });
        }

        return path;
    }

    private void Note(Segment? segment)
    {
        if (segment is not null)
        {
            _segments[segment.Id] = segment;
        }
    }
}
