using System;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Benchmarks.Workloads.Tpcc;
using ShardSql.Benchmarks.Workloads.Transactions;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;

using Xunit;

namespace ShardSql.Tests.Benchmarks;

/// <summary>Each of TPC-C's conditions is noticed when it is violated, in a database of five orders.</summary>
public sealed class TpccConsistencyTests
{
    private static readonly DateTime s_now = new(2026, 1, 1);

    // Orders of district 1, of which the first is delivered; district 2 has a delivered one.
    private static readonly (int District, int Order, bool IsDelivered)[] s_orders =
        [(1, 1, true), (1, 2, false), (1, 3, false), (1, 4, false), (2, 1, true)];

    private static readonly (int Condition, string Violate, string Mend)[] s_violations =
    [
        (1, "UPDATE warehouse SET w_ytd = 21", "UPDATE warehouse SET w_ytd = 20"),
        (2, "UPDATE district SET d_next_o_id = 6 WHERE d_id = 1",
            "UPDATE district SET d_next_o_id = 5 WHERE d_id = 1"),
        (3, "DELETE FROM new_order WHERE no_o_id = 3", "INSERT INTO new_order VALUES (1, 1, 3)"),
        (4, "UPDATE oorder SET o_ol_cnt = 2 WHERE o_d_id = 2", "UPDATE oorder SET o_ol_cnt = 1"),
        (5, "UPDATE oorder SET o_carrier_id = 7 WHERE o_id = 2",
            "UPDATE oorder SET o_carrier_id = NULL WHERE o_id = 2"),
        (7, "UPDATE order_line SET ol_delivery_d = o_entry_d FROM oorder WHERE ol_o_id = 2 AND o_d_id = 2",
            "UPDATE order_line SET ol_delivery_d = NULL WHERE ol_o_id = 2"),
        (8, "UPDATE history SET h_amount = 11 WHERE h_d_id = 2", "UPDATE history SET h_amount = 10"),
        (9, "UPDATE district SET d_ytd = CASE d_id WHEN 1 THEN 11 ELSE 9 END", "UPDATE district SET d_ytd = 10"),
        (12, "UPDATE customer SET c_balance = -9 WHERE c_d_id = 2", "UPDATE customer SET c_balance = -10"),
    ];

    [Fact]
    public async Task FindViolated_whatIsChangedBehindTheWorkload_isNoticed()
    {
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "tpcc-" + Guid.NewGuid().ToString("N"),
            Nodes = 1,
            Shards = 2,
            Store = "memory",
        });
        await using var source = ShardSqlDataSource.Create(cluster.ConnectionString);
        var side = new Side("ours", source, [], IsOurs: true);
        await TpccTables.CreateAsync(side, new TpccScale(2));
        await FillAsync(side);
        Assert.Null(await TpccConsistency.FindViolatedAsync(side));

        foreach ((int condition, string violate, string mend) in s_violations)
        {
            await side.ExecuteAsync(violate);
            Assert.StartsWith(
                $"condition {condition} is violated",
                await TpccConsistency.FindViolatedAsync(side),
                StringComparison.Ordinal);
            await side.ExecuteAsync(mend);
            Assert.Null(await TpccConsistency.FindViolatedAsync(side));
        }
    }

    private static async Task FillAsync(Side side)
    {
        object[] address = ["", "", "", "", ""];
        object[] debt = ["GC", 50_000m, 0m, -10m, 10m, 1, 0, ""];
        await TableLoader.FillAsync(side, "warehouse", TpccTables.WarehouseColumns, [[1, "w", .. address, 0m, 20m]]);
        await TableLoader.FillAsync(
            side,
            "district",
            TpccTables.DistrictColumns,
            [[1, 1, "d", .. address, 0m, 10m, 5], [1, 2, "d", .. address, 0m, 10m, 2]]);
        await TableLoader.FillAsync(
            side,
            "customer",
            TpccTables.CustomerColumns,
            [
                [1, 1, 1, "first", "OE", "last", .. address, "", s_now, .. debt],
                [1, 2, 1, "first", "OE", "last", .. address, "", s_now, .. debt],
            ]);
        await TableLoader.FillAsync(
            side,
            "history",
            TpccTables.HistoryColumns,
            [[Guid.NewGuid(), 1, 1, 1, 1, 1, s_now, 10m, ""], [Guid.NewGuid(), 1, 2, 1, 2, 1, s_now, 10m, ""]]);
        await TableLoader.FillAsync(
            side,
            "oorder",
            TpccTables.OrderColumns,
            s_orders.Select(static order => new object[]
            {
                1, order.District, order.Order, 1, order.IsDelivered ? 7 : DBNull.Value, 1, 1, s_now,
            }));
        await TableLoader.FillAsync(
            side,
            "new_order",
            TpccTables.NewOrderColumns,
            s_orders.Where(static order => !order.IsDelivered)
                .Select(static order => new object[] { 1, order.District, order.Order }));
        await TableLoader.FillAsync(
            side,
            "order_line",
            TpccTables.OrderLineColumns,
            s_orders.Select(static order => new object[]
            {
                1, order.District, order.Order, 1, 1, order.IsDelivered ? s_now : DBNull.Value,
                order.IsDelivered ? 0m : 3m, 1, 5, "",
            }));
    }
}
