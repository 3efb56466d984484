using System;
using System.Collections.Generic;
using System.Threading;

using ShardSql.Gateway.Commit;
using ShardSql.Primitives;
using ShardSql.Simulation.Checking;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>Finds out by the gateway's real class what became of a client's transaction (commit.md §3, step 6).</summary>
internal static class OutcomeRun
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    public static void Start(
        SimulatedGateway gateway, UInt128 session, ulong sequence, IReadOnlyList<ShardId> participants,
        Action<TransactionEnd> then) => gateway.Start(async () =>
    {
        using var deadline = new CancellationTokenSource(s_deadline, gateway.Time);
        OutcomeResolver resolver = gateway.ResolverOver(new SimulatedShardClient(gateway, null));
        (TransactionFate fate, HlcTimestamp stamp) =
            await resolver.ResolveAsync(session, sequence, participants, deadline.Token);
        HistoryOutcome outcome = fate switch
        {
            TransactionFate.Committed => HistoryOutcome.Ok,
            TransactionFate.RolledBack => HistoryOutcome.Fail,
            _ => HistoryOutcome.Info,
        };
        then(new TransactionEnd(outcome, "asked " + outcome, stamp));
    });
}
