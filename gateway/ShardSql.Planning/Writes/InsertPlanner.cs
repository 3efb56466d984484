using System;
using System.Collections.Generic;
using System.Globalization;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using SortKey = ShardSql.Execution.Plans.SortKey;

namespace ShardSql.Planning.Writes;

/// <summary>
/// Plans an INSERT: computes each row, its key and its shard here, so that a shard only checks constraints and whether
/// the key is free.
/// </summary>
internal sealed class InsertPlanner
{
    private readonly Statement _statement;
    private readonly Insert _insert;
    private readonly PlanningContext _context;
    private readonly TableDescriptor _table;
    private readonly QuerySource _source;
    private readonly Binding _constants;
    private readonly Router _router;
    private readonly SortedDictionary<ShardId, List<InsertRow>> _rows = [];

    public InsertPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _insert = statement.Insert;
        _context = context;
        SchemaNames.RequireUserSchema(_insert.Table);
        _table = context.Catalog.Require(_insert.Table.Name, (int)_insert.Table.Position);
        _source = QuerySource.Of(_table, string.Empty);
        _constants = Binding.WithoutColumns(context);
        _router = new Router(_table, context.Map);
    }

    /// <summary>The plan.</summary>
    public StatementPlan Plan()
    {
        List<int> columns = Columns();
        if (_insert.DefaultValues)
        {
            Add(new SqlValue[_table.Columns.Count], new bool[_table.Columns.Count], 0);
        }

        for (int i = 0; i < _insert.Rows.Count; i++)
        {
            AddRow(_insert.Rows[i], columns, i);
        }

        Binding rows = Binding.Of(_context, _source.Scope);
        var insert = new InsertPlan { Table = _context.Catalog.ShapeOf(_table) };
        CheckBinder.Bind(_table, _context, insert.Checks);
        IReadOnlyList<ResultColumn> header =
            ReturningBinder.Bind(_insert.Returning, _source, rows, insert.Returning);
        bool copies = _table.Placement == PlacementKind.Reference;
        bool merges = header.Count > 0 && _rows.Count > 1 && !copies;
        insert.Numbered = merges;
        IReadOnlyList<ShardTask> tasks = new FragmentBuilder(_table, rows).Build(_router.Shards, shard =>
        {
            insert.Rows.Clear();
            insert.Rows.AddRange(_rows[shard.Shard]);
            if (copies && shard.Shard != _context.Map.DataShards[0])
            {
                insert.Returning.Clear();
            }

            return new FragmentStatement { Insert = insert };
        });
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "INSERT",
            Columns = header,
            Tasks = tasks,
            RunPlan = merges ? MergeByNumber(tasks.Count, header.Count) : new StatementRunPlan { Sources = tasks.Count },
            Explainer = () => ExplainText.Lines(
                new ExplainInput { Verb = "insert into", Table = _table, Shards = _router.Shards, IsWrite = true },
                _context),
        };
    }

    /// <summary>Rows of several shards come back in the order of the statement.</summary>
    private static StatementRunPlan MergeByNumber(int sources, int columns) => new()
    {
        Sources = sources,
        Mode = SourceMode.OrderedMerge,
        MergeOrder = [new SortKey { Column = (uint)columns }],
        Output = new OutputStage { Visible = (uint)columns },
    };

    private List<int> Columns()
    {
        var columns = new List<int>(_table.Columns.Count);
        foreach (ColumnName name in _insert.Columns)
        {
            int ordinal = WriteColumns.Require(_table, name);
            if (columns.Contains(ordinal))
            {
                throw WriteColumns.Twice(name);
            }

            columns.Add(ordinal);
        }

        for (int i = 0; i < _table.Columns.Count && _insert.Columns.Count == 0; i++)
        {
            if (!_table.Columns[i].Hidden)
            {
                columns.Add(i);
            }
        }

        return columns;
    }

    private void AddRow(ExpressionRow expressions, List<int> columns, int number)
    {
        bool tooMany = expressions.Values.Count > columns.Count;
        if (tooMany || (_insert.Columns.Count > 0 && expressions.Values.Count < columns.Count))
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"INSERT has {expressions.Values.Count} values for {columns.Count} columns"),
                (int)expressions.Position);
        }

        var row = new SqlValue[_table.Columns.Count];
        bool[] given = new bool[row.Length];
        for (int i = 0; i < expressions.Values.Count; i++)
        {
            Expression value = expressions.Values[i];
            if (!Binding.IsDefault(value))
            {
                row[columns[i]] = _constants.EvaluateAssignment(value, _table.Columns[columns[i]]);
                given[columns[i]] = true;
            }
        }

        Add(row, given, number);
    }

    private void Add(SqlValue[] row, bool[] given, int number)
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
        Route(insert, suffix, Array.ConvertAll([.. _table.KeyColumns], ordinal => row[ordinal]));
    }

    private void Route(InsertRow insert, byte[] suffix, SqlValue[] key)
    {
        if (_table.Placement == PlacementKind.Reference)
        {
            foreach (ShardId copy in _context.Map.DataShards)
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
