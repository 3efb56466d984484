using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>
/// Clients that draw transactions of a mix. One that is rolled back by the server is run again with the same inputs;
/// one that rolls back by its own rule is done.
/// </summary>
/// <param name="side">Whom it runs on.</param>
/// <param name="openMix">Gives client i, from 0, what draws its next transaction.</param>
/// <param name="check">Compares what is stored with what was acknowledged; gives what is wrong.</param>
internal sealed class TransactionContender(
    Side side, Func<int, Func<Random, ITransaction>> openMix, Func<Task<string?>> check) : IContender
{
    /// <summary>Whether statements that do not need each other's replies go as one batch.</summary>
    public bool Batches { get; init; }

    public string Name => side.Name;

    public IReadOnlyList<int> ProcessIds => side.ProcessIds;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        DbConnection connection = await side.Source.OpenConnectionAsync();
        return new Client(new StatementSession(connection, Batches), openMix(index), new Random(index));
    }

    public async Task CheckAsync()
    {
        if (await check() is { } wrong)
        {
            throw new BenchmarkException($"{Name}: {wrong}");
        }
    }

    private sealed class Client(StatementSession session, Func<Random, ITransaction> mix, Random random) : ILoadClient
    {
        private ITransaction? _pending;

        public async Task<bool> RunOnceAsync()
        {
            ITransaction transaction = _pending ??= mix(random);
            bool stays;
            try
            {
                stays = await (transaction.IsOneStatement
                    ? transaction.RunAsync(session)
                    : session.InTransactionAsync(transaction.RunAsync));
            }
            catch (DbException error) when (Conflicts.IsRolledBack(error))
            {
                return false;
            }

            if (stays)
            {
                transaction.Acknowledge();
            }

            _pending = null;
            return true;
        }

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
