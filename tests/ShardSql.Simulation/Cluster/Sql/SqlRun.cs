using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>A transaction in SQL at its gateway: planned, run and committed by the gateway's real classes. What a shard
/// refuses is begun again at another snapshot, as a client would.</summary>
internal sealed class SqlRun(
    SimulatedGateway gateway, SimulatedClient client, SqlProgram program, Action<TransactionEnd> then) : IProgramRun
{
    private const int RestartsMax = 10;

    private static readonly TimeSpan s_restartPause = TimeSpan.FromMilliseconds(20);

    private readonly TransactionName _name = new(client.Session, client.Sequence);

    public TransactionContext? Context { get; private set; }

    public IReadOnlyList<ShardId> Participants { get; private set; } = [];

    public void Start() => gateway.Start(async () => then(await RunAsync()));

    private async Task<TransactionEnd> RunAsync()
    {
        gateway.Merge(client.Highest);
        for (int restarts = 0; ; restarts++)
        {
            Participants = [];
            Context = new TransactionContext(gateway.World.Knobs.Shards, gateway.Life);
            if (gateway.Moves is { IsReady: false })
            {
                return new TransactionEnd(HistoryOutcome.Fail, "no catalog yet", HlcTimestamp.Zero);
            }

            try
            {
                using var open = new OpenTransaction(_name, gateway.OpenSnapshot())
                {
                    MapVersion = gateway.Moves?.Catalog.Current.Map.Version ?? 0,
                };
                await program.RunAsync(new SqlTransaction(gateway, Context, open));
                return await CommitAsync(open, Context);
            }
            catch (SqlException failure) when (failure.SqlState is not (SqlStates.CannotConnectNow or SqlStates.SerializationFailure))
            {
                gateway.World.Check(
                    program.MayFailWith(failure.SqlState), $"{program.Workload} failed: {failure.SqlState} {failure.Message}");
                gateway.World.Reach("statement failed: " + failure.SqlState);
                return new TransactionEnd(HistoryOutcome.Fail, failure.SqlState, HlcTimestamp.Zero);
            }
            catch (Exception refused) when (
                refused is SnapshotRefusedException or ShardUnavailableException or OperationCanceledException or SqlException)
            {
                if (restarts == RestartsMax)
                {
                    return new TransactionEnd(HistoryOutcome.Fail, refused.GetType().Name, HlcTimestamp.Zero);
                }
            }

            await Task.Delay(s_restartPause, gateway.Time);
        }
    }

    private async Task<TransactionEnd> CommitAsync(OpenTransaction open, TransactionContext context)
    {
        if (open.NeedsValidation)
        {
            Participants = gateway.World.HasMoves ? [.. gateway.World.DataShards] : [.. open.Participants];
            return await new CommitRun(gateway, context, open).RunAsync();
        }

        gateway.World.Serial.CommittedRead(open.Begin, context);
        return new TransactionEnd(HistoryOutcome.Ok, "read", open.Begin);
    }
}
