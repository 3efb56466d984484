using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Autocommit UPDATE of one account by its key: the same text and code for every ADO.NET provider.</summary>
internal sealed class UpdateContender(string name, IReadOnlyList<int> processIds, Additions table) : IContender
{
    /// <summary>The most that is added at once; the least is 1.</summary>
    public const int AmountMax = 9;

    private long _acknowledged;

    public string Name => name;

    public IReadOnlyList<int> ProcessIds => processIds;

    /// <summary>The first account that is written.</summary>
    public int First { get; init; } = 1;

    /// <summary>The last one.</summary>
    public int Last { get; init; } = table.Accounts;

    /// <summary>What this contender has added.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    private string Text => $"UPDATE {table.Table} SET balance = balance + @amount WHERE id = @id";

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        DbConnection connection = await table.Source.OpenConnectionAsync();
        DbCommand command = connection.CreateCommand();
        command.CommandText = Text;
        var client = new Client(this, connection, command, index);
        await command.PrepareAsync();
        return client;
    }

    public Task CheckAsync() => table.CheckAsync(name);

    private void Acknowledge(long amount)
    {
        Interlocked.Add(ref _acknowledged, amount);
        table.Acknowledge(amount);
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
            _id.Value = (long)_random.Next(owner.First, owner.Last + 1);
            try
            {
                int rows = await command.ExecuteNonQueryAsync();
                if (rows != 1)
                {
                    throw new BenchmarkException($"{owner.Name}: an UPDATE by key found {rows} rows.");
                }

                owner.Acknowledge(amount);
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
}
