using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.Transactions.Columns;

namespace ShardSql.Benchmarks.Workloads.Tatp;

/// <summary>TATP's four tables, all by subscriber, and how many call forwardings were added.</summary>
internal sealed class TatpTables
{
    private const int Seed = 11;
    private const int Numbered = 10;
    private const int ActivePercent = 85;

    private static readonly int[] s_kinds = [.. Enumerable.Range(1, TatpKeys.Kinds)];

    private static readonly (string Name, DbType Type)[] s_subscriberColumns =
    [
        .. Ints("s_id"), .. Texts("sub_nbr"), .. Ints([.. Numbers("bit_"), .. Numbers("hex_"), .. Numbers("byte2_")]),
        .. Ints("msc_location", "vlr_location"),
    ];

    private readonly Side _side;
    private readonly long _loaded;
    private long _added;

    private TatpTables(Side side, long loaded)
    {
        _side = side;
        _loaded = loaded;
    }

    /// <summary>Makes and fills the tables.</summary>
    public static async Task<TatpTables> LoadAsync(Side side)
    {
        await CreateAsync(side);
        var random = new Random(Seed);
        int[] subscribers = [.. Enumerable.Range(1, TatpKeys.Subscribers)];
        (int Subscriber, int Kind)[] accesses = [.. subscribers.SelectMany(s => KindsOf(s, random))];
        (int Subscriber, int Kind)[] facilities = [.. subscribers.SelectMany(s => KindsOf(s, random))];
        (int Subscriber, int Kind, int Start)[] forwardings =
        [
            .. facilities.SelectMany(facility => TatpKeys.NextSubset(random, 0, TatpKeys.StartTimes)
                .Select(start => (facility.Subscriber, facility.Kind, start))),
        ];
        await TableLoader.FillAsync(
            side,
            "subscriber",
            s_subscriberColumns,
            subscribers.Select(subscriber => SubscriberRow(subscriber, random)));
        await TableLoader.FillAsync(
            side,
            "access_info",
            [.. Ints("s_id", "ai_type", "data1", "data2"), .. Texts("data3", "data4")],
            accesses.Select(access => new object[]
            {
                access.Subscriber, access.Kind, random.Next(256), random.Next(256), TatpKeys.NextLetters(random, 3),
                TatpKeys.NextLetters(random, 5),
            }));
        await TableLoader.FillAsync(
            side,
            "special_facility",
            [.. Ints("s_id", "sf_type", "is_active", "error_cntrl", "data_a"), .. Texts("data_b")],
            facilities.Select(facility => new object[]
            {
                facility.Subscriber, facility.Kind, random.Next(100) < ActivePercent ? 1 : 0, random.Next(256),
                random.Next(256), TatpKeys.NextLetters(random, 5),
            }));
        await TableLoader.FillAsync(
            side,
            "call_forwarding",
            [.. Ints("s_id", "sf_type", "start_time", "end_time"), .. Texts("numberx")],
            forwardings.Select(forwarding => new object[]
            {
                forwarding.Subscriber, forwarding.Kind, forwarding.Start,
                TatpKeys.NextEndTime(random, forwarding.Start),
                TatpKeys.NumberOf(random.Next(1, TatpKeys.Subscribers + 1)),
            }));
        return new TatpTables(side, forwardings.Length);
    }

    /// <summary>Notes call forwardings that a committed transaction inserted, or, below 0, deleted.</summary>
    public void Add(int forwardings) => Interlocked.Add(ref _added, forwardings);

    /// <summary>Compares call forwardings with what was committed, and looks for what they forward to; null: all right.
    /// </summary>
    public async Task<string?> FindWrongAsync()
    {
        long expected = _loaded + Interlocked.Read(ref _added);
        long found = await CountAsync("SELECT COUNT(*) FROM call_forwarding");
        if (found != expected)
        {
            return $"{found} call forwardings are there, acknowledged were {expected}.";
        }

        long orphans = await CountAsync(
            "SELECT COUNT(*) FROM call_forwarding cf LEFT JOIN special_facility sf"
            + " ON sf.s_id = cf.s_id AND sf.sf_type = cf.sf_type WHERE sf.s_id IS NULL");
        return orphans == 0 ? null : $"{orphans} call forwardings have no special facility.";
    }

    private static async Task CreateAsync(Side side)
    {
        string subscriber = string.Join(
            ", ",
            s_subscriberColumns.Skip(2).Select(static column => $"{column.Name} int NOT NULL"));
        await side.ExecuteAsync(
            $"CREATE TABLE subscriber (s_id int PRIMARY KEY, sub_nbr varchar(15) NOT NULL UNIQUE, {subscriber})");
        string colocated = side.Ours("COLOCATED WITH subscriber ON (s_id)");
        await side.ExecuteAsync(
            "CREATE TABLE access_info (s_id int NOT NULL REFERENCES subscriber, ai_type int NOT NULL,"
            + " data1 int NOT NULL, data2 int NOT NULL, data3 varchar(3) NOT NULL, data4 varchar(5) NOT NULL,"
            + $" PRIMARY KEY (s_id, ai_type)){colocated}");
        await side.ExecuteAsync(
            "CREATE TABLE special_facility (s_id int NOT NULL REFERENCES subscriber, sf_type int NOT NULL,"
            + " is_active int NOT NULL, error_cntrl int NOT NULL, data_a int NOT NULL, data_b varchar(5) NOT NULL,"
            + $" PRIMARY KEY (s_id, sf_type)){colocated}");
        await side.ExecuteAsync(
            "CREATE TABLE call_forwarding (s_id int NOT NULL, sf_type int NOT NULL, start_time int NOT NULL,"
            + " end_time int NOT NULL, numberx varchar(15) NOT NULL, PRIMARY KEY (s_id, sf_type, start_time),"
            + $" FOREIGN KEY (s_id, sf_type) REFERENCES special_facility (s_id, sf_type)){colocated}");
    }

    private static IEnumerable<(int Subscriber, int Kind)> KindsOf(int subscriber, Random random) =>
        TatpKeys.NextSubset(random, 1, s_kinds).Select(kind => (subscriber, kind));

    private static object[] SubscriberRow(int subscriber, Random random) =>
    [
        subscriber, TatpKeys.NumberOf(subscriber),
        .. Draw(random, 2), .. Draw(random, 16), .. Draw(random, 256),
        random.Next(), random.Next(),
    ];

    private static IEnumerable<object> Draw(Random random, int below) =>
        Enumerable.Range(0, Numbered).Select(_ => (object)random.Next(below));

    private static IEnumerable<string> Numbers(string prefix) => Enumerable.Range(1, Numbered).Select(
        number => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}"));

    private async Task<long> CountAsync(string text) => (long)(await _side.QueryAsync(text))[0][0];
}
