using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Gateway.Sequences;

/// <summary>
/// How far sequences have come: rows of the system shard. Whoever takes numbers reads the sequence itself in the same
/// transaction, so that a dropped one gives none and a changed one gives what it says now.
/// </summary>
internal sealed class SequenceStore(SystemStore store)
{
    /// <summary>Takes a block of up to so many numbers; gives the generation of the sequence that they are of.</summary>
    public async Task<(SequenceBlock Block, uint Generation)> DrawAsync(
        SequenceDescriptor sequence, long wanted, CancellationToken ended)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await TryDrawAsync(sequence, wanted, ended);
            }
            catch (GatewayException unknown) when (unknown.SqlState == SqlStates.StatementCompletionUnknown
                && attempt < GatewayLimits.MaxSequenceDraws)
            {
                // Whether that block was taken nobody knows: then it is a gap, and another one is taken.
                ended.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Sets from where numbers are taken.</summary>
    public Task SetAsync(SequenceDescriptor sequence, SequenceState state, CancellationToken ended) => store.ChangeAsync(
        async transaction =>
        {
            _ = await RequireAsync(transaction, sequence, ended);
            Set(transaction, sequence, state);
            return (true, HasWrites: true);
        },
        ended);

    /// <summary>How far a sequence has come.</summary>
    public Task<SequenceState> StateAsync(SequenceDescriptor sequence, CancellationToken ended) => store.ChangeAsync(
        async transaction => (await StateAsync(transaction, sequence, ended), HasWrites: false), ended);

    private Task<(SequenceBlock Block, uint Generation)> TryDrawAsync(
        SequenceDescriptor sequence, long wanted, CancellationToken ended) => store.ChangeAsync(
        async transaction =>
        {
            SequenceDescriptor current = await RequireAsync(transaction, sequence, ended);
            return ((await DrawAsync(transaction, current, wanted, ended), current.Generation), HasWrites: true);
        },
        ended);

    /// <summary>Takes a block in a transaction, for that to commit.</summary>
    public async Task<SequenceBlock> DrawAsync(
        OpenTransaction transaction, SequenceDescriptor sequence, long wanted, CancellationToken ended)
    {
        SequenceState state = await StateAsync(transaction, sequence, ended);
        if (state.Take(sequence, wanted) is not { } taken)
        {
            string end = sequence.Increment > 0
                ? string.Create(CultureInfo.InvariantCulture, $"maximum value of sequence \"{sequence.Name}\" ({sequence.Maximum})")
                : string.Create(CultureInfo.InvariantCulture, $"minimum value of sequence \"{sequence.Name}\" ({sequence.Minimum})");
            throw new SqlException(SqlStates.SequenceLimitExceeded, $"nextval: reached {end}");
        }

        Set(transaction, sequence, taken.After);
        return taken.Block;
    }

    /// <summary>Sets from where numbers are taken in a transaction, for that to commit.</summary>
    public static void Set(OpenTransaction transaction, SequenceDescriptor sequence, SequenceState state) =>
        transaction.At(ShardId.System).Write(SystemRows.Write(SystemKeys.SequenceState(sequence.Id), state.Encode()));

    private async Task<SequenceState> StateAsync(
        OpenTransaction transaction, SequenceDescriptor sequence, CancellationToken ended) =>
        await store.GetAsync(transaction, SystemKeys.SequenceState(sequence.Id), ended) is { } row
            ? SequenceState.Decode(row)
            : sequence.Initial;

    private async Task<SequenceDescriptor> RequireAsync(
        OpenTransaction transaction, SequenceDescriptor sequence, CancellationToken ended) =>
        await store.GetAsync(transaction, SystemKeys.Sequence(sequence.Id), ended) is { } row
            ? SequenceCodec.Decode(row)
            : throw new SqlException(SqlStates.UndefinedTable, $"relation \"{sequence.Name}\" does not exist");
}
