using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.Transactions.Columns;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>YCSB's one table, and what was acknowledged of inserts and read-modify-writes.</summary>
internal sealed class YcsbTable
{
    /// <summary>Records at first.</summary>
    public const int Records = 20_000;

    private const int Seed = 7;
    private const int Ranges = 3;
    private const int PageRows = 500;

    private static readonly string s_fields =
        string.Join(", ", Enumerable.Range(0, YcsbRecord.Fields).Select(NameOf));

    private static readonly Statement s_read = Statement.Query(
        $"SELECT {s_fields} FROM usertable WHERE ycsb_key = @key", ("key", DbType.Int64));

    private static readonly Statement s_scan = Statement.Query(
        $"SELECT ycsb_key, {s_fields} FROM usertable WHERE ycsb_key >= @key ORDER BY ycsb_key LIMIT @count",
        ("key", DbType.Int64),
        ("count", DbType.Int64));

    private static readonly Statement[] s_updates =
    [
        .. Enumerable.Range(0, YcsbRecord.Fields).Select(static field => Statement.Change(
            $"UPDATE usertable SET {NameOf(field)} = @value WHERE ycsb_key = @key",
            ("value", DbType.String),
            ("key", DbType.Int64))),
    ];

    private static readonly (string Name, DbType Type)[] s_columns =
        [.. Bigints("ycsb_key"), .. Texts([.. Enumerable.Range(0, YcsbRecord.Fields).Select(NameOf)])];

    private static readonly Statement s_insert = Statement.Insert("usertable", s_columns, rows: 1);

    private readonly Side _side;
    private long _counted;

    private YcsbTable(Side side) => _side = side;

    /// <summary>Numbers of its records.</summary>
    public InsertedRecords Inserted { get; } = new(Records);

    public static Call Read(long key) => s_read.With(key);

    public static Call Scan(long key, long count) => s_scan.With(key, count);

    public static Call Update(long key, int field, string value) => s_updates[field].With(value, key);

    public static Call Insert(long key, string[] values) => s_insert.With([key, .. values]);

    /// <summary>Makes and fills the table; on ours each shard has a range of keys.</summary>
    public static async Task<YcsbTable> LoadAsync(Side side)
    {
        string fields = string.Join(
            ", ",
            Enumerable.Range(0, YcsbRecord.Fields)
                .Select(static i => $"{NameOf(i)} varchar({YcsbRecord.FieldLength}) NOT NULL"));
        string splits = string.Join(", ", Enumerable.Range(1, Ranges - 1).Select(static i => string.Create(
            CultureInfo.InvariantCulture, $"({long.MaxValue / Ranges * i})")));
        await side.ExecuteAsync(
            $"CREATE TABLE usertable (ycsb_key bigint PRIMARY KEY, {fields})"
            + side.Ours($"SHARD BY RANGE (ycsb_key) SPLIT AT VALUES {splits}"));
        var random = new Random(Seed);
        await TableLoader.FillAsync(side, "usertable", s_columns, Enumerable.Range(0, Records).Select(number =>
        {
            long key = YcsbRecord.KeyOf(number);
            return (object[])[key, .. YcsbRecord.ValuesOf(key, random)];
        }));
        return new YcsbTable(side);
    }

    /// <summary>Notes that a committed transaction has counted one up.</summary>
    public void Count() => Interlocked.Increment(ref _counted);

    /// <summary>Begins to count: what counters hold now is what they held before.</summary>
    public async Task ResetCountersAsync()
    {
        (_, long counters) = await ReadAllAsync();
        Interlocked.Exchange(ref _counted, counters);
    }

    /// <summary>Compares the number of records with the inserts; null: they are all there.</summary>
    public async Task<string?> FindWrongRecordsAsync()
    {
        long expected = Inserted.Acknowledged;
        var found = (long)(await _side.QueryAsync("SELECT COUNT(*) FROM usertable"))[0][0];
        return found == expected ? null : $"{found} records are there, acknowledged were {expected}.";
    }

    /// <summary>The same, and compares the sum of the counters with what was counted; reads all values.</summary>
    public async Task<string?> FindWrongCountersAsync()
    {
        (long records, long counters) = await ReadAllAsync();
        long expected = Interlocked.Read(ref _counted);
        if (records != Inserted.Acknowledged)
        {
            return $"{records} records are there, acknowledged were {Inserted.Acknowledged}.";
        }

        return counters == expected
            ? null
            : $"records were counted up {counters} times, acknowledged were {expected}.";
    }

    /// <summary>Requires the values of a row from <paramref name="first"/> on to be of this key.</summary>
    public static void RequireValues(long key, object[] row, int first)
    {
        for (int field = 0; field < YcsbRecord.Fields; field++)
        {
            _ = YcsbRecord.CounterOf(key, field, (string)row[first + field]);
        }
    }

    private static string NameOf(int field) => string.Create(CultureInfo.InvariantCulture, $"field{field}");

    private async Task<(long Records, long Counters)> ReadAllAsync()
    {
        DbConnection connection = await _side.Source.OpenConnectionAsync();
        await using var session = new StatementSession(connection, batches: false);
        long records = 0;
        long counters = 0;
        long from = 0;
        while (true)
        {
            IReadOnlyList<object[]> rows = (await session.RunAsync(Scan(from, PageRows))).Rows;
            foreach (object[] row in rows)
            {
                from = (long)row[0];
                records++;
                for (int field = 0; field < YcsbRecord.Fields; field++)
                {
                    counters += YcsbRecord.CounterOf(from, field, (string)row[1 + field]);
                }
            }

            if (rows.Count < PageRows)
            {
                return (records, counters);
            }

            from++;
        }
    }
}
