using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>Finds the shards of a table's keys and ranges of keys.</summary>
public sealed class Router
{
    private readonly TableDescriptor _table;
    private readonly ShardMap _map;
    private readonly SortedDictionary<ShardId, ShardAccess> _shards = [];

    /// <summary>A router for a table under a map.</summary>
    public Router(TableDescriptor table, ShardMap map)
    {
        _table = table;
        _map = map;
        Keys = new KeyBuilder(table);
    }

    /// <summary>How entries of an index become rows, where it routes entries.</summary>
    public Execution.Plans.EntryAccess? Entries { get; init; }

    /// <summary>Builds the table's keys.</summary>
    public KeyBuilder Keys { get; }

    /// <summary>What was routed so far, by shard.</summary>
    public IReadOnlyCollection<ShardAccess> Shards => _shards.Values;

    /// <summary>The segment of a row, by its suffix; not for reference tables.</summary>
    public Segment Locate(byte[] suffix) =>
        _map.Find(Keys.RoutingKey(suffix)) ?? throw Stale();

    /// <summary>Routes a whole key; gives its shard.</summary>
    public ShardId AddKey(byte[] suffix, SqlValue[] key)
    {
        Segment segment = Locate(suffix);
        Of(segment.Shard).Add(Keys.RowKey(suffix), key, segment);
        return segment.Shard;
    }

    /// <summary>Routes a range of suffixes to all segments that it meets.</summary>
    public void AddRange(KeyRange suffixes)
    {
        IReadOnlyList<Segment> segments = _map.Overlapping(Keys.Routing(suffixes));
        if (segments.Count == 0)
        {
            throw Stale();
        }

        foreach (Segment segment in segments)
        {
            KeyRange rows = Keys.Rows(suffixes, segment);
            if (!KeyBuilder.IsEmpty(rows))
            {
                Of(segment.Shard).Add(rows, segment);
            }
        }
    }

    /// <summary>Routes a whole key to a shard that has a copy of the table.</summary>
    public void AddKey(ShardId shard, byte[] suffix, SqlValue[] key) =>
        Of(shard).Add(Keys.RowKey(suffix), key, null);

    /// <summary>Routes a range to a shard that has a copy of the table.</summary>
    public void AddRange(ShardId shard, KeyRange suffixes) => Of(shard).Add(Keys.Rows(suffixes), null);

    private SqlException Stale() => new(
        SqlStates.StaleShardMap, $"the shard map does not hold the rows of table \"{_table.Name}\" yet");

    private ShardAccess Of(ShardId shard)
    {
        if (!_shards.TryGetValue(shard, out ShardAccess? access))
        {
            access = new ShardAccess(shard) { Entries = Entries };
            _shards.Add(shard, access);
        }

        return access;
    }
}
