using System;
using System.Data;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;
using IsolationLevel = System.Data.IsolationLevel;

namespace ShardSql.Data.Tests.Transactions;

public sealed class TransactionTests
{
    [Fact]
    public async Task Begin_travels_with_the_first_statement_and_all_share_one_sequence()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Written(2));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        Assert.Empty(gateway.LastSession.Executes);
        Assert.Equal(2, await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync());
        Assert.Equal(2, await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync());
        await transaction.CommitAsync();

        Execute[] sent = [.. gateway.LastSession.Executes];
        Assert.Equal([2, 1, 1], sent.Select(execute => execute.Statements.Count));
        Assert.Single(sent.Select(execute => execute.TransactionSequence).Distinct());
        Assert.Null(transaction.Connection);

        await new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync();
        Execute next = gateway.LastSession.Executes.Last();
        Assert.Equal(sent[0].TransactionSequence + 1, next.TransactionSequence);
        Assert.Equal(sent[0].TransactionSequence, next.AcknowledgedSequence);
    }

    [Fact]
    public async Task A_transaction_that_ran_nothing_sends_nothing()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        connection.BeginTransaction().Commit();
        connection.BeginTransaction().Rollback();
        await connection.BeginTransaction().DisposeAsync();
        Assert.Empty(gateway.LastSession.Executes);
    }

    [Theory]
    [InlineData(IsolationLevel.Unspecified)]
    [InlineData(IsolationLevel.ReadUncommitted)]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task Every_level_up_to_serializable_runs_as_serializable_and_says_so(IsolationLevel level)
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(IsolationLevel.Serializable, connection.BeginTransaction(level).IsolationLevel);
    }

    [Fact]
    public async Task Snapshot_is_begun_read_only_and_chaos_is_refused()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Throws<NotSupportedException>(() => connection.BeginTransaction(IsolationLevel.Chaos));
        await using ShardSqlTransaction transaction = connection.BeginTransaction(IsolationLevel.Snapshot);
        Assert.Equal(IsolationLevel.Snapshot, transaction.IsolationLevel);
        await new ShardSqlCommand("SELECT 1", connection, transaction).ExecuteScalarAsync();
        Sql.Tree.TransactionModes modes =
            gateway.LastSession.Executes.Single().Statements[0].Tree.Statement.Begin.Modes;
        Assert.Equal(Sql.Tree.TransactionIsolation.Snapshot, modes.Isolation);
        Assert.Equal(Sql.Tree.AccessMode.ReadOnly, modes.Access);
    }

    [Fact]
    public async Task A_type_travels_with_BEGIN()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Written(2));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Throws<ArgumentException>(() => connection.BeginTransaction(IsolationLevel.Serializable, ""));
        Assert.Throws<ArgumentException>(() => connection.BeginTransaction(IsolationLevel.Serializable, new string('x', 65)));
        await using ShardSqlTransaction transaction =
            await connection.BeginTransactionAsync(IsolationLevel.Serializable, "deposit");
        Assert.Equal("deposit", transaction.TransactionType);
        await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync();
        await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        await using ShardSqlTransaction untyped = await connection.BeginTransactionAsync();
        await new ShardSqlCommand("DELETE FROM t", connection, untyped).ExecuteNonQueryAsync();
        Assert.Equal(["deposit", "", "", ""], gateway.LastSession.Executes.Select(static execute => execute.TransactionType));
    }

    [Fact]
    public async Task Transactions_do_not_nest()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = connection.BeginTransaction();
        Assert.Throws<InvalidOperationException>(() => connection.BeginTransaction());
        await transaction.RollbackAsync();
        await new ShardSqlCommand("BEGIN", connection).ExecuteNonQueryAsync();
        Assert.Throws<InvalidOperationException>(() => connection.BeginTransaction());
    }

    [Fact]
    public async Task A_transaction_ends_once()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction committed = connection.BeginTransaction();
        committed.Commit();
        Assert.Equal(
            "The transaction was already committed.",
            Assert.Throws<InvalidOperationException>(committed.Commit).Message);
        Assert.Throws<InvalidOperationException>(committed.Rollback);
        committed.Dispose();
        ShardSqlTransaction rolledBack = connection.BeginTransaction();
        rolledBack.Rollback();
        Assert.Equal(
            "The transaction was already rolled back.",
            Assert.Throws<InvalidOperationException>(rolledBack.Commit).Message);
        Assert.True(committed.SupportsSavepoints);
    }

    [Fact]
    public async Task A_command_must_carry_the_transaction_of_its_connection()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlConnection other = await source.OpenConnectionAsync();
        ShardSqlTransaction done = connection.BeginTransaction();
        done.Rollback();
        await using ShardSqlTransaction transaction = connection.BeginTransaction();
        await using ShardSqlTransaction foreign = other.BeginTransaction();

        var missing = new ShardSqlCommand("SELECT 1", connection);
        await RefusedAsync(missing, "Transaction");
        var mismatched = new ShardSqlCommand("SELECT 1", connection, foreign);
        await RefusedAsync(mismatched, "belongs to another connection");
        var finished = new ShardSqlCommand("SELECT 1", connection, done);
        await RefusedAsync(finished, "already rolled back");
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection, transaction).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Ignore_Command_Transaction_runs_the_command_in_the_open_transaction()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Ignore Command Transaction=true");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = connection.BeginTransaction();
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
        Assert.Equal(2, gateway.LastSession.Executes.Single().Statements.Count);
    }

    [Fact]
    public async Task After_an_error_statements_get_25P02_until_rollback()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On("DELETE FROM t", FakeResult.Failing("23505", "duplicate"));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = connection.BeginTransaction();
        var good = new ShardSqlCommand("SELECT 1", connection, transaction);
        await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync());

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => good.ExecuteScalarAsync());

        Assert.Equal(SqlStates.InFailedTransaction, error.SqlState);
        Assert.Equal("transaction aborted, ROLLBACK first", error.Message);
        await transaction.RollbackAsync();
        good.Transaction = null;
        Assert.Equal(1, await good.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_conflict_inside_a_transaction_is_not_run_again_alone()
    {
        using var gateway = new FakeGateway();
        int runs = 0;
        gateway.On("DELETE FROM t", _ =>
        {
            runs++;
            return FakeResult.Conflict();
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = connection.BeginTransaction();
        await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_commit_that_is_refused_rolls_back_and_Rollback_after_it_is_quiet()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Written(1)).On("COMMIT", FakeResult.Conflict()).On(
            "SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = connection.BeginTransaction();
        await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => transaction.CommitAsync());
        Assert.Equal("40001", error.SqlState);
        Assert.Equal(ShardSqlOutcome.RolledBack, error.Outcome);
        await transaction.RollbackAsync();
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Commit_with_an_open_reader_is_refused_and_rollback_ends_the_reader()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1, 2, 3));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = connection.BeginTransaction();
        ShardSqlDataReader reader = await new ShardSqlCommand("SELECT 1", connection, transaction).ExecuteReaderAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.CommitAsync());
        await transaction.RollbackAsync();
        Assert.Equal(TransactionState.Idle, gateway.LastSession.State);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task A_lost_connection_inside_a_transaction_is_rolled_back_and_transient()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", statement =>
        {
            statement.Session.Kill();
            return FakeResult.Written(1);
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = connection.BeginTransaction();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync());
        Assert.Equal(SqlStates.ConnectionFailure, error.SqlState);
        Assert.Equal(ShardSqlOutcome.RolledBack, error.Outcome);
        Assert.True(error.IsTransient);
        Assert.Empty(gateway.OutcomeQuestions);
        await transaction.RollbackAsync();
    }

    private static async Task RefusedAsync(ShardSqlCommand command, string why)
    {
        InvalidOperationException error =
            await Assert.ThrowsAsync<InvalidOperationException>(() => command.ExecuteScalarAsync());
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
