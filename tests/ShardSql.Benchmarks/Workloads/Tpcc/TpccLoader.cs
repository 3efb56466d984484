using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.Tpcc.TpccRandom;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>Fills TPC-C's tables (clause 4.3.3).</summary>
internal sealed class TpccLoader(Side side, TpccScale scale)
{
    private const int Seed = 13;
    private const int LinesMin = 5;
    private const int LinesMax = 15;
    private const int LineQuantity = 5;
    private const int BadCreditPercent = 10;
    private const int CarrierMax = 10;
    private const decimal CreditLimit = 50_000;

    private readonly Random _random = new(Seed);
    private readonly DateTime _now = TpccTables.Now();

    private IEnumerable<int> Warehouses => Enumerable.Range(1, scale.Warehouses);

    private IEnumerable<(int Warehouse, int District)> Districts => Warehouses.SelectMany(
        static warehouse => Enumerable.Range(1, TpccScale.Districts).Select(district => (warehouse, district)));

    /// <summary>Fills the tables.</summary>
    public async Task FillAsync()
    {
        await TableLoader.FillAsync(side, "warehouse", TpccTables.WarehouseColumns, Warehouses.Select(WarehouseRow));
        await TableLoader.FillAsync(side, "district", TpccTables.DistrictColumns, Districts.Select(DistrictRow));
        await TableLoader.FillAsync(
            side, "item", TpccTables.ItemColumns, Enumerable.Range(1, TpccScale.Items).Select(ItemRow));
        await TableLoader.FillAsync(
            side,
            "stock",
            TpccTables.StockColumns,
            Warehouses.SelectMany(_ => Enumerable.Range(1, TpccScale.Items), StockRow));
        await TableLoader.FillAsync(side, "customer", TpccTables.CustomerColumns, OfCustomers(CustomerRow));
        await TableLoader.FillAsync(side, "history", TpccTables.HistoryColumns, OfCustomers(HistoryRow));
        await FillOrdersAsync();
    }

    private async Task FillOrdersAsync()
    {
        (int Warehouse, int District, int Order, int Customer, int Lines)[] orders =
        [
            .. Districts.SelectMany(at =>
            {
                int[] customers = [.. Enumerable.Range(1, TpccScale.Customers)];
                _random.Shuffle(customers);
                return customers.Select((customer, i) =>
                    (at.Warehouse, at.District, i + 1, customer, _random.Next(LinesMin, LinesMax + 1)));
            }),
        ];
        await TableLoader.FillAsync(
            side,
            "oorder",
            TpccTables.OrderColumns,
            orders.Select(order => new object[]
            {
                order.Warehouse, order.District, order.Order, order.Customer,
                IsNew(order.Order) ? DBNull.Value : _random.Next(1, CarrierMax + 1), order.Lines, 1, _now,
            }));
        await TableLoader.FillAsync(
            side,
            "new_order",
            TpccTables.NewOrderColumns,
            orders.Where(static order => IsNew(order.Order))
                .Select(static order => new object[] { order.Warehouse, order.District, order.Order }));
        await TableLoader.FillAsync(
            side,
            "order_line",
            TpccTables.OrderLineColumns,
            orders.SelectMany(
                static order => Enumerable.Range(1, order.Lines),
                (order, line) => new object[]
                {
                    order.Warehouse, order.District, order.Order, line, _random.Next(1, TpccScale.Items + 1),
                    IsNew(order.Order) ? DBNull.Value : _now,
                    IsNew(order.Order) ? NextHundredths(_random, 1, 999_999) : 0m,
                    order.Warehouse, LineQuantity, NextText(_random, 24, 24),
                }));
    }

    private static bool IsNew(int order) => order > TpccScale.Customers - TpccScale.NewOrders;

    private IEnumerable<object[]> OfCustomers(Func<int, int, int, object[]> row) => Districts.SelectMany(
        static _ => Enumerable.Range(1, TpccScale.Customers),
        (at, customer) => row(at.Warehouse, at.District, customer));

    private object[] WarehouseRow(int warehouse) =>
    [
        warehouse, NextText(_random, 6, 10), .. Address(), NextTax(), TpccScale.Districts * TpccTables.DistrictYtd,
    ];

    private object[] DistrictRow((int Warehouse, int District) at) =>
    [
        at.Warehouse, at.District, NextText(_random, 6, 10), .. Address(), NextTax(), TpccTables.DistrictYtd,
        TpccScale.Customers + 1,
    ];

    private object[] ItemRow(int item) =>
    [
        item, _random.Next(1, 10_001), NextText(_random, 14, 24), NextHundredths(_random, 100, 10_000),
        NextText(_random, 26, 50),
    ];

    private object[] StockRow(int warehouse, int item) =>
    [
        warehouse, item, _random.Next(10, 101), 0, 0, 0, NextText(_random, 26, 50),
        .. Enumerable.Range(1, TpccScale.Districts).Select(_ => NextText(_random, 24, 24)),
    ];

    private object[] CustomerRow(int warehouse, int district, int customer) =>
    [
        warehouse, district, customer, NextText(_random, 8, 16), "OE", LastNameOfCustomer(_random, customer),
        .. Address(), NextDigits(_random, 16), _now, _random.Next(100) < BadCreditPercent ? "BC" : "GC", CreditLimit,
        _random.Next(0, 5_001) / 10_000m, -TpccTables.FirstPayment, TpccTables.FirstPayment, 1, 0,
        NextText(_random, 300, TpccTables.CustomerDataLength),
    ];

    private object[] HistoryRow(int warehouse, int district, int customer) =>
    [
        Guid.NewGuid(), customer, district, warehouse, district, warehouse, _now, TpccTables.FirstPayment,
        NextText(_random, 12, 24),
    ];

    private object[] Address() =>
    [
        NextText(_random, 10, 20), NextText(_random, 10, 20), NextText(_random, 10, 20), NextText(_random, 2, 2),
        NextDigits(_random, 4) + "11111",
    ];

    private decimal NextTax() => _random.Next(0, 2_001) / 10_000m;
}
