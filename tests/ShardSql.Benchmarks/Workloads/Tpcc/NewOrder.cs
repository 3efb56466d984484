using System;
using System.Collections.Generic;
using System.Data;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>Takes an order of 5 to 15 lines (clause 2.4).</summary>
internal sealed class NewOrder(TpccLedger ledger, Order order) : ITransaction
{
    private static readonly Statement s_warehouse =
        Statement.Query("SELECT w_tax FROM warehouse WHERE w_id = @w", ("w", DbType.Int32));

    private static readonly Statement s_district = Statement.Query(
        "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = @w AND d_id = @d"
        + " RETURNING d_next_o_id - 1, d_tax",
        ("w", DbType.Int32),
        ("d", DbType.Int32));

    private static readonly Statement s_customer = Statement.Query(
        "SELECT c_discount, c_last, c_credit FROM customer WHERE c_w_id = @w AND c_d_id = @d AND c_id = @c",
        ("w", DbType.Int32),
        ("d", DbType.Int32),
        ("c", DbType.Int32));

    private static readonly Statement s_item =
        Statement.Query("SELECT i_price, i_name, i_data FROM item WHERE i_id = @i", ("i", DbType.Int32));

    // The text for the district is in a column of its own.
    private static readonly Statement[] s_stock =
    [
        .. Enumerable.Range(1, TpccScale.Districts).Select(static district => Statement.Query(
            $"SELECT s_quantity, s_data, {TpccTables.DistrictColumn(district)} FROM stock"
            + " WHERE s_w_id = @w AND s_i_id = @i",
            ("w", DbType.Int32),
            ("i", DbType.Int32))),
    ];

    // An item may stand in two lines of an order: the quantity is that of the row, not the one that was read.
    private static readonly Statement s_take = Statement.Change(
        "UPDATE stock SET s_quantity = CASE WHEN s_quantity >= @quantity + 10 THEN s_quantity - @quantity"
        + " ELSE s_quantity - @quantity + 91 END,"
        + " s_ytd = s_ytd + @quantity, s_order_cnt = s_order_cnt + 1, s_remote_cnt = s_remote_cnt + @remote"
        + " WHERE s_w_id = @w AND s_i_id = @i",
        ("quantity", DbType.Int32),
        ("remote", DbType.Int32),
        ("w", DbType.Int32),
        ("i", DbType.Int32));

    private static readonly Statement s_order = Statement.Insert("oorder", TpccTables.OrderColumns, rows: 1);

    private static readonly Statement s_newOrder = Statement.Insert("new_order", TpccTables.NewOrderColumns, rows: 1);

    private static readonly Statement s_line = Statement.Insert("order_line", TpccTables.OrderLineColumns, rows: 1);

    public async Task<bool> RunAsync(StatementSession session)
    {
        (int warehouse, int district, int customer, IReadOnlyList<OrderedItem> lines) = order;
        Reply[] read = await session.RunAsync(
        [
            s_warehouse.With(warehouse),
            s_customer.With(warehouse, district, customer),
            s_district.With(warehouse, district),
            .. lines.Select(static line => s_item.With(line.Item)),
            .. lines.Select(line => s_stock[district - 1].With(line.Supplier, line.Item)),
        ]);
        Reply[] items = read[3..(3 + lines.Count)];
        if (items.Any(static item => item.Rows.Count == 0))
        {
            return false;
        }

        var number = (int)read[2].Row[0];
        var calls = new List<Call>
        {
            s_order.With(
                warehouse, district, number, customer, DBNull.Value, lines.Count,
                lines.All(line => line.Supplier == warehouse) ? 1 : 0, TpccTables.Now()),
            s_newOrder.With(warehouse, district, number),
        };
        for (int i = 0; i < lines.Count; i++)
        {
            OrderedItem line = lines[i];
            decimal amount = line.Quantity * (decimal)items[i].Row[0];
            calls.Add(s_take.With(line.Quantity, line.Supplier == warehouse ? 0 : 1, line.Supplier, line.Item));
            calls.Add(s_line.With(
                warehouse, district, number, i + 1, line.Item, DBNull.Value, amount, line.Supplier, line.Quantity,
                read[3 + lines.Count + i].Row[2]));
        }

        foreach (Reply reply in await session.RunAsync(calls))
        {
            reply.RequireChanged(1);
        }

        return true;
    }

    public void Acknowledge() => ledger.AddOrder();
}
