using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>Runs the statements of one transaction as the gateway does: planned and run by its own classes.</summary>
internal sealed class SqlTransaction(SimulatedGateway gateway, TransactionContext context, OpenTransaction transaction)
{
    private static readonly TimeSpan s_statementTime = TimeSpan.FromSeconds(5);

    private readonly PlanRunner _runner = gateway.RunnerOver(new RecordingClient(gateway, context));

    /// <summary>Runs a statement; gives its rows.</summary>
    public async Task<List<SqlValue[]>> RunAsync(string sql, params (string Name, SqlValue Value)[] parameters)
    {
        StatementPlan plan = gateway.World.Sql.Plan(sql, gateway.World.Events.NowUs, parameters);
        var sink = new Rows();
        using var account = new MemoryAccount("statement", MemoryAccount.DefaultStatementLimitBytes);
        using var limit = new CancellationTokenSource(s_statementTime, gateway.Time);
        await _runner.RunAsync(plan, transaction, sink, account, limit.Token);
        transaction.HasAnswered = true;
        return sink.All;
    }

    /// <summary>Runs a statement that gives one number.</summary>
    public async Task<long> NumberAsync(string sql, params (string Name, SqlValue Value)[] parameters) =>
        (await RunAsync(sql, parameters))[0][0].AsInt64();

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
