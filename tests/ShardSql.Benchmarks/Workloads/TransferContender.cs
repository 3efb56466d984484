using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;
using static ShardSql.Benchmarks.Workloads.TransferKeys;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>A transfer as one command of two UPDATEs, which is one transaction.</summary>
internal sealed class TransferContender(
    string name, DbDataSource source, IReadOnlyList<int> processIds, bool isCross) : IContender
{
    private const string Text = "UPDATE accounts SET balance = balance - @amount WHERE id = @from;"
        + " UPDATE accounts SET balance = balance + @amount WHERE id = @to";

    private const string Where = "EXPLAIN SELECT balance FROM accounts WHERE id = @id";

    public string Name => name;

    public IReadOnlyList<int> ProcessIds => processIds;

    private bool IsCross => isCross;

    /// <summary>Asks EXPLAIN whether the shards' accounts are where the transfers take them to be.</summary>
    public async Task RequirePlacementAsync()
    {
        var verdicts = new HashSet<string>(StringComparer.Ordinal);
        for (int shard = 0; shard < Shards; shard++)
        {
            foreach (long id in new[] { FirstOf(shard), FirstOf(shard) + AccountsPerShard - 1 })
            {
                await using DbCommand command = source.CreateCommand(Where);
                AccountTable.AddBigint(command, "id").Value = id;
                string line = (string)(await command.ExecuteScalarAsync())!;
                verdicts.Add(line[..(line.IndexOf(')', StringComparison.Ordinal) + 1)]);
            }
        }

        if (verdicts.Count != Shards || !verdicts.All(line => line.Contains("SINGLE-SHARD", StringComparison.Ordinal)))
        {
            throw new BenchmarkException($"Accounts are not one range per shard: {string.Join("; ", verdicts)}");
        }
    }

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
        long found = await AccountTable.SumAsync(source);
        if (found != Shards * AccountsPerShard * AccountTable.InitialBalance)
        {
            throw new BenchmarkException($"{name}: the accounts hold {found}; transfers changed the total.");
        }
    }

    private sealed class Client(TransferContender owner, DbConnection connection, DbCommand command, int index)
        : ILoadClient
    {
        private readonly Random _random = new(index);
        private readonly DbParameter _amount = AccountTable.AddBigint(command, "amount");
        private readonly DbParameter _from = AccountTable.AddBigint(command, "from");
        private readonly DbParameter _to = AccountTable.AddBigint(command, "to");

        public async Task<bool> RunOnceAsync()
        {
            (Account from, Account to) = owner.IsCross ? NextCross(_random) : NextSingle(_random);
            _amount.Value = (long)_random.Next(1, AmountMax + 1);
            _from.Value = from.Id;
            _to.Value = to.Id;
            try
            {
                int rows = await command.ExecuteNonQueryAsync();
                return rows == 2
                    ? true
                    : throw new BenchmarkException($"{owner.Name}: a transfer changed {rows} rows.");
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
