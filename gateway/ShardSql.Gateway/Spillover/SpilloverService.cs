using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Automatic;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Statements;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Spillover;

/// <summary>
/// Brings deltas home (sharding.md §4): of a table or a row when a statement says so, and by itself what is old or much. A
/// merge is a transaction like any other; one that is lost has changed nothing, and the next look finds the deltas again.
/// Of several gateways the one with the lease looks.
/// </summary>
internal sealed class SpilloverService
{
    private const string Work = "spillover";
    private const uint RowsRead = 4_096;

    // A gateway that misses a few looks still has its lease.
    private const int LeaseLooks = 12;

    private readonly GatewayServices _services;
    private readonly AutomaticLeaseStore _leases;
    private bool _holdsLease;

    public SpilloverService(GatewayServices services)
    {
        _services = services;
        _leases = new AutomaticLeaseStore(
            services.Store, () => services.Stamps.Source, GatewayLimits.SpilloverInterval * LeaseLooks, services.Time);
    }

    private long NowMicroseconds => _services.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    /// <summary>Merges the deltas that a table has; those that come meanwhile may be left.</summary>
    /// <param name="name">The table.</param>
    /// <param name="key">The key of the only row to merge, values of the primary key as they are written; null: all rows.</param>
    /// <param name="ended">Ends it between two rows.</param>
    /// <returns>Rows that deltas were added to.</returns>
    public async Task<long> MergeAsync(TableName name, Func<TableDescriptor, SqlValue[]?> key, CancellationToken ended)
    {
        long begun = NowMicroseconds;
        long merged = 0;
        SystemState state = await _services.Catalog.NewestAsync(ended);
        TableDescriptor named = state.Catalog.Require(name.Name, (int)name.Position);
        _ = SpilledRows.Require(named, (int)name.Position);
        while (true)
        {
            (SpilledRows? spilled, List<SpilledRow> rows) = await ReadAsync(named.Id, withHeaders: false, RowsRead, ended);
            if (spilled is null)
            {
                return merged;
            }

            SqlValue[]? only = key(spilled.Table);
            List<SqlValue[]> keys =
            [
                .. ByRow(rows.Where(row => DeltaId.MicrosecondsOf(row.Id) <= begun || rows.Count >= RowsRead))
                    .Select(static row => row.First().Key)
                    .Where(found => only is null || found.AsSpan().SequenceEqual(only)),
            ];
            foreach (SqlValue[] found in keys)
            {
                await MergeAsync(spilled, found, ended);
                merged++;
            }

            if (keys.Count == 0 || only is not null)
            {
                return merged;
            }
        }
    }

    /// <summary>Merges what is older or more than the tables allow.</summary>
    public async Task LookAsync(CancellationToken ended)
    {
        TableDescriptor[] tables = [.. _services.Catalog.Current.Catalog.Tables.Where(static t => t.Spillover is not null)];
        if (tables.Length == 0)
        {
            return;
        }

        try
        {
            _holdsLease = await _leases.TakeAsync(Work, ended) is not null;
            foreach (TableDescriptor table in _holdsLease ? tables : [])
            {
                await MergeDueAsync(table.Id, ended);
            }
        }
        catch (Exception failure) when (failure is ShardUnavailableException or SqlException or GatewayException
            or SnapshotRefusedException)
        {
            // The next look finds them again.
            Log.BackgroundFailed(_services.Logger, failure);
        }
    }

    /// <summary>Gives the lease back, so that another gateway need not wait for it.</summary>
    public Task ReleaseAsync(CancellationToken ended) => _holdsLease ? _leases.ReleaseAsync(Work, ended) : Task.CompletedTask;

    /// <summary>Rows of <c>shard.spillover</c>: each row of a table that has spilled, by slot.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> RowsAsync(CancellationToken ended)
    {
        var shown = new List<SqlValue[]>();
        foreach (TableDescriptor table in _services.Catalog.Current.Catalog.Tables.Where(static t => t.Spillover is not null))
        {
            (SpilledRows? spilled, List<SpilledRow> rows) = await ReadAsync(table.Id, withHeaders: true, limit: 0, ended);
            if (spilled is not null)
            {
                shown.AddRange(SpilledSlot.Of(spilled.Table, spilled.Slots, rows, NowMicroseconds).Select(static slot => slot.ToRow()));
            }
        }

        return shown;
    }

    private async Task MergeDueAsync(uint table, CancellationToken ended)
    {
        (SpilledRows? spilled, List<SpilledRow> rows) = await ReadAsync(table, withHeaders: false, RowsRead, ended);
        if (spilled?.Table.Spillover is not { } spillover)
        {
            return;
        }

        long old = NowMicroseconds - (long)spillover.MaxAge.TotalMicroseconds;
        foreach (IGrouping<byte[], SpilledRow> row in ByRow(rows))
        {
            // As many as are read at once may hide older ones behind them.
            if (row.Any(delta => DeltaId.MicrosecondsOf(delta.Id) <= old) || row.Count() >= spillover.MaxPending
                || rows.Count >= RowsRead || spillover.IsEnding)
            {
                await MergeAsync(spilled, row.First().Key, ended);
            }
        }
    }

    private async Task MergeAsync(SpilledRows spilled, SqlValue[] key, CancellationToken ended)
    {
        (Statement statement, IReadOnlyList<KeyValuePair<string, SqlValue>> parameters) = spilled.Merge(key);
        _ = await _services.Engine.RunUnitAsync(new Unit
        {
            Statements = [statement],
            Parameters = parameters,
            Name = _services.Store.NewName(),
            Sink = NoSink.Instance,
            Ended = ended,
            TimeLeft = static () => GatewayLimits.SubmissionTime,
            Memory = _services.Memory,

            // It ends the deltas that it has read and no others, and whoever else ends any of them writes the row, too: what
            // has come since is no conflict, and it none for what comes (sharding.md §4).
            After = transaction =>
            {
                transaction.ForgetRanges(spilled.Table.Spillover!.DeltasTableId);
                return Task.CompletedTask;
            },
        });
    }

    /// <summary>The rows, and the table as it was when they were read; null: it spills over no more.</summary>
    private async Task<(SpilledRows? Spilled, List<SpilledRow> Rows)> ReadAsync(
        uint id, bool withHeaders, uint limit, CancellationToken ended)
    {
        for (int attempt = 0; ; attempt++)
        {
            PlanningContext context = Context();
            if (context.Catalog.Find(id) is not { Spillover: not null } table)
            {
                return (null, []);
            }

            var spilled = new SpilledRows(table, context);
            using OpenTransaction transaction = _services.Store.Begin();
            using MemoryAccount account = MemoryAccount.ForStatement(_services.Memory);
            using var gathering = new RowGathering(
                _services.Runner, spilled.Tasks(withHeaders, limit), transaction, NoSink.Instance, ended);
            try
            {
                return (spilled, [.. (await gathering.RunAsync(account)).Select(spilled.Read)]);
            }
            catch (SnapshotRefusedException refused) when (attempt < GatewayLimits.MaxStatementRestarts)
            {
                await _services.Engine.RecoverAsync(refused, attempt, ended);
            }
        }
    }

    private static IEnumerable<IGrouping<byte[], SpilledRow>> ByRow(IEnumerable<SpilledRow> rows) =>
        rows.GroupBy(static row => RowCodec.ToBytes(row.Key), ByteKeyComparer.Instance);

    private PlanningContext Context() => new()
    {
        State = _services.Catalog.Current,
        NowMicroseconds = NowMicroseconds,
        NextId = static () => Guid.NewGuid().ToByteArray(bigEndian: true),
    };
}
