using System;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;

namespace ShardSql.Tests.Planning.Resharding;

/// <summary>A table "t" of numbers, and what is known of transactions that touch its rows.</summary>
internal static class WatchedRows
{
    private const string ByHash = "CREATE TABLE t (id int PRIMARY KEY) SHARD BY HASH (id) INTO 9 SEGMENTS";

    public static SystemState State(int shards, string create = ByHash)
    {
        var database = new MemoryDatabase(shards);
        database.Run(create);
        return database.State;
    }

    /// <summary>What is known after so many transactions, each of the rows that it is given.</summary>
    public static TransactionGraphSnapshot Of(
        SystemState state, int transactions, Func<Prng, int[]> next, TelemetryOptions? options = null)
    {
        var telemetry = new TransactionTelemetry(options ?? new TelemetryOptions());
        var random = new Prng(1);
        TableDescriptor table = state.Catalog.Require("t", 0);
        for (int i = 0; i < transactions; i++)
        {
            TouchedKey[] touched = Array.ConvertAll(next(random), id =>
            {
                byte[] routing = KeyOf(state, id);
                return new TouchedKey(
                    table.Id, state.Map.Find(routing)!.Id, routing.AsMemory(RowKeyLayout.GroupPrefixLength), IsWrite: true);
            });
            ShardId[] shards = [.. touched.Select(row => state.Map.Find(row.Segment)!.Shard).Distinct()];
            telemetry.Add(touched, shards, shards.Length > 1, nowMs: i);
        }

        return telemetry.ToGraph();
    }

    public static byte[] KeyOf(SystemState state, int id) =>
        SegmentChanges.KeyOf(state.Catalog.Require("t", 0), [SqlValue.FromInt32(id)]);
}
