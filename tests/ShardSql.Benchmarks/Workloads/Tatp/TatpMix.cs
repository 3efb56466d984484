using System;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tatp;

/// <summary>TATP's mix: 80 % read.</summary>
internal static class TatpMix
{
    private const int GetSubscriberDataTo = 35;
    private const int GetNewDestinationTo = 45;
    private const int GetAccessDataTo = 80;
    private const int UpdateSubscriberDataTo = 82;
    private const int UpdateLocationTo = 96;
    private const int InsertCallForwardingTo = 98;
    private const int All = 100;

    /// <summary>Draws a transaction.</summary>
    public static ITransaction Next(Random random, TatpTables tables)
    {
        int subscriber = TatpKeys.NextSubscriber(random);
        int kind = TatpKeys.NextKind(random);
        int start = TatpKeys.NextStartTime(random);
        return random.Next(All) switch
        {
            < GetSubscriberDataTo => new GetSubscriberData(subscriber),
            < GetNewDestinationTo => new GetNewDestination(
                subscriber, kind, start, TatpKeys.NextEndTime(random, start)),
            < GetAccessDataTo => new GetAccessData(subscriber, kind),
            < UpdateSubscriberDataTo => new UpdateSubscriberData(subscriber, kind, random.Next(2), random.Next(256)),
            < UpdateLocationTo => new UpdateLocation(subscriber, random.Next()),
            < InsertCallForwardingTo => new InsertCallForwarding(
                tables, subscriber, kind, start, TatpKeys.NextEndTime(random, start), TatpKeys.NextSubscriber(random)),
            _ => new DeleteCallForwarding(tables, subscriber, kind, start),
        };
    }
}
