using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>The rows of one INSERT with one set of values: complete, keyed, and by shard.</summary>
internal sealed class InsertRows
{
    private readonly TableDescriptor _table;
    private readonly Binding _constants;
    private readonly PlanningContext _context;
    private readonly Router _router;
    private readonly SortedDictionary<ShardId, List<InsertRow>> _rows = [];
    private readonly GlobalEntries _entries;
    private readonly bool _isDecided;

    /// <param name="table">The table.</param>
    /// <param name="constants">Evaluates defaults.</param>
    /// <param name="context">What it is planned with.</param>
    /// <param name="isDecided">Whether they are all inserted, whatever is there.</param>
    public InsertRows(TableDescriptor table, Binding constants, PlanningContext context, bool isDecided)
    {
        _table = table;
        _constants = constants;
        _context = context;
        _router = new Router(table, context.Map);
        _entries = new GlobalEntries(table, context);
        _isDecided = isDecided;
        Changes = new RowChanges(context);
    }

    /// <summary>The rows, where foreign keys are about them.</summary>
    public RowChanges Changes { get; }

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>All rows in order, where their entries are not written with them.</summary>
    public List<SqlValue[]> Undecided { get; } = [];

    /// <summary>The shards that get rows.</summary>
    public IReadOnlyCollection<ShardAccess> Shards => _router.Shards;

    /// <summary>The rows of a shard.</summary>
    public IReadOnlyList<InsertRow> Of(ShardId shard) => _rows[shard];

    /// <summary>The tasks that write the entries of GLOBAL indexes.</summary>
    public IReadOnlyList<ShardTask> EntryTasks() => _entries.ToTasks();

    /// <summary>The value of an expression for a column.</summary>
    public SqlValue Evaluate(Expression expression, ColumnDescriptor column) =>
        _constants.EvaluateAssignment(expression, column);

    /// <summary>Adds a row; what is not given has its default.</summary>
    public void Add(SqlValue[] row, bool[] given, int number)
    {
        for (int i = 0; i < row.Length; i++)
        {
            ColumnDescriptor column = _table.Columns[i];
            if (column.Hidden)
            {
                row[i] = SqlValue.FromBytes(_context.NextId());
            }
            else if (!given[i])
            {
                row[i] = column.Default is null
                    ? SqlValue.NullOf(column.Type.Kind)
                    : _constants.EvaluateAssignment(column.Default, column);
            }

            if (row[i].IsNull && !column.Nullable)
            {
                throw ConstraintErrors.NotNull(_table.Name, column.Name);
            }
        }

        byte[] suffix = _router.Keys.SuffixOf(row);
        byte[] rowKey = _router.Keys.RowKey(suffix);
        ConstraintErrors.CheckKeyLength(rowKey.Length, _table.Name);
        var insert = new InsertRow
        {
            Key = UnsafeByteOperations.UnsafeWrap(rowKey),
            Row = UnsafeByteOperations.UnsafeWrap(RowCodec.ToBytes(row)),
            Number = (uint)number,
        };
        ConstraintErrors.CheckRowLength(insert.Row.Length, _table.Name);
        Count++;
        if (_isDecided)
        {
            _entries.Write(suffix, null, row);
            Changes.Add(_table, null, row);
        }
        else
        {
            Undecided.Add(row);
        }

        Route(insert, suffix, Array.ConvertAll([.. _table.KeyColumns], ordinal => row[ordinal]));
    }

    private void Route(InsertRow insert, byte[] suffix, SqlValue[] key)
    {
        if (_table.Placement == PlacementKind.Reference)
        {
            foreach (ShardId copy in _context.Map.CopyShards)
            {
                _router.AddKey(copy, suffix, key);
                RowsOf(copy).Add(insert);
            }

            return;
        }

        RowsOf(_router.AddKey(suffix, key)).Add(insert);
    }

    private List<InsertRow> RowsOf(ShardId shard)
    {
        if (!_rows.TryGetValue(shard, out List<InsertRow>? rows))
        {
            rows = [];
            _rows.Add(shard, rows);
        }

        return rows;
    }
}
