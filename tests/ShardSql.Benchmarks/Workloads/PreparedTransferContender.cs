using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Npgsql;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Servers;
using static ShardSql.Benchmarks.Workloads.TransferKeys;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>
/// A transfer between two PostgreSQL servers by two-phase commit, as quick as a client can make it: BEGIN, UPDATE and
/// PREPARE TRANSACTION in one batch to each side at once, then COMMIT PREPARED to each at once.
/// </summary>
internal sealed class PreparedTransferContender(PostgresTriple servers) : IContender
{
    // Two transfers can wait for each other's row on different servers, which no server sees.
    private const string LockTimeout = "SET lock_timeout = '500ms'";

    private static readonly string[] s_updates =
    [
        "UPDATE accounts SET balance = balance - @amount WHERE id = @id",
        "UPDATE accounts SET balance = balance + @amount WHERE id = @id",
    ];

    public string Name => "3 PostgreSQL, PREPARE TRANSACTION";

    public IReadOnlyList<int> ProcessIds => servers.ProcessIds;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        var sides = new Side[PostgresTriple.Count];
        for (int i = 0; i < sides.Length; i++)
        {
            NpgsqlConnection connection = await servers.DataSources[i].OpenConnectionAsync();
            sides[i] = new Side(connection, string.Create(CultureInfo.InvariantCulture, $"client{index}"));
            await sides[i].PrepareAsync();
        }

        return new Client(sides, index);
    }

    public async Task CheckAsync()
    {
        long found = 0;
        foreach (NpgsqlDataSource source in servers.DataSources)
        {
            found += await AccountTable.SumAsync(source);
        }

        if (found != Shards * AccountsPerShard * AccountTable.InitialBalance)
        {
            throw new BenchmarkException($"{Name}: the accounts hold {found}; transfers changed the total.");
        }
    }

    /// <summary>A client's connection to one of the servers, with a batch for taking and one for giving.</summary>
    private sealed class Side(NpgsqlConnection connection, string transactionName) : IAsyncDisposable
    {
        private readonly NpgsqlBatch[] _phases =
            [Phase(connection, s_updates[0], transactionName), Phase(connection, s_updates[1], transactionName)];

        private readonly NpgsqlCommand _commit = new($"COMMIT PREPARED '{transactionName}'", connection);

        public async Task PrepareAsync()
        {
            await using (var command = new NpgsqlCommand(LockTimeout, connection))
            {
                await command.ExecuteNonQueryAsync();
            }

            await _phases[0].PrepareAsync();
            await _phases[1].PrepareAsync();
            await _commit.PrepareAsync();
        }

        /// <summary>Phase 1; false when the row was not to be had in time.</summary>
        public async Task<bool> VoteAsync(int direction, long id, long amount)
        {
            NpgsqlBatch batch = _phases[direction];
            NpgsqlParameterCollection parameters = batch.BatchCommands[1].Parameters;
            ((NpgsqlParameter<long>)parameters[0]).TypedValue = amount;
            ((NpgsqlParameter<long>)parameters[1]).TypedValue = id;
            try
            {
                await batch.ExecuteNonQueryAsync();
                return true;
            }
            catch (PostgresException error) when (Conflicts.IsRolledBack(error))
            {
                await ExecuteAsync("ROLLBACK");
                return false;
            }
        }

        public Task<int> CommitAsync() => _commit.ExecuteNonQueryAsync();

        public Task AbortAsync() => ExecuteAsync($"ROLLBACK PREPARED '{transactionName}'");

        public async ValueTask DisposeAsync()
        {
            await _commit.DisposeAsync();
            await _phases[0].DisposeAsync();
            await _phases[1].DisposeAsync();
            await connection.DisposeAsync();
        }

        private static NpgsqlBatch Phase(NpgsqlConnection connection, string update, string transactionName) =>
            new(connection)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("BEGIN"),
                    new NpgsqlBatchCommand(update)
                    {
                        Parameters = { new NpgsqlParameter<long>("amount", 0L), new NpgsqlParameter<long>("id", 0L) },
                    },
                    new NpgsqlBatchCommand($"PREPARE TRANSACTION '{transactionName}'"),
                },
            };

        private async Task ExecuteAsync(string text)
        {
            await using var command = new NpgsqlCommand(text, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private sealed class Client(Side[] sides, int index) : ILoadClient
    {
        private readonly Random _random = new(index);

        public async Task<bool> RunOnceAsync()
        {
            (Account from, Account to) = NextCross(_random);
            long amount = _random.Next(1, AmountMax + 1);
            Side debit = sides[from.Shard];
            Side credit = sides[to.Shard];
            Task<bool> first = debit.VoteAsync(0, from.Id, amount);
            Task<bool> second = credit.VoteAsync(1, to.Id, amount);
            bool[] votes = await Task.WhenAll(first, second);
            if (votes[0] && votes[1])
            {
                await Task.WhenAll(debit.CommitAsync(), credit.CommitAsync());
                return true;
            }

            await (votes[0] ? debit.AbortAsync() : Task.CompletedTask);
            await (votes[1] ? credit.AbortAsync() : Task.CompletedTask);
            return false;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (Side side in sides)
            {
                await side.DisposeAsync();
            }
        }
    }
}
