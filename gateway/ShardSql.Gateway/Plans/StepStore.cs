using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Plans;

/// <summary>Rows of steps in the system shard, by the id of the plan or job that they are of, and their number.</summary>
internal sealed class StepStore(SystemStore store, uint table)
{
    /// <summary>The steps of one, in order; with id 0 those of all.</summary>
    public Task<List<(long Id, StepRecord Step)>> ListAsync(long id, CancellationToken cancellationToken) =>
        store.ChangeAsync(
            async transaction => (await ListAsync(transaction, id, cancellationToken), HasWrites: false), cancellationToken);

    /// <summary>The same in a transaction.</summary>
    public async Task<List<(long Id, StepRecord Step)>> ListAsync(
        OpenTransaction transaction, long id, CancellationToken cancellationToken)
    {
        var steps = new List<(long, StepRecord)>();
        foreach ((byte[] key, byte[] row) in await store.ScanAsync(transaction, AllOf(id), limit: 0, cancellationToken))
        {
            steps.Add((BinaryPrimitives.ReadInt64BigEndian(key.AsSpan(RowKeyLayout.RowPrefixLength)), StepRecord.Decode(row)));
        }

        return steps;
    }

    /// <summary>A step; null where there is none.</summary>
    public async Task<StepRecord?> FindAsync(
        OpenTransaction transaction, long id, int number, CancellationToken cancellationToken) =>
        await store.GetAsync(transaction, KeyOf(id, number), cancellationToken) is { } row ? StepRecord.Decode(row) : null;

    /// <summary>Writes a step.</summary>
    public void Put(OpenTransaction transaction, long id, StepRecord step) =>
        transaction.At(ShardId.System).Write(SystemRows.Write(KeyOf(id, step.Number), step.Encode()));

    /// <summary>Deletes the steps of one.</summary>
    public async Task DropAsync(OpenTransaction transaction, long id, CancellationToken cancellationToken)
    {
        foreach ((byte[] key, _) in await store.ScanAsync(transaction, AllOf(id), limit: 0, cancellationToken))
        {
            transaction.At(ShardId.System).Write(SystemRows.Write(key, null));
        }
    }

    private KeyRange AllOf(long id) => KeyRange.Prefix(
        id == 0 ? RowKeyLayout.RowPrefix(table) : [.. RowKeyLayout.RowPrefix(table), .. SystemTableIds.NumberKey(id)]);

    private byte[] KeyOf(long id, int number) =>
        [.. RowKeyLayout.RowPrefix(table), .. SystemTableIds.NumberKey(id), .. SystemTableIds.NumberKey(number)];
}
