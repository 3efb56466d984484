using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Sql;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>DDL on one gateway, DML on another: no plan of an older table ever writes into a newer one.</summary>
public sealed class SchemaChangeTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int Generations = 12;

    // What a writer may hear when the table changes under it.
    private static readonly HashSet<string> s_expected =
    [
        SqlStates.CheckViolation, SqlStates.UndefinedTable, SqlStates.UndefinedColumn, SqlStates.SerializationFailure,
    ];

    [Fact]
    public async Task DropAndCreate_onOneGatewayWhileAnotherWrites_noStalePlanWrites()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2 }, output);
        await using ShardSqlDataSource changer = cluster.OpenDataSourceOf(1);
        await using ShardSqlDataSource writer = cluster.OpenDataSourceOf(2);
        var run = new Run(writer);
        await changer.ExecuteAsync(Create(0));
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(number => Task.Run(() => run.WriteAsync(number)))];
        for (int generation = 0; generation < TestLength.Times(1) * Generations; generation++)
        {
            run.Generation = generation;
            await run.AcknowledgedOf(generation).MoreAsync(20, writers);
            await AssertRowsAsync(generation % 2 == 0 ? changer : writer, run, generation);
            await changer.ExecuteAsync("DROP TABLE item");
            await changer.ExecuteAsync(Create(generation + 1));
        }

        run.Stop();
        await Task.WhenAll(writers);
        await AssertRowsAsync(changer, run, TestLength.Times(1) * Generations);
        Assert.Empty(run.Unexpected);
        output.WriteLine($"{run.Acknowledged.Count} rows acknowledged, refused: "
            + string.Join(", ", run.Refused.Select(state => $"{state.Key} {state.Value}")));
    }

    // Odd tables have another order of columns and one more, so a row of the older layout would read as nonsense.
    private static string Create(int generation) => generation % 2 == 0
        ? $"CREATE TABLE item (id BIGINT PRIMARY KEY, g INT NOT NULL CHECK (g = {generation}), mark TEXT NOT NULL DEFAULT 'even')"
        : "CREATE TABLE item (mark TEXT NOT NULL DEFAULT 'odd', extra INT DEFAULT 7, id BIGINT PRIMARY KEY, "
            + $"g INT NOT NULL CHECK (g = {generation}))";

    private static async Task AssertRowsAsync(ShardSqlDataSource source, Run run, int generation)
    {
        long[] acknowledged = [.. run.Acknowledged.Where(row => row.Value == generation).Select(row => row.Key)];
        List<object[]> rows = await source.QueryAsync("SELECT id, g, mark FROM item");
        string mark = generation % 2 == 0 ? "even" : "odd";
        Assert.All(rows, row => Assert.Equal((generation, mark), ((int)row[1], (string)row[2])));
        HashSet<long> present = [.. rows.Select(row => (long)row[0])];
        Assert.All(acknowledged, id => Assert.Contains(id, present));
    }

    /// <summary>The writers and what they were told.</summary>
    private sealed class Run(ShardSqlDataSource source)
    {
        private readonly ConcurrentDictionary<int, Progress> _progress = new();
        private volatile int _generation;
        private volatile bool _stopped;

        public int Generation
        {
            get => _generation;
            set => _generation = value;
        }

        /// <summary>Acknowledged rows and the generation that each was written for.</summary>
        public ConcurrentDictionary<long, int> Acknowledged { get; } = new();

        public ConcurrentDictionary<string, int> Refused { get; } = new();

        public ConcurrentQueue<string> Unexpected { get; } = new();

        public Progress AcknowledgedOf(int generation) => _progress.GetOrAdd(generation, _ => new Progress());

        public void Stop() => _stopped = true;

        public async Task WriteAsync(int number)
        {
            var random = new Random(number);
            for (long id = (long)number << 32; !_stopped; id++)
            {
                // Also for the table before and the one that comes next: their plans are in the cache of the gateway.
                int generation = _generation + (random.Next(4) == 0 ? random.Next(-1, 2) : 0);
                await TryAsync(id, generation, inTransaction: random.Next(2) == 0);
            }
        }

        private async Task TryAsync(long id, int generation, bool inTransaction)
        {
            string insert = $"INSERT INTO item (id, g) VALUES ({id}, {generation})";
            try
            {
                if (inTransaction)
                {
                    await source.ExecuteInTransactionAsync(
                        (connection, transaction, token) => connection.ExecuteAsync(insert, transaction, token));
                }
                else
                {
                    await source.ExecuteAsync(insert);
                }

                Acknowledged[id] = generation;
                AcknowledgedOf(generation).Add();
            }
            catch (ShardSqlException error)
            {
                Refused.AddOrUpdate(error.SqlState, 1, (_, count) => count + 1);
                if (!s_expected.Contains(error.SqlState) || error.Outcome == ShardSqlOutcome.Unknown)
                {
                    Unexpected.Enqueue($"{error.SqlState} {error.Outcome}: {error.Message}");
                }
            }
        }
    }
}
