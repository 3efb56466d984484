using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.Transactions.Columns;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>TPC-C's nine tables (clause 1.3). On ours all but items, which are on each shard, lie with their warehouse.
/// </summary>
internal static class TpccTables
{
    /// <summary>What each district has taken in when the tables are filled: a payment of each customer.</summary>
    public const decimal DistrictYtd = TpccScale.Customers * FirstPayment;

    /// <summary>What each customer has paid then.</summary>
    public const decimal FirstPayment = 10;

    /// <summary>The longest c_data.</summary>
    public const int CustomerDataLength = 500;

    public static readonly (string Name, DbType Type)[] WarehouseColumns =
    [
        .. Ints("w_id"), .. Texts("w_name", "w_street_1", "w_street_2", "w_city", "w_state", "w_zip"),
        .. Decimals("w_tax", "w_ytd"),
    ];

    public static readonly (string Name, DbType Type)[] DistrictColumns =
    [
        .. Ints("d_w_id", "d_id"), .. Texts("d_name", "d_street_1", "d_street_2", "d_city", "d_state", "d_zip"),
        .. Decimals("d_tax", "d_ytd"), .. Ints("d_next_o_id"),
    ];

    public static readonly (string Name, DbType Type)[] CustomerColumns =
    [
        .. Ints("c_w_id", "c_d_id", "c_id"), .. Texts("c_first", "c_middle", "c_last"),
        .. Texts("c_street_1", "c_street_2", "c_city", "c_state", "c_zip", "c_phone"), .. Timestamps("c_since"),
        .. Texts("c_credit"), .. Decimals("c_credit_lim", "c_discount", "c_balance", "c_ytd_payment"),
        .. Ints("c_payment_cnt", "c_delivery_cnt"), .. Texts("c_data"),
    ];

    public static readonly (string Name, DbType Type)[] HistoryColumns =
    [
        .. Uuids("h_id"), .. Ints("h_c_id", "h_c_d_id", "h_c_w_id", "h_d_id", "h_w_id"), .. Timestamps("h_date"),
        .. Decimals("h_amount"), .. Texts("h_data"),
    ];

    public static readonly (string Name, DbType Type)[] ItemColumns =
        [.. Ints("i_id", "i_im_id"), .. Texts("i_name"), .. Decimals("i_price"), .. Texts("i_data")];

    public static readonly (string Name, DbType Type)[] StockColumns =
    [
        .. Ints("s_w_id", "s_i_id", "s_quantity", "s_ytd", "s_order_cnt", "s_remote_cnt"), .. Texts("s_data"),
        .. Texts([.. Enumerable.Range(1, TpccScale.Districts).Select(DistrictColumn)]),
    ];

    public static readonly (string Name, DbType Type)[] OrderColumns =
    [
        .. Ints("o_w_id", "o_d_id", "o_id", "o_c_id", "o_carrier_id", "o_ol_cnt", "o_all_local"),
        .. Timestamps("o_entry_d"),
    ];

    public static readonly (string Name, DbType Type)[] NewOrderColumns = [.. Ints("no_w_id", "no_d_id", "no_o_id")];

    public static readonly (string Name, DbType Type)[] OrderLineColumns =
    [
        .. Ints("ol_w_id", "ol_d_id", "ol_o_id", "ol_number", "ol_i_id"), .. Timestamps("ol_delivery_d"),
        .. Decimals("ol_amount"), .. Ints("ol_supply_w_id", "ol_quantity"), .. Texts("ol_dist_info"),
    ];

    // What is null before an order is delivered.
    private static readonly HashSet<string> s_nullable = ["o_carrier_id", "ol_delivery_d"];

    /// <summary>The column of stock that has the text for a district.</summary>
    public static string DistrictColumn(int district) =>
        string.Create(CultureInfo.InvariantCulture, $"s_dist_{district:00}");

    /// <summary>The time as a timestamp without a zone takes it.</summary>
    public static DateTime Now() => DateTime.SpecifyKind(DateTime.UtcNow, DateTimeKind.Unspecified);

    /// <summary>Makes the tables and fills them.</summary>
    public static async Task<TpccLedger> LoadAsync(Side side, TpccScale scale)
    {
        await CreateAsync(side, scale);
        await new TpccLoader(side, scale).FillAsync();
        return new TpccLedger(scale);
    }

    /// <summary>Makes the tables.</summary>
    public static async Task CreateAsync(Side side, TpccScale scale)
    {
        string splits = string.Join(", ", Enumerable.Range(2, scale.Warehouses - 1).Select(static warehouse =>
            string.Create(CultureInfo.InvariantCulture, $"({warehouse})")));
        string range = "SHARD BY RANGE (w_id)" + (splits.Length == 0 ? "" : " SPLIT AT VALUES " + splits);
        await side.ExecuteAsync(TextOf("warehouse", WarehouseColumns, "w_id") + side.Ours(range));
        await side.ExecuteAsync(TextOf("item", ItemColumns, "i_id") + side.Ours("REFERENCE"));
        foreach ((string table, (string Name, DbType Type)[] columns, string key) in Colocated())
        {
            string warehouse = key[..key.IndexOf(',', StringComparison.Ordinal)];
            await side.ExecuteAsync(
                TextOf(table, columns, key) + side.Ours($"COLOCATED WITH warehouse ON ({warehouse})"));
        }

        await side.ExecuteAsync(
            "CREATE INDEX customer_name ON customer (c_w_id, c_d_id, c_last, c_first)" + side.Ours("LOCAL"));
        await side.ExecuteAsync(
            "CREATE INDEX oorder_customer ON oorder (o_w_id, o_d_id, o_c_id, o_id)" + side.Ours("LOCAL"));
    }

    private static (string Table, (string Name, DbType Type)[] Columns, string Key)[] Colocated() =>
    [
        ("district", DistrictColumns, "d_w_id, d_id"),
        ("customer", CustomerColumns, "c_w_id, c_d_id, c_id"),
        ("history", HistoryColumns, "h_w_id, h_id"),
        ("stock", StockColumns, "s_w_id, s_i_id"),
        ("oorder", OrderColumns, "o_w_id, o_d_id, o_id"),
        ("new_order", NewOrderColumns, "no_w_id, no_d_id, no_o_id"),
        ("order_line", OrderLineColumns, "ol_w_id, ol_d_id, ol_o_id, ol_number"),
    ];

    private static string TextOf(string table, (string Name, DbType Type)[] columns, string key)
    {
        string all = string.Join(
            ", ",
            columns.Select(static column =>
                $"{column.Name} {TypeOf(column.Type)}{(s_nullable.Contains(column.Name) ? "" : " NOT NULL")}"));
        return $"CREATE TABLE {table} ({all}, PRIMARY KEY ({key}))";
    }

    private static string TypeOf(DbType type) => type switch
    {
        DbType.Int32 => "int",
        DbType.Decimal => "decimal(12, 4)",
        DbType.DateTime2 => "timestamp",
        DbType.Guid => "uuid",
        _ => $"varchar({CustomerDataLength})",
    };
}
