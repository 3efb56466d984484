using System;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>The contract of DbTransaction.</summary>
[Collection(ConformanceCollection.Name)]
public sealed class TransactionTests(ConformanceFixture fixture) : IAsyncLifetime
{
    private readonly string _table = "t" + Guid.NewGuid().ToString("N");

    public async Task InitializeAsync() => await RunAsync($"CREATE TABLE {_table} (id integer PRIMARY KEY)");

    public async Task DisposeAsync() => await RunAsync($"DROP TABLE {_table}");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commit_keeps_and_rollback_undoes(bool commit)
    {
        await using DbConnection connection = fixture.Open();
        await using (DbTransaction transaction = connection.BeginTransaction())
        {
            Insert(transaction, 1);
            Assert.Equal(1L, Count(transaction));
            if (commit)
            {
                transaction.Commit();
            }
            else
            {
                transaction.Rollback();
            }

            Assert.Null(transaction.Connection);
        }

        Assert.Equal(commit ? 1L : 0L, await ScalarAsync());
    }

    [Fact]
    public async Task Dispose_undoes_what_was_not_committed()
    {
        await using DbConnection connection = fixture.Open();
        using (DbTransaction transaction = connection.BeginTransaction())
        {
            Insert(transaction, 1);
        }

        await using (DbTransaction transaction = await connection.BeginTransactionAsync())
        {
            Insert(transaction, 2);
        }

        Assert.Equal(0L, await ScalarAsync());
    }

    [Fact]
    public async Task Transaction_that_has_ended_cannot_end_again()
    {
        await using DbConnection connection = fixture.Open();
        DbTransaction committed = connection.BeginTransaction();
        committed.Commit();
        Assert.Throws<InvalidOperationException>(committed.Commit);
        Assert.Throws<InvalidOperationException>(committed.Rollback);
        DbTransaction undone = connection.BeginTransaction();
        undone.Rollback();
        Assert.Throws<InvalidOperationException>(undone.Commit);
        DbTransaction disposed = connection.BeginTransaction();
        disposed.Dispose();
        disposed.Dispose();
        Assert.ThrowsAny<InvalidOperationException>(disposed.Commit);
        DbTransaction open = connection.BeginTransaction();
        Assert.Throws<InvalidOperationException>(() => connection.BeginTransaction());
        open.Dispose();
    }

    [Theory]
    [InlineData(IsolationLevel.Unspecified)]
    [InlineData(IsolationLevel.ReadUncommitted)]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task Level_that_is_asked_for_is_at_least_given(IsolationLevel level)
    {
        await using DbConnection connection = fixture.Open();
        await using DbTransaction transaction = await connection.BeginTransactionAsync(level);
        Assert.Equal(IsolationLevel.Serializable, transaction.IsolationLevel);
        Assert.Same(connection, transaction.Connection);
    }

    [Fact]
    public async Task Savepoints_undo_a_part()
    {
        await using DbConnection connection = fixture.Open();
        await using DbTransaction transaction = connection.BeginTransaction();
        Assert.True(transaction.SupportsSavepoints);
        Insert(transaction, 1);
        transaction.Save("a");
        Insert(transaction, 2);
        transaction.Rollback("a");
        await transaction.SaveAsync("b");
        Insert(transaction, 3);
        await transaction.ReleaseAsync("b");
        Assert.Equal(2L, Count(transaction));
        await transaction.CommitAsync();
        Assert.Equal(2L, await ScalarAsync());
    }

    [Fact]
    public async Task Cancelled_tokens_give_cancelled_tasks_and_change_nothing()
    {
        await using DbConnection connection = fixture.Open();
        var cancelled = new CancellationToken(canceled: true);
        Assert.True(connection.BeginTransactionAsync(cancelled).AsTask().IsCanceled);
        await using DbTransaction transaction = connection.BeginTransaction();
        Insert(transaction, 1);
        Assert.True(transaction.CommitAsync(cancelled).IsCanceled);
        Assert.True(transaction.RollbackAsync(cancelled).IsCanceled);
        transaction.Commit();
        Assert.Equal(1L, await ScalarAsync());
    }

    [Fact]
    public async Task After_an_error_only_rollback_is_left()
    {
        await using DbConnection connection = fixture.Open();
        DbTransaction transaction = connection.BeginTransaction();
        Insert(transaction, 1);
        Assert.ThrowsAny<DbException>(() => Insert(transaction, 1));
        Assert.Equal("25P02", Assert.ThrowsAny<DbException>(() => Count(transaction)).SqlState);
        transaction.Rollback();
        Assert.Equal(0L, await ScalarAsync());
    }

    private void Insert(DbTransaction transaction, int id)
    {
        using DbCommand command = ConformanceFixture.Command(transaction.Connection!, $"INSERT INTO {_table} VALUES (@id)");
        command.Transaction = transaction;
        ConformanceFixture.Parameter(command, "id", id);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private object? Count(DbTransaction transaction)
    {
        using DbCommand command = ConformanceFixture.Command(transaction.Connection!, $"SELECT count(*) FROM {_table}");
        command.Transaction = transaction;
        return command.ExecuteScalar();
    }

    private Task<object?> ScalarAsync() => RunAsync($"SELECT count(*) FROM {_table}");

    private async Task<object?> RunAsync(string text)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, text);
        return await command.ExecuteScalarAsync();
    }
}
