using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Automatic;

/// <summary>The rows that say which gateway plans automatic work. Whoever begins a job reads its row in the same transaction,
/// so that of two which believe that it is theirs only one begins one.</summary>
internal sealed class AutomaticLeaseStore(SystemStore store, Func<ulong> self, TimeSpan length, TimeProvider time)
{
    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes a lease, or holds it longer; null: another gateway has it.</summary>
    public Task<AutomaticLease?> TakeAsync(string work, CancellationToken cancellationToken) =>
        store.ChangeAsync<AutomaticLease?>(
            async transaction =>
            {
                AutomaticLease lease = await ReadAsync(transaction, work, cancellationToken);
                bool isOurs = lease.Holder == self();
                if (!isOurs && lease.Holder != 0 && LeaseTime.IsHeld(lease.UntilMs, NowMs, length))
                {
                    return (null, HasWrites: false);
                }

                lease = lease with
                {
                    Epoch = isOurs ? lease.Epoch : lease.Epoch + 1,
                    Holder = self(),
                    UntilMs = NowMs + (long)length.TotalMilliseconds,
                };
                Put(transaction, work, lease);
                return (lease, HasWrites: true);
            },
            cancellationToken);

    /// <summary>Gives a lease back, where it is ours.</summary>
    public Task ReleaseAsync(string work, CancellationToken cancellationToken) => store.ChangeAsync(
        async transaction =>
        {
            AutomaticLease lease = await ReadAsync(transaction, work, cancellationToken);
            bool isOurs = lease.Holder == self();
            if (isOurs)
            {
                Put(transaction, work, lease with { Holder = 0, UntilMs = 0 });
            }

            return (isOurs, HasWrites: isOurs);
        },
        cancellationToken);

    /// <summary>Writes what came of the work, in the transaction that does it; JobLostException where another gateway has
    /// taken the lease.</summary>
    public async Task NoteAsync(
        OpenTransaction transaction, string work, AutomaticLease taken, AutomaticLease after, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(transaction, work, cancellationToken)).Epoch != taken.Epoch)
        {
            throw new JobLostException($"{work} is not ours any more");
        }

        Put(transaction, work, after);
    }

    private async Task<AutomaticLease> ReadAsync(
        OpenTransaction transaction, string work, CancellationToken cancellationToken) =>
        await store.GetAsync(transaction, KeyOf(work), cancellationToken) is { } row
            ? AutomaticLease.Decode(row)
            : new AutomaticLease();

    private static void Put(OpenTransaction transaction, string work, AutomaticLease lease) =>
        transaction.At(ShardId.System).Write(SystemRows.Write(KeyOf(work), lease.Encode()));

    private static byte[] KeyOf(string work) =>
        [.. RowKeyLayout.RowPrefix(SystemTableIds.AutomaticLeases), .. Encoding.UTF8.GetBytes(work)];
}
