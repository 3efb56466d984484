using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Gateway.Sequences;

/// <summary>
/// Numbers for a transaction that has made sequences or changed them. Of those nobody else knows before it commits, so
/// that how far they have come is a row that it writes like others; numbers of all other sequences are the gateway's.
/// </summary>
internal sealed class OwnSequences(SequenceBlocks shared, SequenceStore store, OpenTransaction transaction)
    : ISequenceSource
{
    /// <inheritdoc />
    public bool TryTake(SequenceDescriptor sequence, out long number)
    {
        number = 0;
        return !IsOwn(sequence) && shared.TryTake(sequence, out number);
    }

    /// <inheritdoc />
    public async Task<List<long>> TakeAsync(SequenceDescriptor sequence, int count, CancellationToken ended)
    {
        if (!IsOwn(sequence))
        {
            return await shared.TakeAsync(sequence, count, ended);
        }

        var numbers = new List<long>(count);
        while (numbers.Count < count)
        {
            SequenceBlock block = await store.DrawAsync(transaction, sequence, count - numbers.Count, ended);
            for (long i = 0; i < block.Count; i++)
            {
                numbers.Add(block.NumberAt(i));
            }
        }

        return numbers;
    }

    /// <inheritdoc />
    public Task SetAsync(SequenceDescriptor sequence, SequenceState state, CancellationToken ended)
    {
        if (!IsOwn(sequence))
        {
            return shared.SetAsync(sequence, state, ended);
        }

        SequenceStore.Set(transaction, sequence, state);
        return Task.CompletedTask;
    }

    private bool IsOwn(SequenceDescriptor sequence) => transaction.Schema?.IsOwn(sequence) == true;
}
