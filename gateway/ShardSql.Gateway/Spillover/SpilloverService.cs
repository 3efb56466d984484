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
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
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
/// Of several gateways the one with the lease looks; that there may be two for a moment does no harm.
/// </summary>
internal sealed class SpilloverService
{
    private const string Work = "spillover";

    /// <summary>Rows that are read of each shard at once.</summary>
    public const uint RowsRead = 4_096;

    private readonly GatewayServices _services;
    private readonly AutomaticLeaseStore _leases;
    private readonly ReadRowMerger _read;
    private readonly Dictionary<uint, SpillKeeper> _keepers = [];
    private AutomaticLease? _lease;
    private long _askedMs;

    public SpilloverService(GatewayServices services)
    {
        _services = services;
        _read = new ReadRowMerger(services, this);
        _leases = new AutomaticLeaseStore(
            services.Store, () => services.Stamps.Source, GatewayLimits.SpilloverLease, services.Time);
    }

    private long NowMs => _services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private long NowMicroseconds => NowMs * 1_000;

    /// <summary>Merges the deltas that a table has; those that come meanwhile may be left.</summary>
    /// <param name="name">The table.</param>
    /// <param name="key">The key of the only row to merge, values of the primary key as they are written; null: all rows.</param>
    /// <param name="ended">Ends it between two rows.</param>
    /// <returns>Rows that deltas were added to.</returns>
    /// <exception cref="SqlException">22003, 54000: there is a row into which they do not fit. All others are merged.</exception>
    public async Task<long> MergeAsync(TableName name, Func<TableDescriptor, SqlValue[]?> key, CancellationToken ended)
    {
        long begun = NowMicroseconds;
        long merged = 0;
        var full = new Dictionary<byte[], SqlException>(ByteKeyComparer.Instance);
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

            if (full.Count > 0)
            {
                rows.RemoveAll(row => full.ContainsKey(RowCodec.ToBytes(row.Key)));
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
                if (await MergeOrCloseAsync(spilled, found, firstEnded: null, ended) is { } why)
                {
                    full.Add(RowCodec.ToBytes(found), why);
                    continue;
                }

                merged++;
            }

            if (keys.Count == 0 || only is not null)
            {
                return full.Count == 0 ? merged : throw full.Values.First();
            }
        }
    }

    /// <summary>Looks after the tables that are due.</summary>
    public async Task LookAsync(CancellationToken ended)
    {
        TableDescriptor[] tables = Tables();
        if (tables.Length == 0)
        {
            return;
        }

        try
        {
            await _read.LookAsync(ended);
            if (!await HoldsLeaseAsync(ended))
            {
                _keepers.Clear();
                return;
            }

            foreach (uint gone in _keepers.Keys.Except(tables.Select(static table => table.Id)).ToArray())
            {
                _ = _keepers.Remove(gone);
            }

            foreach (TableDescriptor table in tables)
            {
                if (!_keepers.TryGetValue(table.Id, out SpillKeeper? keeper))
                {
                    _keepers.Add(table.Id, keeper = new SpillKeeper(_services, this, table.Id));
                }

                await keeper.LookAsync(table.Spillover!, ended);
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
    public Task ReleaseAsync(CancellationToken ended) => _lease is null ? Task.CompletedTask : _leases.ReleaseAsync(Work, ended);

    /// <summary>Rows of <c>shard.spillover</c>: each row of a table that has spilled, by slot.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> RowsAsync(CancellationToken ended)
    {
        var shown = new List<SqlValue[]>();
        foreach (TableDescriptor table in Tables())
        {
            (SpilledRows? spilled, List<SpilledRow> rows) = await ReadAsync(table.Id, withHeaders: true, limit: 0, ended);
            if (spilled is not null)
            {
                Dictionary<string, long> conflicts = SettledConflict.Counts(await ConflictsAsync(table, ended));
                IReadOnlyList<SpilledQuota> quotas = await QuotasAsync(table, rows, ended);
                shown.AddRange(SpilledSlot.Of(spilled.Table, spilled.Slots, rows, conflicts, quotas, NowMicroseconds)
                    .Select(static slot => slot.ToRow()));
            }
        }

        return shown;
    }

    /// <summary>Rows of <c>shard.conflicts</c>: those that policies have settled.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> ConflictsAsync(CancellationToken ended)
    {
        var shown = new List<SqlValue[]>();
        foreach (TableDescriptor table in Tables())
        {
            shown.AddRange((await ConflictsAsync(table, ended)).Select(static conflict => conflict.ToRow()));
        }

        return shown;
    }

    private async Task<IReadOnlyList<SettledConflict>> ConflictsAsync(TableDescriptor table, CancellationToken ended)
    {
        if (!table.Spillover!.IsInOrder)
        {
            return [];
        }

        (SpilledRows? spilled, List<SqlValue[]> rows) = await GatherAsync(table.Id, static spilled => spilled.ConflictTasks(), ended);
        return spilled is null ? [] : [.. rows.Select(row => new SettledConflict(spilled.Table, spilled.Read(row)))];
    }

    private async Task<IReadOnlyList<SpilledQuota>> QuotasAsync(
        TableDescriptor table, List<SpilledRow> rows, CancellationToken ended)
    {
        if (table.Spillover!.Policy != SpilloverPolicy.BoundedSum || rows.Count == 0)
        {
            return [];
        }

        SqlValue[][] keys = [.. ByRow(rows).Select(static row => row.First().Key)];
        (SpilledRows? spilled, List<SqlValue[]> found) = await GatherAsync(table.Id, asked => asked.QuotaTasks(keys), ended);
        return spilled?.QuotasOf(keys, found) ?? [];
    }

    /// <summary>Merges the deltas of a row. Where they do not fit into it they stay, and it takes no more: who adds to it then
    /// writes the row itself, and is told.</summary>
    /// <param name="spilled">The row's table.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="firstEnded">The first slot in which it takes no more deltas; null: it goes on to take them in all.</param>
    /// <param name="ended">Ends the work.</param>
    /// <returns>Why they do not fit; null: they are merged.</returns>
    public async Task<SqlException?> MergeOrCloseAsync(
        SpilledRows spilled, SqlValue[] key, int? firstEnded, CancellationToken ended)
    {
        try
        {
            await MergeAsync(spilled, key, firstEnded, ended);
            return null;
        }
        catch (SqlException full) when (full.SqlState is SqlStates.NumericOutOfRange or SqlStates.ProgramLimitExceeded)
        {
            await CloseAsync(spilled.Table.Id, key, ended);
            string row = RowKeyText.Of(spilled.Table, new KeyBuilder(spilled.Table).Suffix(key)) ?? string.Empty;
            return new SqlException(
                full.SqlState, $"what has spilled over from row {row} of table \"{spilled.Table.Name}\" does not fit into it: {full.Message}")
            {
                Hint = "UPDATE the row to what fits; until then reads show all of it, and it takes no more deltas.",
                Table = spilled.Table.Name,
                ColumnName = full.ColumnName,
            };
        }
    }

    private async Task CloseAsync(uint table, SqlValue[] key, CancellationToken ended) => _ = await _services.Store.ChangeAsync(
        async transaction =>
        {
            PlanningContext context = Context();
            if (context.Catalog.Find(table) is { Spillover: not null } known)
            {
                await _services.Engine.RunInsideAsync(
                    new SpilledRows(known, context).Close(key), transaction, NoSink.Instance, _services.Memory, ended);
            }

            return (true, transaction.HasWrites);
        },
        ended);

    /// <summary>Merges the deltas of a row.</summary>
    /// <param name="spilled">The row's table.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="firstEnded">The first slot in which it takes no more deltas; null: it goes on to take them in all.</param>
    /// <param name="ended">Ends the work.</param>
    public async Task MergeAsync(SpilledRows spilled, SqlValue[] key, int? firstEnded, CancellationToken ended)
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
            Before = firstEnded is null ? null : static _ => Task.FromResult(true),

            // It ends the deltas that it has read and no others, and whoever else ends any of them writes the row, too: what
            // has come since is no conflict, and it none for what comes (sharding.md §4).
            After = transaction =>
            {
                if (firstEnded is { } slot)
                {
                    return EndRowAsync(transaction, spilled.Table.Id, key, slot, ended);
                }

                transaction.ForgetRanges(spilled.Table.Spillover!.DeltasTableId);
                return Task.CompletedTask;
            },
        });
    }

    /// <summary>The rows, and the table as it was when they were read; null: it spills over no more.</summary>
    /// <param name="id">The table.</param>
    /// <param name="withHeaders">Whether headers are read, too.</param>
    /// <param name="limit">Rows of each shard at most; 0: all.</param>
    /// <param name="ended">Ends the work.</param>
    /// <param name="firstSlot">Those in slots before it are not read.</param>
    public Task<(SpilledRows? Spilled, List<SpilledRow> Rows)> ReadAsync(
        uint id, bool withHeaders, uint limit, CancellationToken ended, int firstSlot = 0) =>
        ReadAsync(id, spilled => spilled.Tasks(withHeaders, limit, firstSlot), ended);

    /// <summary>Header and deltas of one row, and the table as it was when they were read; null: it spills over no more.</summary>
    /// <param name="id">The table.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="limit">Deltas of each slot at most.</param>
    /// <param name="ended">Ends the work.</param>
    public Task<(SpilledRows? Spilled, List<SpilledRow> Rows)> ReadAsync(
        uint id, SqlValue[] key, uint limit, CancellationToken ended) =>
        ReadAsync(id, spilled => spilled.TasksOf(key, limit), ended);

    private async Task<(SpilledRows? Spilled, List<SpilledRow> Rows)> ReadAsync(
        uint id, Func<SpilledRows, IReadOnlyList<ShardTask>> tasks, CancellationToken ended)
    {
        (SpilledRows? found, List<SqlValue[]> rows) = await GatherAsync(id, tasks, ended);
        return (found, [.. rows.Select(row => found!.Read(row))]);
    }

    private async Task<(SpilledRows? Spilled, List<SqlValue[]> Rows)> GatherAsync(
        uint id, Func<SpilledRows, IReadOnlyList<ShardTask>> tasks, CancellationToken ended)
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
                _services.Runner, tasks(spilled), transaction, NoSink.Instance, ended);
            try
            {
                return (spilled, await gathering.RunAsync(account));
            }
            catch (SnapshotRefusedException refused) when (attempt < GatewayLimits.MaxStatementRestarts)
            {
                await _services.Engine.RecoverAsync(refused, attempt, ended);
            }
        }
    }

    /// <summary>By the key of the row that they are about.</summary>
    public static IEnumerable<IGrouping<byte[], SpilledRow>> ByRow(IEnumerable<SpilledRow> rows) =>
        rows.GroupBy(static row => RowCodec.ToBytes(row.Key), ByteKeyComparer.Instance);

    /// <summary>What the service plans with.</summary>
    public PlanningContext Context(SystemState? state = null) => new()
    {
        State = state ?? _services.Catalog.Current,
        NowMicroseconds = NowMicroseconds,
        NextId = _services.Options.NewId,
        NextDelta = _services.NextDelta,
    };

    /// <summary>At the snapshot at which its deltas are merged: none that came since is deleted with them.</summary>
    private async Task EndRowAsync(
        OpenTransaction transaction, uint table, SqlValue[] key, int firstEnded, CancellationToken ended)
    {
        PlanningContext context = Context();
        if (context.Catalog.Find(table) is { Spillover: { } spillover } known && firstEnded < spillover.SlotsRead)
        {
            await _services.Engine.RunInsideAsync(
                new SpilledRows(known, context).DeleteHeaders(key, firstEnded), transaction, NoSink.Instance, _services.Memory, ended);
        }
    }

    private TableDescriptor[] Tables() =>
        [.. _services.Catalog.Current.Catalog.Tables.Where(static t => t.Spillover is not null)];

    /// <summary>It is asked for now and then, and renewed when half of it is over.</summary>
    private async Task<bool> HoldsLeaseAsync(CancellationToken ended)
    {
        long nowMs = NowMs;
        bool isFresh = _lease is { } held && nowMs < held.UntilMs - ((long)GatewayLimits.SpilloverLease.TotalMilliseconds / 2);
        if (!isFresh && long.Abs(nowMs - _askedMs) >= (long)GatewayLimits.SpilloverInterval.TotalMilliseconds)
        {
            _askedMs = nowMs;
            _lease = await _leases.TakeAsync(Work, ended);
        }

        return nowMs < _lease?.UntilMs;
    }
}
