using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// Bad inputs: the error that the catalogue promises, nothing written, and a connection that goes on.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class BadInputTests(ClusterFixture cluster)
{
    private const string Content = "1|1|abc|1.50|2026-01-02";

    /// <summary>
    /// Statements with the SQLSTATE and a part of the text that they are refused with; {0} is the table.
    /// </summary>
    public static TheoryData<string, string, string> Statements => new()
    {
        { "SELECT * FROM {0} WHERE id = @id", "42P02", "@id" },
        { "SELEC 1", "42601", "SELEC" },
        { "SELECT 'open", "42601", "" },
        { "SELECT 1 FROM {0} WHERE", "42601", "" },
        { "SELECT 'a\0b'", "22021", "" },
        { "SELECT * FROM {0}x", "42P01", "{0}" },
        { "SELECT nam FROM {0}", "42703", "name" },
        { "INSERT INTO {0} (id, nn) VALUES (2, 2)", "42703", "nn" },
        { "UPDATE {0} SET nn = 2", "42703", "nn" },
        { "SELECT n FROM {0} WHERE other.n = 1", "42P01", "other" },
        { "INSERT INTO {0} VALUES (2, 40000, 'b', 1, NULL)", "22003", "" },
        { "INSERT INTO {0} VALUES (3000000000, 4, 'b', 1, NULL)", "22003", "" },
        { "UPDATE {0} SET n = n + 32767", "22003", "" },
        { "UPDATE {0} SET n = 2147483647 + id", "22003", "" },
        { "UPDATE {0} SET n = n / 0", "22012", "division by zero" },
        { "SELECT n / (n - 1) FROM {0}", "22012", "division by zero" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 12345.5, NULL)", "22003", "" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 1.505, NULL)", "22003", "" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 1, DATE '2026-02-30')", "22007", "2026-02-30" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 1, 'yesterday-ish')", "22007", "yesterday-ish" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 1, NULL), (1, 2, 'b', 1, NULL)", "23505", "{0}_pkey" },
        { "INSERT INTO {0} VALUES (150, 2, 'b', 1, NULL), (250, NULL, 'b', 1, NULL)", "23502", "n" },
        { "INSERT INTO {0} VALUES (2, 2, 'toolong', 1, NULL)", "22001", "5" },
        { "INSERT INTO {0} VALUES (2, -2, 'b', 1, NULL)", "23514", "positive" },
        { "UPDATE {0} SET n = 0", "23514", "positive" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 1, NULL, 9)", "42601", "" },
        { "INSERT INTO {0} (id, n, id) VALUES (2, 2, 3)", "42701", "id" },
        { "INSERT INTO {0} (id, n) VALUES (2, 'many')", "22P02", "" },
        { "SELECT n FROM {0} GROUP BY name", "42803", "n" },
        { "SELECT nosuch(n) FROM {0}", "42883", "nosuch" },
        { "SELECT * FROM {0} LIMIT -1", "2201W", "" },
        { "INSERT INTO {0} VALUES (2, 2, 'b', 1, NULL); SELEC", "42601", "SELEC" },
        { "SELECT * FROM {0}; DROP TABL {0}", "42601", "TABL" },
        { "SELECT * FROM x; DROP TABLE {0}", "42P01", "x" },
        { "SELECT * FROM {0} JOIN {0} ON true", "42712", "{0}" },
        { "SELECT 1 UNION SELECT 2, 3", "42601", "UNION" },
        { "CREATE TABLE {0} (id integer)", "42P07", "{0}" },
        { "CREATE TABLE {0}x (id integer PRIMARY KEY) SHARD BY HASH (other)", "42703", "other" },
        { "CREATE TABLE {0}x (id integre)", "42704", "integre" },
        { "CREATE TABLE {0}x (id integer, id text)", "42701", "id" },
        { "CREATE TABLE {0}x (id integer) COLOCATED WITH nobody", "42P01", "nobody" },
        { "DROP TABLE {0}x", "42P01", "{0}x" },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task A_bad_statement_is_refused_and_nothing_is_written(string statement, string sqlState, string part)
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string text = statement.Replace("{0}", table, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => RunAsync(connection, text));
        Assert.True(refused.SqlState == sqlState, $"{refused.SqlState}: {refused.Message}");
        string named = part.Replace("{0}", table, StringComparison.Ordinal);
        Assert.Contains(named, refused.Message + refused.Hint, StringComparison.Ordinal);
        Assert.False(refused.IsTransient);
        Assert.Equal(ShardSqlOutcome.Failed, refused.Outcome);
        await AssertUntouchedAsync(connection, table);
    }

    /// <summary>Texts beyond a limit: what makes them, the SQLSTATE, what the error names.</summary>
    public static TheoryData<string, string, string[]> Limits => new()
    {
        { "parentheses", "54001", ["100000", "200"] },
        { "nots", "54001", ["100000", "200"] },
        { "text", "54000", ["1048577", "1048576"] },
        { "list", "54000", ["10001", "10000"] },
        { "parameters", "54000", ["16385", "16384"] },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_text_beyond_a_limit_is_refused_with_the_limit(string kind, string sqlState, string[] named)
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlCommand command = Excessive(connection, table, kind);
        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => command.ExecuteNonQueryAsync());
        Assert.True(refused.SqlState == sqlState, $"{refused.SqlState}: {refused.Message}");
        string digits = new([.. refused.Message.Where(c => char.IsAsciiDigit(c) || c == ' ')]);
        Assert.All(named, number => Assert.Contains(number, digits, StringComparison.Ordinal));
        await AssertUntouchedAsync(connection, table);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lone_surrogate_is_refused_in_texts_and_values(bool inText)
    {
        string table = await CreateAsync();
        string lone = "a" + (char)0xd800 + "b";
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync(
            inText ? $"UPDATE {table} SET name = '{lone}'" : $"UPDATE {table} SET name = @lone", new { lone }));
        Assert.Equal("22021", refused.SqlState);
        Assert.Contains("invalid character encoding", refused.Message, StringComparison.Ordinal);
        await AssertUntouchedAsync(connection, table);
    }

    [Fact]
    public async Task A_statement_after_an_error_in_a_transaction_is_refused_until_rollback()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync($"INSERT INTO {table} VALUES (2, 2, 'b', 1, NULL)", transaction: transaction);
            await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync($"UPDATE {table} SET n = n / 0", transaction: transaction));
            var refused = await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteScalarAsync("SELECT 1", transaction: transaction));
            Assert.Equal("25P02", refused.SqlState);
            Assert.Contains("ROLLBACK", refused.Message, StringComparison.Ordinal);
            await transaction.RollbackAsync();
        }

        await AssertUntouchedAsync(connection, table);
    }

    [Fact]
    public async Task Commit_of_a_failed_transaction_does_not_commit()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync($"INSERT INTO {table} VALUES (2, 2, 'b', 1, NULL)", transaction: transaction);
            await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync("SELECT nosuch", transaction: transaction));
            await Assert.ThrowsAnyAsync<Exception>(() => transaction.CommitAsync());
        }

        await AssertUntouchedAsync(connection, table);
    }

    [Fact]
    public async Task Text_that_looks_like_a_statement_is_only_a_value()
    {
        const string Text = "x; DROP TABLE t";
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, name text)");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, @Text)", new { Text });
        Assert.Equal(
            Text, await cluster.ScalarAsync<string>($"SELECT name FROM {table} WHERE name = @Text", new { Text }));
        var refused = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"SELECT x; DROP TABLE t FROM {table}"));
        Assert.Equal("42601", refused.SqlState);
        await cluster.ExecuteAsync($"SELECT 1; DROP TABLE {table}");
        refused = await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync($"SELECT * FROM {table}"));
        Assert.Equal("42P01", refused.SqlState);
    }

    [Fact]
    public async Task Misuse_of_the_provider_is_refused_and_the_connection_goes_on()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = cluster.Source.CreateConnection();
        string closed = Throws<InvalidOperationException>(() => connection.CreateCommand().ExecuteReader()).Message;
        Assert.Contains("closed", closed, StringComparison.OrdinalIgnoreCase);
        await connection.OpenAsync();
        string text = $"SELECT name, n, d FROM {table}";
        await using (ShardSqlDataReader reader = await new ShardSqlCommand(text, connection).ExecuteReaderAsync())
        {
            string running = Throws<InvalidOperationException>(() => connection.Execute("SELECT 1")).Message;
            Assert.Contains(table, running, StringComparison.Ordinal);
            Assert.True(await reader.ReadAsync());
            string message = Throws<InvalidCastException>(() => reader.GetInt32(0)).Message;
            Assert.Contains("name", message, StringComparison.Ordinal);
            Assert.Contains("VARCHAR(5)", message, StringComparison.Ordinal);
            string unknown = Throws<IndexOutOfRangeException>(() => reader.GetOrdinal("xyz")).Message;
            Assert.Contains("xyz", unknown, StringComparison.Ordinal);
        }

        var command = new ShardSqlCommand($"UPDATE {table} SET name = @s", connection);
        command.Parameters.AddWithValue("s", Stream.Null);
        string unsupported = Throws<NotSupportedException>(() => command.ExecuteNonQuery()).Message;
        Assert.Contains("Stream", unsupported, StringComparison.Ordinal);
        Assert.Contains("s", unsupported, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => command.CommandTimeout = -1);
        Throws<InvalidOperationException>(() => new ShardSqlCommand(null, connection).ExecuteNonQuery());
        Throws<InvalidOperationException>(() => new ShardSqlCommand("", connection).ExecuteNonQuery());
        await AssertUntouchedAsync(connection, table);
        await connection.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(connection.Open);
    }

    [Fact]
    public async Task Misuse_of_transactions_is_refused()
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection other = await cluster.Source.OpenConnectionAsync();
        Throws<NotSupportedException>(() => connection.BeginTransaction(IsolationLevel.Chaos));
        ShardSqlTransaction transaction = connection.BeginTransaction(IsolationLevel.ReadUncommitted);
        Assert.Equal(IsolationLevel.Serializable, transaction.IsolationLevel);
        Assert.Contains(
            "another connection",
            Throws<InvalidOperationException>(() => other.ExecuteScalar("SELECT 1", transaction: transaction)).Message,
            StringComparison.Ordinal);
        Assert.Equal(1, connection.ExecuteScalar<int>("SELECT 1", transaction: transaction));
        await transaction.CommitAsync();
        string twice = (await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.CommitAsync())).Message;
        Assert.Contains("already", twice, StringComparison.Ordinal);
        Assert.Equal(1, connection.ExecuteScalar<int>("SELECT 1"));
    }

    [Fact]
    public async Task A_cancelled_or_late_command_ends_soon_and_the_connection_goes_on()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, s text)");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES "
            + string.Join(", ", Enumerable.Range(0, 4000).Select(i => $"({i}, '{new string('x', 200)}')")));
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using var cancelling = new CancellationTokenSource();
        long cancelled = 0;
        await using (ShardSqlDataReader reader =
            await new ShardSqlCommand($"SELECT * FROM {table}", connection).ExecuteReaderAsync(cancelling.Token))
        {
            Assert.True(await reader.ReadAsync(cancelling.Token));
            cancelled = TimeProvider.System.GetTimestamp();
            await cancelling.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                while (await reader.ReadAsync(cancelling.Token))
                {
                }
            });
        }

        Assert.InRange(TimeProvider.System.GetElapsedTime(cancelled), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal(4000, connection.ExecuteScalar<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task An_unknown_cluster_is_refused_by_name()
    {
        await using ShardSqlDataSource source = ShardSqlDataSource.Create("Server=inproc:nobody;Timeout=1");
        var refused = await Assert.ThrowsAsync<ShardSqlException>(async () => await source.OpenConnectionAsync());
        Assert.Equal("08001", refused.SqlState);
        Assert.True(refused.IsTransient);
        Assert.Contains("nobody", refused.Message, StringComparison.Ordinal);
        await using ShardSqlDataSource wrong =
            ShardSqlDataSource.Create($"Server=inproc:{cluster.Cluster.Name};Database=other");
        refused = await Assert.ThrowsAsync<ShardSqlException>(async () => await wrong.OpenConnectionAsync());
        Assert.Equal("3D000", refused.SqlState);
    }

    [Fact]
    public async Task A_full_pool_is_refused_after_its_timeout()
    {
        await using ShardSqlDataSource source =
            ShardSqlDataSource.Create(cluster.Cluster.ConnectionString + ";Max Pool Size=1;Timeout=1");
        await using (ShardSqlConnection only = await source.OpenConnectionAsync())
        {
            var refused = await Assert.ThrowsAsync<ShardSqlException>(async () => await source.OpenConnectionAsync());
            Assert.Equal("53300", refused.SqlState);
            Assert.Contains("1", refused.Message, StringComparison.Ordinal);
        }

        await using ShardSqlConnection next = await source.OpenConnectionAsync();
        Assert.Equal(1, next.ExecuteScalar<int>("SELECT 1"));
    }

    private static ShardSqlCommand Excessive(ShardSqlConnection connection, string table, string kind)
    {
        const int Deep = 100_000;
        var command = new ShardSqlCommand("", connection);
        var text = new StringBuilder($"UPDATE {table} SET n = 7 WHERE ");
        switch (kind)
        {
            case "parentheses":
                text.Append('(', Deep).Append("n = 1").Append(')', Deep);
                break;
            case "nots":
                text.Insert(text.Length, "NOT ", Deep).Append("n = 1");
                break;
            case "text":
                text.Append("name = '");
                text.Append('x', (1024 * 1024) + 1 - text.Length - 1).Append('\'');
                break;
            case "list":
                text.Append("n IN (").AppendJoin(',', Enumerable.Range(0, 10_001)).Append(')');
                break;
            default:
                for (int i = 0; i < 16_385; i++)
                {
                    command.Parameters.AddWithValue("p" + i.ToString(CultureInfo.InvariantCulture), i);
                }

                string another = $"); DELETE FROM {table} WHERE n IN (@p";
                text.Append("n IN (@p").AppendJoin(",@p", Enumerable.Range(0, 8_000))
                    .Append(another).AppendJoin(",@p", Enumerable.Range(8_000, 8_000))
                    .Append(another).AppendJoin(",@p", Enumerable.Range(16_000, 385)).Append(')');
                break;
        }

        command.CommandText = text.ToString();
        return command;
    }

    private static T Throws<T>(Func<object?> action)
        where T : Exception => Assert.Throws<T>(action);

    private static async Task RunAsync(ShardSqlConnection connection, string text)
    {
        var command = new ShardSqlCommand(text, connection);
        await using ShardSqlDataReader reader = await command.ExecuteReaderAsync();
        do
        {
            while (await reader.ReadAsync())
            {
            }
        }
        while (await reader.NextResultAsync());
    }

    private static async Task AssertUntouchedAsync(ShardSqlConnection connection, string table)
    {
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT 1"));
        IEnumerable<string> rows = await connection.QueryAsync<string>(
            $"SELECT id || '|' || n || '|' || name || '|' || price || '|' || d FROM {table}");
        Assert.Equal([Content], rows);
    }

    private async Task<string> CreateAsync()
    {
        string table = await cluster.CreateTableAsync(
            "(id integer PRIMARY KEY, n smallint NOT NULL, name varchar(5), price decimal(6,2), d date, "
            + "CONSTRAINT positive CHECK (n > 0)) SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 'abc', 1.5, '2026-01-02')");
        return table;
    }
}
