using System;
using System.Linq;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>TPC-C's transactions.</summary>
internal enum TpccKind
{
    NewOrder,
    Payment,
    OrderStatus,
    Delivery,
    StockLevel,
}

/// <summary>What a terminal does next (clauses 5.2.3, 2.4.1 to 2.8.1): no keying and thinking times.</summary>
/// <param name="ledger">Takes what is committed.</param>
/// <param name="warehouse">The terminal's.</param>
internal sealed class TpccMix(TpccLedger ledger, int warehouse)
{
    private const int All = 100;
    private const int NewOrderTo = 45;
    private const int PaymentTo = 88;
    private const int OrderStatusTo = 92;
    private const int DeliveryTo = 96;

    private const int LinesMin = 5;
    private const int LinesMax = 15;
    private const int QuantityMax = 10;
    private const int RolledBackPercent = 1;
    private const int RemoteLinePercent = 1;
    private const int RemotePaymentPercent = 15;
    private const int ByLastNamePercent = 60;
    private const int CarrierMax = 10;
    private const int ThresholdMin = 10;
    private const int ThresholdMax = 20;
    private const int AmountMin = 100;
    private const int AmountMax = 500_000;

    /// <summary>Draws the kind of a transaction.</summary>
    public static TpccKind NextKind(Random random) => random.Next(All) switch
    {
        < NewOrderTo => TpccKind.NewOrder,
        < PaymentTo => TpccKind.Payment,
        < OrderStatusTo => TpccKind.OrderStatus,
        < DeliveryTo => TpccKind.Delivery,
        _ => TpccKind.StockLevel,
    };

    /// <summary>Draws a transaction.</summary>
    public ITransaction Next(Random random) => NextKind(random) switch
    {
        TpccKind.NewOrder => new NewOrder(ledger, NextOrder(random)),
        TpccKind.Payment => NextPayment(random),
        TpccKind.OrderStatus => new OrderStatus(NextCustomer(random, warehouse, NextDistrict(random))),
        TpccKind.Delivery => new Delivery(ledger, warehouse, random.Next(1, CarrierMax + 1)),
        _ => new StockLevel(warehouse, NextDistrict(random), random.Next(ThresholdMin, ThresholdMax + 1)),
    };

    /// <summary>Draws what is ordered; an item that there is not makes the transaction roll back.</summary>
    public Order NextOrder(Random random)
    {
        OrderedItem[] lines =
        [
            .. Enumerable.Range(0, random.Next(LinesMin, LinesMax + 1)).Select(_ => new OrderedItem(
                TpccRandom.NextItem(random),
                Happens(random, RemoteLinePercent) ? ledger.Scale.NextOther(random, warehouse) : warehouse,
                random.Next(1, QuantityMax + 1))),
        ];
        if (Happens(random, RolledBackPercent))
        {
            lines[^1] = lines[^1] with { Item = TpccScale.Items + 1 };
        }

        return new Order(warehouse, NextDistrict(random), TpccRandom.NextCustomer(random), lines);
    }

    private Payment NextPayment(Random random)
    {
        int district = NextDistrict(random);
        CustomerChoice customer = Happens(random, RemotePaymentPercent)
            ? NextCustomer(random, ledger.Scale.NextOther(random, warehouse), NextDistrict(random))
            : NextCustomer(random, warehouse, district);
        return new Payment(
            ledger, warehouse, district, customer, TpccRandom.NextHundredths(random, AmountMin, AmountMax));
    }

    private static CustomerChoice NextCustomer(Random random, int warehouse, int district) =>
        Happens(random, ByLastNamePercent)
            ? new CustomerChoice(warehouse, district, 0, TpccRandom.NextLastName(random))
            : new CustomerChoice(warehouse, district, TpccRandom.NextCustomer(random), null);

    private static int NextDistrict(Random random) => random.Next(1, TpccScale.Districts + 1);

    private static bool Happens(Random random, int percent) => random.Next(All) < percent;
}
