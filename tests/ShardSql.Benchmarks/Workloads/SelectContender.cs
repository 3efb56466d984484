using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>SELECT of one account by its key, the same text and the same code for every ADO.NET provider.</summary>
internal sealed class SelectContender(
    string name, DbDataSource source, IReadOnlyList<int> processIds, int accounts) : IContender
{
    private const string Text = "SELECT balance FROM accounts WHERE id = @id";

    public string Name => name;

    public IReadOnlyList<int> ProcessIds => processIds;

    private int AccountsMax => accounts;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        DbConnection connection = await source.OpenConnectionAsync();
        DbCommand command = connection.CreateCommand();
        command.CommandText = Text;
        var client = new Client(this, connection, command, index);
        await command.PrepareAsync();
        return client;
    }

    /// <summary>Every client compares each balance that it reads; here the rest.</summary>
    public async Task CheckAsync()
    {
        long found = await AccountTable.SumAsync(source);
        if (found != accounts * AccountTable.InitialBalance)
        {
            throw new BenchmarkException($"{name}: the accounts hold {found}, though nobody wrote.");
        }
    }

    private sealed class Client(SelectContender owner, DbConnection connection, DbCommand command, int index)
        : ILoadClient
    {
        private readonly Random _random = new(index);
        private readonly DbParameter _id = AccountTable.AddBigint(command, "id");

        public async Task<bool> RunOnceAsync()
        {
            _id.Value = (long)_random.Next(1, owner.AccountsMax + 1);
            object? balance = await command.ExecuteScalarAsync();
            return Convert.ToInt64(balance, CultureInfo.InvariantCulture) == AccountTable.InitialBalance
                ? true
                : throw new BenchmarkException($"{owner.Name}: an account holds {balance}.");
        }

        public async ValueTask DisposeAsync()
        {
            await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
