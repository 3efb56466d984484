using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;

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
        ("w_id", DbType.Int32), ("w_name", DbType.String), ("w_street_1", DbType.String), ("w_street_2", DbType.String), ("w_city", DbType.String),
        ("w_state", DbType.String), ("w_zip", DbType.String), ("w_tax", DbType.Decimal), ("w_ytd", DbType.Decimal),
    ];

    public static readonly (string Name, DbType Type)[] DistrictColumns =
    [
        ("d_w_id", DbType.Int32), ("d_id", DbType.Int32), ("d_name", DbType.String), ("d_street_1", DbType.String), ("d_street_2", DbType.String),
        ("d_city", DbType.String), ("d_state", DbType.String), ("d_zip", DbType.String), ("d_tax", DbType.Decimal), ("d_ytd", DbType.Decimal),
        ("d_next_o_id", DbType.Int32),
    ];

    public static readonly (string Name, DbType Type)[] CustomerColumns =
    [
        ("c_w_id", DbType.Int32), ("c_d_id", DbType.Int32), ("c_id", DbType.Int32), ("c_first", DbType.String), ("c_middle", DbType.String),
        ("c_last", DbType.String), ("c_street_1", DbType.String), ("c_street_2", DbType.String), ("c_city", DbType.String), ("c_state", DbType.String),
        ("c_zip", DbType.String), ("c_phone", DbType.String), ("c_since", DbType.DateTime2), ("c_credit", DbType.String), ("c_credit_lim", DbType.Decimal),
        ("c_discount", DbType.Decimal), ("c_balance", DbType.Decimal), ("c_ytd_payment", DbType.Decimal), ("c_payment_cnt", DbType.Int32),
        ("c_delivery_cnt", DbType.Int32), ("c_data", DbType.String),
    ];

    public static readonly (string Name, DbType Type)[] HistoryColumns =
    [
        ("h_id", DbType.Guid), ("h_c_id", DbType.Int32), ("h_c_d_id", DbType.Int32), ("h_c_w_id", DbType.Int32), ("h_d_id", DbType.Int32),
        ("h_w_id", DbType.Int32), ("h_date", DbType.DateTime2), ("h_amount", DbType.Decimal), ("h_data", DbType.String),
    ];

    public static readonly (string Name, DbType Type)[] ItemColumns =
        [("i_id", DbType.Int32), ("i_im_id", DbType.Int32), ("i_name", DbType.String), ("i_price", DbType.Decimal), ("i_data", DbType.String)];

    public static readonly (string Name, DbType Type)[] StockColumns =
    [
        ("s_w_id", DbType.Int32), ("s_i_id", DbType.Int32), ("s_quantity", DbType.Int32), ("s_ytd", DbType.Int32), ("s_order_cnt", DbType.Int32),
        ("s_remote_cnt", DbType.Int32), ("s_data", DbType.String),
        .. Enumerable.Range(1, TpccScale.Districts).Select(static district => (DistrictColumn(district), DbType.String)),
    ];

    public static readonly (string Name, DbType Type)[] OrderColumns =
    [
        ("o_w_id", DbType.Int32), ("o_d_id", DbType.Int32), ("o_id", DbType.Int32), ("o_c_id", DbType.Int32), ("o_carrier_id", DbType.Int32),
        ("o_ol_cnt", DbType.Int32), ("o_all_local", DbType.Int32), ("o_entry_d", DbType.DateTime2),
    ];

    public static readonly (string Name, DbType Type)[] NewOrderColumns =
        [("no_w_id", DbType.Int32), ("no_d_id", DbType.Int32), ("no_o_id", DbType.Int32)];

    public static readonly (string Name, DbType Type)[] OrderLineColumns =
    [
        ("ol_w_id", DbType.Int32), ("ol_d_id", DbType.Int32), ("ol_o_id", DbType.Int32), ("ol_number", DbType.Int32), ("ol_i_id", DbType.Int32),
        ("ol_delivery_d", DbType.DateTime2), ("ol_amount", DbType.Decimal), ("ol_supply_w_id", DbType.Int32), ("ol_quantity", DbType.Int32),
        ("ol_dist_info", DbType.String),
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

    private static async Task CreateAsync(Side side, TpccScale scale)
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
