using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>
/// Readers of the one account that many clients add to. A read holds what was acknowledged before it began and what was
/// read before, and no more than what was acknowledged before it ended and may have been on the way.
/// </summary>
internal sealed class HotReads(DbDataSource source, UpdateContender writers, int writersCount) : IContender
{
    public string Name => "readers of one row";

    public IReadOnlyList<int> ProcessIds => writers.ProcessIds;

    public async Task<ILoadClient> OpenClientAsync(int index)
    {
        DbConnection connection = await source.OpenConnectionAsync();
        DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT balance FROM accounts WHERE id = @id";
        AccountTable.AddBigint(command, "id").Value = (long)writers.First;
        await command.PrepareAsync();
        return new Client(this, connection, command);
    }

    public Task CheckAsync() => writers.CheckAsync();

    private void Require(long read, long least)
    {
        long most = AccountTable.InitialBalance + writers.Acknowledged + (writersCount * UpdateContender.AmountMax);
        if (read < least || read > most)
        {
            throw new BenchmarkException($"{Name}: {read} was read, where {least} to {most} could be.");
        }
    }

    private sealed class Client(HotReads owner, DbConnection connection, DbCommand command) : ILoadClient
    {
        private long _last;

        public async Task<bool> RunOnceAsync()
        {
            long least = Math.Max(_last, AccountTable.InitialBalance + owner.Acknowledged);
            try
            {
                _last = (long)(await command.ExecuteScalarAsync())!;
            }
            catch (DbException error) when (Conflicts.IsRolledBack(error))
            {
                return false;
            }

            owner.Require(_last, least);
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }

    private long Acknowledged => writers.Acknowledged;
}
