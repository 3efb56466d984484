using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Execution.Relations;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Gateway.Observing;

/// <summary>One run of EXPLAIN ANALYZE: runs the statement, measures it, and writes what it saw beside the plan.</summary>
internal sealed class Analysis
{
    private readonly GatewayServices _services;
    private readonly StatementPlan _plan;
    private readonly MeasuringClient _client;
    private readonly RelationCounts _counts = new();
    private readonly CountingSink _sink = new();
    private readonly long _started;
    private long _affected = -1;
    private bool _isKept = true;

    /// <param name="services">The gateway.</param>
    /// <param name="plan">The statement.</param>
    public Analysis(GatewayServices services, StatementPlan plan)
    {
        if (plan.Kind is not (StatementKind.Query or StatementKind.Write))
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"EXPLAIN ANALYZE of {plan.Tag} is not supported", (int)plan.Statement.Position)
            {
                Hint = "EXPLAIN without ANALYZE shows what it would do; ANALYZE runs SELECT, INSERT, UPDATE and DELETE.",
            };
        }

        _services = services;
        _plan = plan;
        _client = new MeasuringClient(services.Client, services.Time);
        _started = services.Time.GetTimestamp();
    }

    /// <summary>Runs the statement inside a transaction.</summary>
    public async Task RunAsync(OpenTransaction transaction, IMemoryBudget memory, CancellationToken ended)
    {
        StatementEngine.RequireWritable(_plan, transaction.ReadOnly);
        using MemoryAccount account = MemoryAccount.ForStatement(memory);
        var runner = new PlanRunner(_client, _services.Stamps, _services.Background, _services.Runner.RowsOf)
        {
            Counts = _counts,
        };
        _affected = await runner.RunAsync(_plan, transaction, _sink, account, ended);
    }

    /// <summary>Commits what it wrote.</summary>
    public Task<CommitOutcome> CommitAsync(OpenTransaction transaction, TimeSpan timeLeft)
    {
        var committer = new Committer(
            _client,
            _services.Stamps,
            _services.Time,
            _services.Resolver,
            _services.Background,
            _services.Conflicts);
        return committer.CommitAsync(transaction, timeLeft);
    }

    /// <summary>What it wrote is taken back.</summary>
    public void RollBack() => _isKept = _plan.Kind != StatementKind.Write;

    /// <summary>The result of EXPLAIN.</summary>
    /// <param name="json">Whether as one JSON object.</param>
    /// <param name="retries">How often it was started again.</param>
    public IReadOnlyList<string> Lines(bool json, int retries)
    {
        double elapsed = _services.Time.GetElapsedTime(_started).TotalMilliseconds;
        List<string> tree = Tree();
        if (json)
        {
            return [ExplainJson.Of(tree, [("actual", Actual(elapsed, retries)), ("shards", Costs(_client.Reads)),
                ("commit_shards", Costs(_client.Commits))])];
        }

        tree.Add(Text($"actual: {Rows} rows   {elapsed:F3} ms   retries: {retries}")
            + (_isKept ? string.Empty : "   rolled back"));
        foreach (ShardCost cost in _client.Reads)
        {
            tree.Add(Text(
                $"  {cost.Shard}: {cost.Requests} requests, {cost.Rows} rows   {Ms(cost.Elapsed)} ms: network {Ms(cost.Network)}, ")
                + Text($"queue {Ms(cost.Queued)}, work {Ms(cost.Worked)}"));
        }

        foreach (ShardCost cost in _client.Commits)
        {
            tree.Add(Text($"  {cost.Shard} commit: {Ms(cost.Elapsed)} ms: network {Ms(cost.Network)}, queue {Ms(cost.Queued)}, ")
                + Text($"paxos {Ms(cost.Consensus)}, of which validation {Ms(cost.Validated)}"));
        }

        return tree;
    }

    private long Rows => _affected >= 0 ? _affected : _sink.Rows;

    /// <summary>The lines of the plan, with the rows that operators and shards really gave.</summary>
    private List<string> Tree()
    {
        var lines = new List<string>();
        var told = new SortedSet<ShardId>();
        foreach (ExplainLine line in _plan.ExplainTree)
        {
            string actual = string.Empty;
            if (line.Operator is { } node && _counts.RowsOf(node) is { } rows)
            {
                actual = Text($" (actual rows={rows})");
            }
            else if (line.Shard is { } shard && told.Add(shard))
            {
                foreach (ShardCost cost in _client.Reads)
                {
                    actual = cost.Shard == shard ? Text($" (actual rows={cost.Rows}, {Ms(cost.Elapsed)} ms)") : actual;
                }
            }
            else if (line.IsWrite)
            {
                actual = Text($" (actual rows={_affected})");
            }

            lines.Add(line.Text + actual);
        }

        return lines;
    }

    private string Actual(double elapsed, int retries) => Text(
        $"{{\"rows\": {Rows}, \"ms\": {elapsed:F3}, \"retries\": {retries}, \"kept\": {(_isKept ? "true" : "false")}}}");

    private static string Costs(IReadOnlyCollection<ShardCost> costs)
    {
        var parts = new List<string>(costs.Count);
        foreach (ShardCost cost in costs)
        {
            parts.Add(Text($"{{\"shard\": \"{cost.Shard}\", \"requests\": {cost.Requests}, \"rows\": {cost.Rows}, ")
                + Text($"\"ms\": {Ms(cost.Elapsed)}, \"network_ms\": {Ms(cost.Network)}, \"queue_ms\": {Ms(cost.Queued)}, ")
                + Text($"\"work_ms\": {Ms(cost.Worked)}, \"paxos_ms\": {Ms(cost.Consensus)}, ")
                + Text($"\"validation_ms\": {Ms(cost.Validated)}}}"));
        }

        return "[" + string.Join(", ", parts) + "]";
    }

    private static string Ms(long microseconds) =>
        (microseconds / 1_000.0).ToString("F3", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
