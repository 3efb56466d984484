using System.Threading;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>What committed transactions did to one database.</summary>
internal sealed class TpccLedger(TpccScale scale)
{
    private const int CentsOfUnit = 100;

    private long _orders;
    private long _paidCents;
    private long _deliveries;

    public TpccScale Scale => scale;

    /// <summary>Orders that were taken.</summary>
    public long Orders => Interlocked.Read(ref _orders);

    /// <summary>What was paid.</summary>
    public decimal Paid => Interlocked.Read(ref _paidCents) / (decimal)CentsOfUnit;

    /// <summary>Orders that were delivered.</summary>
    public long Deliveries => Interlocked.Read(ref _deliveries);

    public void AddOrder() => Interlocked.Increment(ref _orders);

    public void AddPayment(decimal amount) => Interlocked.Add(ref _paidCents, (long)(amount * CentsOfUnit));

    public void AddDeliveries(int orders) => Interlocked.Add(ref _deliveries, orders);
}
