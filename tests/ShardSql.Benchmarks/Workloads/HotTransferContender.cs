using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>
/// An interactive transfer between two of a few accounts that all clients use: BEGIN ISOLATION LEVEL SERIALIZABLE, two
/// UPDATEs, COMMIT. One that is rolled back is tried again.
/// </summary>
internal sealed class HotTransferContender(
    string name, DbDataSource source, IReadOnlyList<int> processIds, int first, int count) : IContender
{
    private const int AmountMax = 9;

    // What transfers that were acknowledged brought to each account.
    private readonly long[] _added = new long[count];

    public string Name => name;

    public IReadOnlyList<int> ProcessIds => processIds;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        DbConnection connection = await source.OpenConnectionAsync();
        var client = new Client(this, connection, index);
        await client.PrepareAsync();
        return client;
    }

    public async Task CheckAsync()
    {
        await using DbCommand command = source.CreateCommand("SELECT balance FROM accounts WHERE id = @id");
        DbParameter id = AccountTable.AddBigint(command, "id");
        for (int i = 0; i < count; i++)
        {
            id.Value = (long)(first + i);
            long found = (long)(await command.ExecuteScalarAsync())!;
            long expected = AccountTable.InitialBalance + Interlocked.Read(ref _added[i]);
            if (found != expected)
            {
                throw new BenchmarkException(
                    $"{name}: account {id.Value} holds {found}, acknowledged were {expected}.");
            }
        }
    }

    private sealed class Client(HotTransferContender owner, DbConnection connection, int index) : ILoadClient
    {
        private readonly Random _random = new(index);
        private readonly Addition _take = new(connection, '-');
        private readonly Addition _give = new(connection, '+');
        private (int From, int To, long Amount)? _pending;

        public async Task PrepareAsync()
        {
            await _take.PrepareAsync();
            await _give.PrepareAsync();
        }

        public async Task<bool> RunOnceAsync()
        {
            (int from, int to, long amount) = _pending ??= Next();
            try
            {
                await using DbTransaction transaction =
                    await connection.BeginTransactionAsync(IsolationLevel.Serializable);
                await _take.RunAsync(owner, transaction, from, amount);
                await _give.RunAsync(owner, transaction, to, amount);
                await transaction.CommitAsync();
            }
            catch (DbException error) when (Conflicts.IsRolledBack(error))
            {
                return false;
            }

            Interlocked.Add(ref owner._added[from], -amount);
            Interlocked.Add(ref owner._added[to], amount);
            _pending = null;
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await _take.DisposeAsync();
            await _give.DisposeAsync();
            await connection.DisposeAsync();
        }

        private (int From, int To, long Amount) Next()
        {
            int from = _random.Next(owner.Count);
            int to = (from + _random.Next(1, owner.Count)) % owner.Count;
            return (from, to, _random.Next(1, AmountMax + 1));
        }
    }

    /// <summary>A prepared UPDATE that adds to an account, or takes away.</summary>
    private sealed class Addition : IAsyncDisposable
    {
        private readonly DbCommand _command;
        private readonly DbParameter _amount;
        private readonly DbParameter _id;

        public Addition(DbConnection connection, char sign)
        {
            _command = connection.CreateCommand();
            _command.CommandText = $"UPDATE accounts SET balance = balance {sign} @amount WHERE id = @id";
            _amount = AccountTable.AddBigint(_command, "amount");
            _id = AccountTable.AddBigint(_command, "id");
        }

        public Task PrepareAsync() => _command.PrepareAsync();

        public async Task RunAsync(HotTransferContender owner, DbTransaction transaction, int account, long amount)
        {
            _command.Transaction = transaction;
            _amount.Value = amount;
            _id.Value = (long)(owner.First + account);
            int rows = await _command.ExecuteNonQueryAsync();
            if (rows != 1)
            {
                throw new BenchmarkException($"{owner.Name}: an UPDATE by key found {rows} rows.");
            }
        }

        public ValueTask DisposeAsync() => _command.DisposeAsync();
    }

    private int First => first;

    private int Count => count;
}
