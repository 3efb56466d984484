using System;
using System.Data;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Data.Tests.Transactions;

public sealed class OutcomeTests
{
    [Fact]
    public async Task A_commit_whose_reply_is_lost_succeeds_when_the_outcome_is_committed()
    {
        using var gateway = GatewayThatDiesDuring("COMMIT");
        gateway.OnOutcome = _ => Outcome.Committed;
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await BeginAndWriteAsync(connection);
        FakeSession dead = gateway.LastSession;

        await transaction.CommitAsync();

        OutcomeQuestion question = Assert.Single(gateway.OutcomeQuestions);
        Assert.Equal(dead.Hello.SessionId, question.SessionId);
        Assert.Equal(dead.Executes.First().TransactionSequence, question.Sequence);
        Assert.Equal([1u, 2u], question.Participants);
        Assert.Equal(ConnectionState.Broken, connection.State);
        Assert.Throws<InvalidOperationException>(transaction.Rollback);
    }

    [Fact]
    public async Task A_commit_whose_reply_is_lost_is_rolled_back_when_the_outcome_says_so()
    {
        using var gateway = GatewayThatDiesDuring("COMMIT");
        gateway.OnOutcome = _ => Outcome.RolledBack;
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await BeginAndWriteAsync(connection);

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => transaction.CommitAsync());

        Assert.Equal(SqlStates.ConnectionFailure, error.SqlState);
        Assert.Equal(ShardSqlOutcome.RolledBack, error.Outcome);
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task A_commit_whose_outcome_stays_unknown_is_40003_with_the_id_and_never_40001()
    {
        using var gateway = GatewayThatDiesDuring("COMMIT");
        await using ShardSqlDataSource source = gateway.CreateDataSource("Timeout=5");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await BeginAndWriteAsync(connection);
        string id = transaction.TransactionId;

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => transaction.CommitAsync());

        Assert.Equal(SqlStates.StatementCompletionUnknown, error.SqlState);
        Assert.Equal($"commit outcome unknown, id={id}", error.Message);
        Assert.Equal(ShardSqlOutcome.Unknown, error.Outcome);
        Assert.False(error.IsTransient);
        Assert.InRange(gateway.OutcomeQuestions.Count, 2, OutcomeResolver.MaxQuestions);
    }

    [Fact]
    public async Task Another_host_is_asked_when_the_first_is_gone()
    {
        using var first = GatewayThatDiesDuring("COMMIT");
        using var second = new FakeGateway { OnOutcome = _ => Outcome.Committed };
        first.On("COMMIT", statement =>
        {
            first.Dispose();
            statement.Session.Kill();
            return FakeResult.Written(-1);
        });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(
            $"Server={first.Address},{second.Address};Load Balance Hosts=false");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await BeginAndWriteAsync(connection);
        await transaction.CommitAsync();
        Assert.Single(second.OutcomeQuestions);
    }

    [Fact]
    public async Task An_unknown_answer_is_asked_again_until_it_is_known()
    {
        using var gateway = GatewayThatDiesDuring("COMMIT");
        int asked = 0;
        gateway.OnOutcome = _ => ++asked < 3 ? Outcome.Unknown : Outcome.Committed;
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await BeginAndWriteAsync(connection);
        await transaction.CommitAsync();
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData(Outcome.Committed, SqlStates.StatementCompletionUnknown, ShardSqlOutcome.Unknown)]
    [InlineData(Outcome.Unknown, SqlStates.StatementCompletionUnknown, ShardSqlOutcome.Unknown)]
    [InlineData(Outcome.RolledBack, SqlStates.ConnectionFailure, ShardSqlOutcome.RolledBack)]
    public async Task A_write_outside_a_transaction_whose_reply_is_lost_asks_too(
        Outcome answer, string sqlState, ShardSqlOutcome outcome)
    {
        using var gateway = GatewayThatDiesDuring("DELETE FROM t");
        gateway.OnOutcome = _ => answer;
        await using ShardSqlDataSource source = gateway.CreateDataSource("Timeout=5");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync());
        Assert.Equal((sqlState, outcome), (error.SqlState, error.Outcome));
        Assert.Equal(outcome == ShardSqlOutcome.RolledBack, error.IsTransient);
    }

    [Theory]
    [InlineData(Outcome.Committed)]
    [InlineData(Outcome.Unknown)]
    [InlineData(Outcome.RolledBack)]
    public async Task A_cancelled_commit_never_hides_an_outcome(Outcome answer)
    {
        using var gateway = new FakeGateway { OnOutcome = _ => answer };
        using var cancelling = new CancellationTokenSource();
        gateway.On("DELETE FROM t", FakeResult.Written(1)).On("COMMIT", async statement =>
        {
            await cancelling.CancelAsync();
            await statement.UntilCancelledAsync();
            statement.Session.Kill();
            return FakeResult.Written(-1);
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource("Timeout=5");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await BeginAndWriteAsync(connection);

        Task committing = transaction.CommitAsync(cancelling.Token);

        switch (answer)
        {
            case Outcome.Committed:
                await committing;
                break;
            case Outcome.Unknown:
                ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => committing);
                Assert.Equal(SqlStates.StatementCompletionUnknown, error.SqlState);
                break;
            default:
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => committing);
                break;
        }
    }

    [Fact]
    public async Task A_read_whose_reply_is_lost_asks_nothing()
    {
        using var gateway = GatewayThatDiesDuring("SELECT 1");
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
        Assert.Equal(
            (SqlStates.ConnectionFailure, ShardSqlOutcome.RolledBack, true), (
                error.SqlState, error.Outcome, error.IsTransient));
        Assert.Empty(gateway.OutcomeQuestions);
    }

    private static FakeGateway GatewayThatDiesDuring(string statement)
    {
        var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Written(1));
        gateway.On(statement, received =>
        {
            received.Session.Kill();
            return FakeResult.Written(1);
        });
        return gateway;
    }

    private static async Task<ShardSqlTransaction> BeginAndWriteAsync(ShardSqlConnection connection)
    {
        ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync();
        return transaction;
    }
}
