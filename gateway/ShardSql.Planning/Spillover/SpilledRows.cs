using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>A row of the table of deltas.</summary>
/// <param name="Slot">Its spill shard, from 0.</param>
/// <param name="Key">The key of the row that it is about.</param>
/// <param name="Id">The delta's id; empty: a header.</param>
/// <param name="Values">What it adds to each of the columns, or sets them to.</param>
public sealed record SpilledRow(int Slot, SqlValue[] Key, byte[] Id, SqlValue[] Values)
{
    /// <summary>What it is put in order by before its stamp.</summary>
    public byte[] Rank { get; init; } = [];

    /// <summary>Of a conflict: what became of it.</summary>
    public byte[] Note { get; init; } = [];

    /// <summary>Where order matters: when it was committed, as bytes that compare as stamps do.</summary>
    public byte[] Stamp { get; init; } = [];

    /// <summary>Whether it says no more than that the row takes deltas.</summary>
    public bool IsHeader => Id.Length == 0;
}

/// <summary>What may still be taken from a row in one of its slots, above its bound.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Slot">The spill shard, from 0.</param>
/// <param name="Free">As a value of the column.</param>
public sealed record SpilledQuota(SqlValue[] Key, int Slot, SqlValue Free);

/// <summary>Reads what has spilled from a table, and brings it home.</summary>
public sealed class SpilledRows
{
    private readonly DeltaTable _deltas;
    private readonly PlanningContext _context;

    /// <summary>For a table whose columns spill over.</summary>
    public SpilledRows(TableDescriptor table, PlanningContext context)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(context);
        Table = table;
        _context = context;
        _deltas = new DeltaTable(table, context.Catalog);
    }

    /// <summary>The table.</summary>
    public TableDescriptor Table { get; }

    /// <summary>How a table spills over; 55000 where it does not.</summary>
    /// <param name="table">The table.</param>
    /// <param name="position">Where the statement asks for it.</param>
    public static SpilloverDescriptor Require(TableDescriptor table, int position)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Spillover ?? throw new SqlException(
            SqlStates.ObjectNotInPrerequisiteState, $"spillover of table \"{table.Name}\" is not enabled", position)
        {
            Hint = "ALTER TABLE ... ENABLE SPILLOVER ON (column) enables it.",
            Table = table.Name,
        };
    }

    /// <summary>The shards of the slots.</summary>
    public IReadOnlyList<ShardId> Slots
    {
        get
        {
            var router = new Router(_deltas.Descriptor, _context.Map);
            return [.. Enumerable.Range(0, _deltas.Spillover.SlotsRead)
                .Select(slot => router.Locate(router.Keys.Suffix([SqlValue.FromInt64(slot)])).Shard)];
        }
    }

    /// <summary>The tasks that read it.</summary>
    /// <param name="withHeaders">Whether headers matter, too.</param>
    /// <param name="limit">Rows of each shard at most; 0: all.</param>
    /// <param name="firstSlot">Those in slots before it are not read.</param>
    public IReadOnlyList<ShardTask> Tasks(bool withHeaders, uint limit, int firstSlot = 0)
    {
        var router = new Router(_deltas.Descriptor, _context.Map);
        router.AddRange(new KeyRange(StartOf(router, firstSlot), null));
        QuerySource source = QuerySource.Of(_deltas.Descriptor, string.Empty);
        Binding rows = Binding.Of(_context, source.Scope);
        OutputStage output = RowFetch.WholeRows(_deltas.Descriptor);
        output.Limited = limit > 0;
        output.Limit = limit;
        var body = new ScanPlan { Table = _context.Catalog.ShapeOf(_deltas.Descriptor), Output = output };
        if (!withHeaders)
        {
            body.Filter = rows.ToBytes(rows.BindCondition(NoHeader(), "WHERE"));
        }

        byte[] bytes = body.ToByteArray();
        return FragmentBuilder.Build(
            _deltas.Descriptor,
            rows,
            router.Shards,
            FragmentStatement.ScanFieldNumber,
            _ => bytes,
            shard => new ScanPlan { Access = shard.ToMessage() });
    }

    /// <summary>The tasks that read headers and deltas of a row.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="limit">Rows of each shard at most.</param>
    public IReadOnlyList<ShardTask> TasksOf(SqlValue[] key, uint limit) => new DeltaPlanner(_deltas, _context).Read(key, limit);

    /// <summary>The tasks that read what conflicts its policy has settled.</summary>
    public IReadOnlyList<ShardTask> ConflictTasks()
    {
        var router = new Router(_deltas.Descriptor, _context.Map);
        router.AddRange(new KeyRange(StartOf(router, DeltaTable.ConflictsSlot), StartOf(router, 0)));
        byte[] body = new ScanPlan
        {
            Table = _context.Catalog.ShapeOf(_deltas.Descriptor),
            Output = RowFetch.WholeRows(_deltas.Descriptor),
        }.ToByteArray();
        return FragmentBuilder.Build(
            _deltas.Descriptor,
            parameters: [],
            router.Shards,
            FragmentStatement.ScanFieldNumber,
            _ => body,
            shard => new ScanPlan { Access = shard.ToMessage() });
    }

    /// <summary>The tasks that ask what may still be taken from rows in their slots.</summary>
    public IReadOnlyList<ShardTask> QuotaTasks(IReadOnlyList<SqlValue[]> keys) =>
        new DeltaPlanner(_deltas, _context).ReadQuotas(keys);

    /// <summary>What may still be taken from them.</summary>
    /// <param name="keys">The rows' keys, as they were asked for.</param>
    /// <param name="found">The rows that <see cref="QuotaTasks"/> gave.</param>
    public IReadOnlyList<SpilledQuota> QuotasOf(IReadOnlyList<SqlValue[]> keys, IEnumerable<SqlValue[]> found)
    {
        ArgumentNullException.ThrowIfNull(keys);
        int scale = Table.Columns[Table.OrdinalOf(_deltas.Spillover.Columns[0])].Type.Scale;
        var planner = new DeltaPlanner(_deltas, _context);
        Dictionary<long, SqlValue[]> byNumber = found.ToDictionary(static row => row[0].AsInt64());
        return
        [
            .. keys.SelectMany((key, place) => planner.NewestOf(place, key, byNumber)
                .Where(static quota => quota.Free is not null)
                .Select(quota => new SpilledQuota(
                    key, quota.Slot, SqlValue.FromDecimal(new Decimal38(quota.Free!.Value, scale))))),
        ];
    }

    /// <summary>A row that the tasks gave.</summary>
    public SpilledRow Read(SqlValue[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return _deltas.Read(row);
    }

    /// <summary>The statement that adds the deltas of a row to the row itself and deletes them, with its parameters: an UPDATE
    /// that reads the column does.</summary>
    public (Statement Statement, IReadOnlyList<KeyValuePair<string, SqlValue>> Parameters) Merge(SqlValue[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string column = ExpressionPrinter.Quote(Table.Columns[Table.OrdinalOf(_deltas.Spillover.Columns[0])].Name);
        string where = string.Join(" AND ", Table.KeyColumns.Select((ordinal, i) => string.Create(
            CultureInfo.InvariantCulture, $"{ExpressionPrinter.Quote(Table.Columns[ordinal].Name)} = @k{i}")));
        string text = $"UPDATE {ExpressionPrinter.Quote(Table.Name)} SET {column} = {column} WHERE {where}";
        return (
            SqlParser.Parse(text).Statements[0],
            [.. key.Select((value, i) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"k{i}"), value))]);
    }

    /// <summary>What deletes the headers of a row and leaves its deltas: it takes no more.</summary>
    public StatementPlan Close(SqlValue[] key) =>
        StatementPlan.OfTasks(StatementKind.Write, new DeltaPlanner(_deltas, _context).DeleteHeaders([key]));

    /// <summary>What deletes the headers of a row and its deltas, so that it takes no more.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="firstSlot">Those in slots before it stay.</param>
    public StatementPlan DeleteHeaders(SqlValue[] key, int firstSlot) =>
        StatementPlan.OfTasks(StatementKind.Write, new DeltaPlanner(_deltas, _context).Delete([(key, true)], firstSlot));

    /// <summary>A query that finds a row where there is anything.</summary>
    /// <param name="withHeaders">Whether headers matter, too.</param>
    /// <param name="firstSlot">What is in slots before it does not matter.</param>
    internal StatementPlan Left(bool withHeaders, int firstSlot = 0) =>
        StatementPlan.OfTasks(StatementKind.Query, Tasks(withHeaders, limit: 1, firstSlot));

    private static byte[] StartOf(Router router, int slot) => router.Keys.Suffix([SqlValue.FromInt64(slot)]);

    private static Expression NoHeader() => new()
    {
        Nodes =
        {
            new ExpressionNode { Op = ExpressionOp.Column, Name = DeltaTable.IdName },
            Binding.Literal(SqlValue.FromBytes([])).Nodes,
            new ExpressionNode { Op = ExpressionOp.NotEqual, Children = 2 },
        },
    };
}
