using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>
/// A connection that runs prepared statements, and how it runs those of a group, none of which needs another's reply:
/// one after another, or as one <see cref="DbBatch"/>.
/// </summary>
internal sealed class StatementSession(DbConnection connection, bool batches) : IAsyncDisposable
{
    private readonly Dictionary<Statement, DbCommand> _commands = [];
    private DbTransaction? _transaction;

    /// <summary>Runs what is given in a SERIALIZABLE transaction; commits if it gives true, else rolls back.</summary>
    public async Task<bool> InTransactionAsync(Func<StatementSession, Task<bool>> run)
    {
        await using DbTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable);
        _transaction = transaction;
        try
        {
            bool isWanted = await run(this);
            await (isWanted ? transaction.CommitAsync() : transaction.RollbackAsync());
            return isWanted;
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Runs one statement.</summary>
    public async Task<Reply> RunAsync(Call call)
    {
        DbCommand command = await PreparedAsync(call.Statement);
        command.Transaction = _transaction;
        call.SetValues(command.Parameters);
        if (!call.Statement.ReturnsRows)
        {
            return Reply.OfChange(call.Statement, await command.ExecuteNonQueryAsync());
        }

        await using DbDataReader reader = await command.ExecuteReaderAsync();
        return await Reply.ReadAsync(call.Statement, reader);
    }

    /// <summary>Runs a group of statements; replies come in their order.</summary>
    public async Task<Reply[]> RunAsync(params IReadOnlyList<Call> group)
    {
        if (batches && group.Count > 1)
        {
            return await RunBatchAsync(group);
        }

        var replies = new Reply[group.Count];
        for (int i = 0; i < replies.Length; i++)
        {
            replies[i] = await RunAsync(group[i]);
        }

        return replies;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (DbCommand command in _commands.Values)
        {
            await command.DisposeAsync();
        }

        await connection.DisposeAsync();
    }

    private async Task<Reply[]> RunBatchAsync(IReadOnlyList<Call> group)
    {
        await using DbBatch batch = connection.CreateBatch();
        batch.Transaction = _transaction;
        foreach (Call call in group)
        {
            DbBatchCommand command = batch.CreateBatchCommand();
            command.CommandText = call.Statement.Text;
            call.Statement.AddParameters(command.Parameters, await PreparedAsync(call.Statement));
            call.SetValues(command.Parameters);
            batch.BatchCommands.Add(command);
        }

        // No way to the server: each text is prepared on this connection already.
        await batch.PrepareAsync();
        var replies = new Reply[group.Count];
        await using (DbDataReader reader = await batch.ExecuteReaderAsync())
        {
            for (int i = 0; i < replies.Length; i++)
            {
                if (group[i].Statement.ReturnsRows)
                {
                    replies[i] = await Reply.ReadAsync(group[i].Statement, reader);
                    await reader.NextResultAsync();
                }
            }
        }

        for (int i = 0; i < replies.Length; i++)
        {
            replies[i] ??= Reply.OfChange(group[i].Statement, batch.BatchCommands[i].RecordsAffected);
        }

        return replies;
    }

    private async ValueTask<DbCommand> PreparedAsync(Statement statement)
    {
        if (_commands.TryGetValue(statement, out DbCommand? known))
        {
            return known;
        }

        DbCommand command = connection.CreateCommand();
        command.CommandText = statement.Text;
        command.Transaction = _transaction;
        statement.AddParameters(command.Parameters, command);
        await command.PrepareAsync();
        _commands.Add(statement, command);
        return command;
    }
}
