using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>
/// Copies the rows of a reference table to a shard that gets what is written from now on already: rows are read on a shard
/// that has all of them, and written as they are, with their entries, in the same transaction. Whoever changes such a row
/// at the same time conflicts with it, so a batch may run again.
/// </summary>
public sealed class ReferenceBackfill
{
    private readonly SystemState _state;
    private readonly TableDescriptor _table;
    private readonly KeyBuilder _keys;

    /// <summary>For a reference table.</summary>
    public ReferenceBackfill(SystemState state, TableDescriptor table)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(table);
        Invariant.Check(table.Placement == PlacementKind.Reference, "Only reference tables have copies.");
        _state = state;
        _table = table;
        _keys = new KeyBuilder(table);
    }

    /// <summary>What comes behind a position: a table, and the key in it that has been copied last.</summary>
    /// <param name="catalog">The tables.</param>
    /// <param name="position">A key; empty: nothing has been copied.</param>
    /// <returns>Null: nothing comes any more.</returns>
    public static (TableDescriptor Table, byte[]? After)? Next(Catalog catalog, byte[] position)
    {
        ArgumentNullException.ThrowIfNull(position);
        uint id = position.Length == 0 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(position);
        TableDescriptor? next = TablesOf(catalog).FirstOrDefault(table => table.Id >= id);
        return next is null ? null : (next, next.Id == id ? position : null);
    }

    /// <summary>The reference tables, by id.</summary>
    public static IEnumerable<TableDescriptor> TablesOf(Catalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.All.Where(static t => t.Placement == PlacementKind.Reference && t.View is null);
    }

    /// <summary>Reads the first rows behind a key.</summary>
    public ShardTask Read(byte[]? after, uint limit)
    {
        KeyRange all = KeyRange.Prefix(RowKeyLayout.RowPrefix(_table.Id));
        var access = new ShardAccess(_state.Map.DataShards[0]);
        access.Add(after is null ? all : new KeyRange(KeyRange.Successor(after), all.End), null);
        var output = new OutputStage { Visible = (uint)_table.Columns.Count, Limited = true, Limit = limit };
        for (int i = 0; i < _table.Columns.Count; i++)
        {
            ColumnDescriptor column = _table.Columns[i];
            output.Projection.Add(BoundExpression.Column(i, column.Type, column.Nullable).ToMessage().ToByteString());
        }

        return Task(access.Shard, new FragmentStatement
        {
            Scan = new ScanPlan { Table = _state.Catalog.ShapeOf(_table), Access = access.ToMessage(), Output = output },
        });
    }

    /// <summary>Writes rows that were read to a shard.</summary>
    public ShardTask Write(ShardId shard, IEnumerable<SqlValue[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var plan = new InsertPlan { Table = _state.Catalog.WrittenShapeOf(_table), Overwrites = true };
        foreach (SqlValue[] row in rows)
        {
            plan.Rows.Add(new InsertRow
            {
                Key = UnsafeByteOperations.UnsafeWrap(KeyOf(row)),
                Row = UnsafeByteOperations.UnsafeWrap(RowCodec.ToBytes(row)),
            });
        }

        return Task(shard, new FragmentStatement { Insert = plan });
    }

    /// <summary>The position behind rows that were read; of the last ones it is behind the table.</summary>
    public byte[] PositionBehind(IReadOnlyList<SqlValue[]> rows, bool isLast)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return isLast ? RowKeyLayout.RowPrefix(_table.Id + 1) : KeyOf(rows[^1]);
    }

    private byte[] KeyOf(SqlValue[] row) => _keys.RowKey(_keys.SuffixOf(row));

    private ShardTask Task(ShardId shard, FragmentStatement statement) => new()
    {
        Shard = shard,
        Fragment = new Fragment { Statements = { statement } }.ToByteArray(),
        Parameters = default,
        Tables = [new TableGuard(_table.Id, _table.Version)],
        Segments = [],
    };
}
