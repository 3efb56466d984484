using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Autocommit UPDATE of one account by its key: the same text and code for every ADO.NET provider.</summary>
internal sealed class UpdateContender(
    string name, DbDataSource source, IReadOnlyList<int> processIds, int accounts) : IContender
{
    private const string Text = "UPDATE accounts SET balance = balance + @amount WHERE id = @id";
    private const int AmountMax = 9;

    private long _acknowledged;

    public string Name => name;

    public IReadOnlyList<int> ProcessIds => processIds;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        DbConnection connection = await source.OpenConnectionAsync();
        DbCommand command = connection.CreateCommand();
        command.CommandText = Text;
        var client = new Client(this, connection, command, index);
        await command.PrepareAsync();
        return client;
    }

    public async Task CheckAsync()
    {
        long expected = (accounts * AccountTable.InitialBalance) + Interlocked.Read(ref _acknowledged);
        long found = await AccountTable.SumAsync(source);
        if (found != expected)
        {
            throw new BenchmarkException($"{name}: the accounts hold {found}, acknowledged were {expected}.");
        }
    }

    private sealed class Client(UpdateContender owner, DbConnection connection, DbCommand command, int index)
        : ILoadClient
    {
        private readonly Random _random = new(index);
        private readonly DbParameter _amount = AccountTable.AddBigint(command, "amount");
        private readonly DbParameter _id = AccountTable.AddBigint(command, "id");

        public async Task<bool> RunOnceAsync()
        {
            long amount = _random.Next(1, AmountMax + 1);
            _amount.Value = amount;
            _id.Value = (long)_random.Next(1, owner.AccountsMax + 1);
            try
            {
                int rows = await command.ExecuteNonQueryAsync();
                if (rows != 1)
                {
                    throw new BenchmarkException($"{owner.Name}: an UPDATE by key found {rows} rows.");
                }

                Interlocked.Add(ref owner._acknowledged, amount);
                return true;
            }
            catch (DbException error) when (Conflicts.IsRolledBack(error))
            {
                return false;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }

    private int AccountsMax => accounts;
}
