using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;

namespace ShardSql.Planning.Ddl;

/// <summary>Gathers what one change of the schema adds, changes and drops, and makes the rows of it.</summary>
internal sealed class CatalogEdit
{
    private readonly SystemState _before;
    private readonly SortedDictionary<uint, TableDescriptor> _put = [];
    private readonly SortedDictionary<uint, TableDescriptor> _dropped = [];
    private readonly SortedDictionary<uint, SequenceDescriptor> _putSequences = [];
    private readonly SortedSet<uint> _droppedSequences = [];
    private readonly SortedSet<uint> _referenced = [];
    private readonly List<Segment> _segments = [];
    private readonly List<Segment> _removed = [];
    private readonly SortedDictionary<byte[], byte[]?> _rows = new(ByteKeyComparer.Instance);
    private readonly List<(TableDescriptor Table, IndexDescriptor Index)> _droppedIndexes = [];
    private CatalogHeader _next;
    private Topology? _topology;

    public CatalogEdit(SystemState before)
    {
        _before = before;
        _next = before.Catalog.Header;
    }

    /// <summary>The id of a new table.</summary>
    public uint TakeTableId()
    {
        uint id = _next.NextTableId;
        _next = _next with { NextTableId = id + 1 };
        return id;
    }

    /// <summary>A new table, placed as it was planned with the ids of the header.</summary>
    public void Create(TableDescriptor table, PlacementPlan placement)
    {
        Invariant.Check(table.Id == _next.NextTableId, "A new table takes the next id.");
        _ = TakeTableId();
        if (table.GroupId == _next.NextGroupId)
        {
            _next = _next with { NextGroupId = _next.NextGroupId + 1 };
        }

        _next = _next with { NextSegmentId = _next.NextSegmentId + (uint)placement.Segments.Count };
        _segments.AddRange(placement.Segments);
        _put.Add(table.Id, table);
    }

    /// <summary>A new group of segments by hash over all data shards.</summary>
    public uint PlaceByHash() => Place(HashBuckets.Divide(_next.NextGroupId, _before.Map.DataShards.Count));

    /// <summary>A new group of segments by range.</summary>
    /// <param name="ranges">The segments of a group.</param>
    public uint PlaceByRange(System.Func<uint, IReadOnlyList<KeyRange>> ranges) => Place(ranges(_next.NextGroupId));

    /// <summary>A new segment of a group.</summary>
    public void Add(uint group, KeyRange range, ShardId shard)
    {
        _segments.Add(new Segment(new SegmentId(_next.NextSegmentId), group, range, shard, 1));
        _next = _next with { NextSegmentId = _next.NextSegmentId + 1 };
    }

    /// <summary>A segment that is gone, and nothing in it.</summary>
    public void Remove(Segment segment) => _removed.Add(segment);

    // Dealt out to the data shards in turn.
    private uint Place(IReadOnlyList<KeyRange> ranges)
    {
        uint group = _next.NextGroupId;
        IReadOnlyList<ShardId> shards = _before.Map.DataShards;
        for (int i = 0; i < ranges.Count; i++)
        {
            Add(group, ranges[i], shards[i % shards.Count]);
        }

        _next = _next with { NextGroupId = group + 1 };
        return group;
    }

    /// <summary>The data shards, and the nodes that drain, are these from now on. Where that is more than a mark, nobody may
    /// read or write reference tables any more as if it were not so.</summary>
    public void Put(Topology topology)
    {
        _topology = topology;
        _rows[SystemKeys.Topology] = topology.Encode();
        if (!topology.Copies.SequenceEqual(_before.Map.CopyShards))
        {
            foreach (TableDescriptor table in _before.Catalog.All)
            {
                if (table.Placement == PlacementKind.Reference && table.View is null)
                {
                    Put(table with { Version = table.Version + 1 });
                }
            }
        }
    }

    /// <summary>A new sequence: where it begins no later change of its options says.</summary>
    public void Create(SequenceDescriptor sequence) => Restart(sequence, sequence.Initial);

    /// <summary>A sequence as it is from now on.</summary>
    public void Put(SequenceDescriptor sequence) => _putSequences[sequence.Id] = sequence;

    /// <summary>A sequence begins with a number.</summary>
    public void Restart(SequenceDescriptor sequence, SequenceState state)
    {
        Put(sequence);
        _rows[SystemKeys.SequenceState(sequence.Id)] = state.Encode();
    }

    /// <summary>A sequence that is gone.</summary>
    public void Drop(SequenceDescriptor sequence)
    {
        _droppedSequences.Add(sequence.Id);
        _rows[SystemKeys.Sequence(sequence.Id)] = null;
        _rows[SystemKeys.SequenceState(sequence.Id)] = null;
    }

    /// <summary>A table as it is from now on: new, or in the place of the one of its id.</summary>
    public void Put(TableDescriptor table) => _put[table.Id] = table;

    /// <summary>Tables that a table has come to refer to: nobody may write them any more as if it did not.</summary>
    /// <param name="table">The table.</param>
    /// <param name="known">The foreign keys that it had.</param>
    public void PutParents(TableDescriptor table, IReadOnlyList<ForeignKey> known)
    {
        foreach (ForeignKey key in table.ForeignKeys)
        {
            bool isNew = true;
            foreach (ForeignKey earlier in known)
            {
                isNew &= !ReferenceEquals(earlier, key);
            }

            if (isNew && !_put.ContainsKey(key.ParentId) && _before.Catalog.Find(key.ParentId) is { } parent)
            {
                Put(parent with { Version = parent.Version + 1 });
                _referenced.Add(parent.Id);
            }
        }
    }

    /// <summary>A table that is gone.</summary>
    public void Drop(TableDescriptor table)
    {
        _put.Remove(table.Id);
        _dropped[table.Id] = table;
    }

    /// <summary>An index is gone from a table that stays.</summary>
    public void DropIndex(TableDescriptor table, IndexDescriptor index)
    {
        if (_before.Catalog.Find(index.EntriesTableId) is { } entries)
        {
            Drop(entries);
        }
        else
        {
            _droppedIndexes.Add((table, index));
        }
    }

    /// <summary>The change.</summary>
    public DdlChange ToChange()
    {
        List<Segment> removed = RemovedSegments();
        bool mapChanges = removed.Count > 0 || _segments.Count > 0 || _topology is not null;
        CatalogHeader header = _next with
        {
            Version = _next.Version + 1,
            MapVersion = _next.MapVersion + (mapChanges ? 1UL : 0),
        };
        var tables = new SortedDictionary<uint, TableDescriptor>();
        foreach (TableDescriptor table in _before.Catalog.All)
        {
            tables[table.Id] = table;
        }

        foreach (TableDescriptor table in _put.Values)
        {
            tables[table.Id] = table;
            _rows[SystemKeys.Table(table.Id)] = TableDescriptorCodec.Encode(table);
        }

        foreach (uint id in _dropped.Keys)
        {
            tables.Remove(id);
            _rows[SystemKeys.Table(id)] = null;
        }

        IReadOnlyCollection<SequenceDescriptor> sequences = Sequences();
        _rows[SystemKeys.Header] = header.Encode();
        ShardMap map = mapChanges ? Map(removed, header.MapVersion) : _before.Map;
        return new DdlChange
        {
            Added = [.. _put.Values],
            Referenced = _referenced,
            Dropped = [.. _dropped.Values],
            DroppedIndexes = _droppedIndexes,
            AddedSegments = _segments,
            RemovedSegments = removed,
            Shards = Shards(map, removed),
            Before = _before,
            SystemWrites = [.. Rows()],
            After = new SystemState(new Catalog(header, tables.Values, sequences), map),
        };
    }

    private SortedDictionary<uint, SequenceDescriptor>.ValueCollection Sequences()
    {
        var sequences = new SortedDictionary<uint, SequenceDescriptor>(_putSequences);
        foreach (SequenceDescriptor sequence in _putSequences.Values)
        {
            _rows[SystemKeys.Sequence(sequence.Id)] = SequenceCodec.Encode(sequence);
        }

        foreach (SequenceDescriptor sequence in _before.Catalog.Sequences)
        {
            if (!_droppedSequences.Contains(sequence.Id))
            {
                sequences.TryAdd(sequence.Id, sequence);
            }
        }

        return sequences.Values;
    }

    private IEnumerable<(byte[] Key, byte[]? Value)> Rows()
    {
        foreach ((byte[] key, byte[]? value) in _rows)
        {
            yield return (key, value);
        }
    }

    private List<Segment> RemovedSegments()
    {
        var live = new SortedSet<uint>();
        foreach (TableDescriptor table in _before.Catalog.All)
        {
            if (!_dropped.ContainsKey(table.Id))
            {
                live.Add(table.GroupId);
            }
        }

        var removed = new List<Segment>(_removed);
        var groups = new SortedSet<uint>();
        foreach (TableDescriptor table in _dropped.Values)
        {
            if (!live.Contains(table.GroupId) && groups.Add(table.GroupId))
            {
                removed.AddRange(_before.Map.OfGroup(table.GroupId));
            }
        }

        foreach (Segment segment in removed)
        {
            _rows[SystemKeys.Segment(segment.Id)] = null;
        }

        foreach (Segment segment in _segments)
        {
            _rows[SystemKeys.Segment(segment.Id)] = segment.Encode();
        }

        return removed;
    }

    private ShardMap Map(List<Segment> removed, ulong version)
    {
        var gone = new SortedSet<SegmentId>(removed.Select(static segment => segment.Id));
        var segments = new List<Segment>(_segments);
        foreach (Segment segment in _before.Map.Segments)
        {
            if (!gone.Contains(segment.Id))
            {
                segments.Add(segment);
            }
        }

        return new ShardMap(version, _topology ?? _before.Map.Topology, segments);
    }

    private List<ShardId> Shards(ShardMap after, List<Segment> removed)
    {
        var shards = new SortedSet<ShardId>(DdlChanges.ShardsOf(after, [.. _put.Values]));
        shards.UnionWith(removed.Select(static segment => segment.Shard));
        shards.UnionWith(DdlChanges.ShardsOf(_before.Map, [.. _dropped.Values]));
        shards.UnionWith(_topology is null ? [] : DdlChanges.ShardsOf(_before.Map, [.. _put.Values]));
        return [.. shards];
    }
}
