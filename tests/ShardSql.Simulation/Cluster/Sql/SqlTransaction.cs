using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>Runs the statements of one transaction as the gateway does: planned and run by its own classes.</summary>
internal sealed class SqlTransaction(SimulatedGateway gateway, TransactionContext context, OpenTransaction transaction)
{
    private const int RestartsMax = 20;

    private static readonly TimeSpan s_statementTime = TimeSpan.FromSeconds(5);

    /// <summary>Runs a statement; gives its rows.</summary>
    public async Task<List<SqlValue[]>> RunAsync(string sql, params (string Name, SqlValue Value)[] parameters) =>
        (await FollowAsync(sql, parameters)).Rows;

    /// <summary>Runs a statement; gives how many rows it has changed.</summary>
    public async Task<long> ChangeAsync(string sql, params (string Name, SqlValue Value)[] parameters) =>
        (await FollowAsync(sql, parameters)).Changed;

    /// <summary>Takes back that it has read ranges of a table's deltas. What its fragments gave is no part of the serial order
    /// then: what they wrote is.</summary>
    public void ForgetRanges(string table)
    {
        SystemState state = gateway.Moves?.Catalog.Current ?? gateway.World.Sql.State;
        transaction.ForgetRanges(state.Catalog.Require(table, 0).Spillover!.DeltasTableId);
        context.Fragments.Clear();
    }

    private async Task<(List<SqlValue[]> Rows, long Changed)> FollowAsync(string sql, (string Name, SqlValue Value)[] parameters)
    {
        for (int restart = 0; ; restart++)
        {
            int fragments = context.Fragments.Count;
            var recording = new RecordingClient(gateway, context);
            try
            {
                return await TryAsync(gateway.RunnerOver(recording), sql, parameters);
            }
            catch (SnapshotRefusedException refused) when (
                gateway.Moves is not null && refused.IsPlanStale && restart < RestartsMax)
            {
                // As a session does: planned again with the map as it is now.
                gateway.World.Reach("statement followed a segment");
                recording.IsOver = true;
                context.Fragments.RemoveRange(fragments, context.Fragments.Count - fragments);
                await gateway.Moves.NewestAsync();
            }
        }
    }

    private async Task<(List<SqlValue[]> Rows, long Changed)> TryAsync(PlanRunner runner, string sql, (string Name, SqlValue Value)[] parameters)
    {
        SystemState? state = gateway.Moves?.Catalog.Current;
        if (state is not null && transaction.MapVersion != state.Map.Version)
        {
            transaction.Follow(state);
        }

        using var limit = new CancellationTokenSource(s_statementTime, gateway.Time);
        StatementPlan plan = gateway.Jobs is { } jobs
            ? await jobs.PlanAsync(gateway.World.Sql.Parse(sql), parameters, transaction, limit.Token)
            : gateway.World.Sql.Plan(sql, state, gateway.World.Events.NowUs, parameters);
        var sink = new Rows();
        using var account = new MemoryAccount("statement", MemoryAccount.DefaultStatementLimitBytes);
        long changed = await runner.RunAsync(plan, transaction, sink, account, limit.Token);
        transaction.HasAnswered = true;
        return (sink.All, changed);
    }

    /// <summary>Runs a statement that gives one number.</summary>
    public async Task<long> NumberAsync(string sql, params (string Name, SqlValue Value)[] parameters) =>
        (await RowAsync(sql, parameters))[0].AsInt64();

    /// <summary>Runs a statement that gives one row; at a snapshot at which it is not there yet the transaction begins again.</summary>
    public async Task<SqlValue[]> RowAsync(string sql, params (string Name, SqlValue Value)[] parameters) =>
        (await RunAsync(sql, parameters)) is [var row]
            ? row
            : throw new SqlException(SqlStates.CannotConnectNow, "what the workload begins with is not there yet");

    private sealed class Rows : IRowSink
    {
        public List<SqlValue[]> All { get; } = [];

        public bool HasSent => false;

        public void BeginUnit() => All.Clear();

        public void Begin(IReadOnlyList<ResultColumn> columns) => All.Clear();

        public ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count)
        {
            var reader = new ByteReader(rows.Span);
            for (int i = 0; i < count; i++)
            {
                All.Add(RowCodec.Read(ref reader));
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask EndAsync(long rowsAffected, string tag, string? notice) => ValueTask.CompletedTask;

        public void Hold()
        {
            // Nothing goes to a client before the end.
        }

        public ValueTask ReleaseAsync() => ValueTask.CompletedTask;

        public void Discard() => All.Clear();
    }
}
