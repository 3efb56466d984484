using System;
using System.Collections.Generic;
using System.Globalization;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>The placement clause of CREATE TABLE: shard key, colocation group, segments.</summary>
internal sealed class PlacementPlanner
{
    private const int SplitsMax = HashBuckets.Count - 1;

    private readonly PlanningContext _context;
    private readonly List<ColumnDescriptor> _columns;
    private readonly List<int> _primaryKey;
    private readonly bool _hiddenKey;
    private readonly uint _groupId;

    public PlacementPlanner(
        PlanningContext context, List<ColumnDescriptor> columns, List<int> primaryKey, bool hiddenKey)
    {
        _context = context;
        _columns = columns;
        _primaryKey = primaryKey;
        _hiddenKey = hiddenKey;
        _groupId = context.Catalog.Header.NextGroupId;
    }

    private IReadOnlyList<ShardId> Shards => _context.Map.DataShards;

    public PlacementPlan Plan(CreateTable statement)
    {
        Invariant.Check(Shards.Count > 0, "A cluster has a data shard.");
        Placement placement = statement.Placement ?? new Placement { Hash = new HashPlacement() };
        return placement.KindCase switch
        {
            Placement.KindOneofCase.Range => ByRange(placement.Range),
            Placement.KindOneofCase.Colocated => ColocatedWith(placement.Colocated),
            Placement.KindOneofCase.Reference => new PlacementPlan(PlacementKind.Reference, _groupId, [], []),
            Placement.KindOneofCase.Single => Single(placement.Single, (int)placement.Position),
            _ => ByHash(placement.Hash ?? new HashPlacement(), (int)placement.Position),
        };
    }

    private PlacementPlan ByHash(HashPlacement hash, int position)
    {
        IReadOnlyList<int> shardKey = hash.Columns.Count == 0 ? _primaryKey : ShardKey(hash.Columns);
        if (hash.Segments > HashBuckets.Count)
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a table has at most {HashBuckets.Count} segments, not {hash.Segments}"),
                position);
        }

        int count = hash.Segments > 0 ? (int)hash.Segments : Shards.Count;
        return new PlacementPlan(
            PlacementKind.Hash, _groupId, shardKey, SegmentsOf(HashBuckets.Divide(_groupId, count)));
    }

    private PlacementPlan ByRange(RangePlacement range)
    {
        List<int> shardKey = ShardKey(range.Columns);
        KeyRange group = KeyRange.Prefix(RowKeyLayout.GroupPrefix(_groupId));
        var ranges = new List<KeyRange>(range.Splits.Count + 1);
        byte[] start = group.Start;
        if (range.Splits.Count > SplitsMax)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"a table is split at no more than {SplitsMax} values, not {range.Splits.Count}"));
        }

        foreach (ExpressionRow split in range.Splits)
        {
            byte[] end = SplitKey(split, shardKey);
            if (ByteKeyComparer.Instance.Compare(start, end) >= 0)
            {
                throw new SqlException(
                    SqlStates.InvalidTableDefinition, "split values must rise", (int)split.Position);
            }

            ranges.Add(new KeyRange(start, end));
            start = end;
        }

        ranges.Add(new KeyRange(start, group.End));
        return new PlacementPlan(PlacementKind.Range, _groupId, shardKey, SegmentsOf(ranges));
    }

    private byte[] SplitKey(ExpressionRow split, List<int> shardKey)
    {
        if (split.Values.Count > shardKey.Count)
        {
            throw new SqlException(
                SqlStates.InvalidTableDefinition,
                "a split has at most as many values as the shard key has columns",
                (int)split.Position);
        }

        Binding constants = Binding.WithoutColumns(_context);
        var key = new ByteWriter();
        key.WriteRaw(RowKeyLayout.GroupPrefix(_groupId));
        for (int i = 0; i < split.Values.Count; i++)
        {
            SqlValue value = constants.EvaluateAssignment(split.Values[i], _columns[shardKey[i]]);
            if (value.IsNull)
            {
                throw new SqlException(
                    SqlStates.InvalidTableDefinition, "a split value cannot be NULL", (int)split.Position);
            }

            KeyCodec.Append(key, value);
        }

        return key.ToArray();
    }

    private PlacementPlan Single(SinglePlacement single, int position)
    {
        ShardId shard = single.HasShard
            ? new ShardId(single.Shard)
            : Shards[(int)((_groupId - Catalog.FirstGroupId) % (uint)Shards.Count)];
        foreach (ShardId known in Shards)
        {
            if (known == shard)
            {
                KeyRange all = KeyRange.Prefix(RowKeyLayout.GroupPrefix(_groupId));
                var id = new SegmentId(_context.Catalog.Header.NextSegmentId);
                return new PlacementPlan(
                    PlacementKind.Single, _groupId, [], [new Segment(id, _groupId, all, shard, 1)]);
            }
        }

        throw new SqlException(SqlStates.InvalidParameterValue, $"shard {shard} does not exist", position);
    }

    private PlacementPlan ColocatedWith(ColocatedPlacement colocated)
    {
        SchemaNames.RequireUserSchema(colocated.Table);
        TableDescriptor other = _context.Catalog.Require(colocated.Table.Name, (int)colocated.Table.Position);
        if (other.Placement == PlacementKind.Reference)
        {
            throw Mismatch(colocated, other, "is a reference table", "Make the new table REFERENCE, too.");
        }

        var names = new List<ColumnName>(colocated.Columns);
        if (names.Count == 0)
        {
            foreach (int ordinal in other.ShardKey)
            {
                ColumnDescriptor column = other.Columns[ordinal];
                if (column.Hidden)
                {
                    throw Mismatch(colocated, other, "is placed by its hidden key", "Shard it by a column of its own.");
                }

                if (KeyColumnLists.Find(_columns, column.Name) is var own && (own < 0 || !CanShardBy(own)))
                {
                    throw Mismatch(
                        colocated,
                        other,
                        own < 0
                            ? $"is sharded by \"{column.Name}\", and the new table has no column of that name"
                            : $"is sharded by \"{column.Name}\", which is not part of the new table's primary key",
                        $"Name the columns of the new table that hold the same values: COLOCATED WITH {other.Name} ON ({OnColumns(other)}).");
                }

                names.Add(new ColumnName { Name = column.Name, Position = colocated.Table.Position });
            }
        }

        List<int> shardKey = ShardKey(names);
        if (shardKey.Count != other.ShardKey.Count)
        {
            throw Mismatch(
                colocated,
                other,
                string.Create(CultureInfo.InvariantCulture, $"has a shard key of {other.ShardKey.Count} columns"),
                "Name as many columns after ON.");
        }

        for (int i = 0; i < shardKey.Count; i++)
        {
            SqlType theirs = other.Columns[other.ShardKey[i]].Type;
            if (_columns[shardKey[i]].Type.Kind != theirs.Kind)
            {
                throw Mismatch(
                    colocated,
                    other,
                    $"has a shard key of type {theirs} where \"{_columns[shardKey[i]].Name}\" is of type {_columns[shardKey[i]].Type}",
                    "The types must be the same, or equal keys would not meet.");
            }
        }

        return new PlacementPlan(other.Placement, other.GroupId, shardKey, []);
    }

    private bool CanShardBy(int ordinal) => _hiddenKey || _primaryKey.Contains(ordinal);

    /// <summary>What could stand after ON: for each column of the other table's shard key the first one that may, of the
    /// same type and not taken.</summary>
    private string OnColumns(TableDescriptor other)
    {
        var chosen = new List<string>(other.ShardKey.Count);
        foreach (int theirs in other.ShardKey)
        {
            string? own = null;
            for (int i = 0; i < _columns.Count && own is null; i++)
            {
                bool fits = !_columns[i].Hidden && CanShardBy(i) && !chosen.Contains(_columns[i].Name)
                    && _columns[i].Type.Kind == other.Columns[theirs].Type.Kind;
                own = fits ? _columns[i].Name : null;
            }

            chosen.Add(own ?? "...");
        }

        return string.Join(", ", chosen);
    }

    private static SqlException Mismatch(
        ColocatedPlacement colocated, TableDescriptor other, string why, string hint) => new(
        SqlStates.InvalidTableDefinition,
        $"cannot colocate with table \"{other.Name}\": it {why}",
        (int)colocated.Table.Position)
        {
            Hint = hint,
            Table = other.Name,
        };

    private List<int> ShardKey(IReadOnlyList<ColumnName> names)
    {
        List<int> shardKey = KeyColumnLists.Resolve(_columns, names, "shard key");
        for (int i = 0; i < shardKey.Count; i++)
        {
            if (!_hiddenKey && !_primaryKey.Contains(shardKey[i]))
            {
                // It comes before the primary key in the keys of rows; an index of its own keeps that unique.
                _columns[shardKey[i]] = _columns[shardKey[i]] with { Nullable = false };
            }
        }

        return shardKey;
    }

    /// <summary>Deals consecutive ranges out to the data shards, as evenly as their number allows.</summary>
    private List<Segment> SegmentsOf(IReadOnlyList<KeyRange> ranges)
    {
        var segments = new List<Segment>(ranges.Count);
        for (int i = 0; i < ranges.Count; i++)
        {
            var id = new SegmentId(_context.Catalog.Header.NextSegmentId + (uint)i);
            ShardId shard = Shards[(int)((long)i * Shards.Count / ranges.Count)];
            segments.Add(new Segment(id, _groupId, ranges[i], shard, 1));
        }

        return segments;
    }
}
