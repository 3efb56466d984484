using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>The contract of DbConnection.</summary>
[Collection(ConformanceCollection.Name)]
public sealed class ConnectionTests(ConformanceFixture fixture)
{
    [Fact]
    public void Fresh_connection_is_closed_and_empty()
    {
        using DbConnection connection = ShardSqlFactory.Instance.CreateConnection()!;
        Assert.Equal(ConnectionState.Closed, connection.State);
        Assert.Equal(string.Empty, connection.ConnectionString);
        Assert.Equal(string.Empty, connection.Database);
        Assert.Equal(string.Empty, connection.DataSource);
        Assert.Equal(15, connection.ConnectionTimeout);
        Assert.Throws<InvalidOperationException>(() => connection.ServerVersion);
        Assert.Throws<InvalidOperationException>(connection.Open);
        Assert.Throws<InvalidOperationException>(() => connection.BeginTransaction());
        Assert.ThrowsAny<NotSupportedException>(() => connection.ChangeDatabase("x"));
        Assert.Throws<InvalidOperationException>(() => connection.GetSchema());
        connection.Close();
        connection.Close();
    }

    [Fact]
    public void ConnectionString_is_exactly_the_text_that_was_set()
    {
        using DbConnection connection = ShardSqlFactory.Instance.CreateConnection()!;
        string text = "host =  " + fixture.ConnectionString["Server=".Length..].Split(';')[0] + "; TIMEOUT=7 ;";
        connection.ConnectionString = text;
        Assert.Equal(text, connection.ConnectionString);
        Assert.Equal(7, connection.ConnectionTimeout);
        connection.Open();
        Assert.Equal(text, connection.ConnectionString);
        Assert.Throws<InvalidOperationException>(() => connection.ConnectionString = fixture.ConnectionString);
        connection.Close();
        connection.ConnectionString = null;
        Assert.Equal(string.Empty, connection.ConnectionString);
        Assert.Throws<ArgumentException>(() => connection.ConnectionString = "Unknown Thing=1");
    }

    [Fact]
    public async Task Open_and_close_change_the_state_and_say_so()
    {
        await using DbConnection connection = fixture.Create();
        var changes = new List<(ConnectionState, ConnectionState)>();
        connection.StateChange += (_, change) => changes.Add((change.OriginalState, change.CurrentState));
        connection.Open();
        Assert.Equal(ConnectionState.Open, connection.State);
        Assert.NotEmpty(connection.ServerVersion);
        Assert.NotEmpty(connection.DataSource);
        Assert.Equal("shardsql", connection.Database);
        Assert.Throws<InvalidOperationException>(connection.Open);
        connection.Close();
        connection.Close();
        await connection.OpenAsync();
        await connection.CloseAsync();
        Assert.Equal(
            Enumerable.Repeat((ConnectionState.Closed, ConnectionState.Open), 2)
                .SelectMany(opened => new[] { opened, (opened.Item2, opened.Item1) }),
            changes);
    }

    [Fact]
    public async Task Open_with_a_cancelled_token_is_cancelled()
    {
        await using DbConnection connection = fixture.Create();
        Assert.True(connection.OpenAsync(new CancellationToken(canceled: true)).IsCanceled);
        Assert.Equal(ConnectionState.Closed, connection.State);
    }

    [Fact]
    public void Dispose_closes_and_raises_Disposed_once()
    {
        DbConnection connection = fixture.Open();
        int raised = 0;
        connection.Disposed += (_, _) => raised++;
        connection.Dispose();
        connection.Dispose();
        Assert.Equal(ConnectionState.Closed, connection.State);
        Assert.Equal(1, raised);
    }

    [Fact]
    public async Task Close_ends_reader_and_transaction()
    {
        await using DbConnection connection = fixture.Open();
        DbTransaction transaction = connection.BeginTransaction();
        DbCommand command = ConformanceFixture.Command(connection, "UPDATE select_value SET \"Int32\" = 77 WHERE id = 3");
        command.Transaction = transaction;
        Assert.Equal(1, command.ExecuteNonQuery());
        connection.Close();
        await connection.OpenAsync();
        Assert.Equal(1, ConformanceFixture.Command(connection, "SELECT \"Int32\" FROM select_value WHERE id = 3").ExecuteScalar());
        DbDataReader reader = ConformanceFixture.Command(connection, "SELECT 1").ExecuteReader();
        connection.Close();
        Assert.ThrowsAny<InvalidOperationException>(() => reader.Read());
    }

    [Fact]
    public async Task Children_belong_to_their_connection()
    {
        await using DbConnection connection = fixture.Open();
        Assert.Same(connection, connection.CreateCommand().Connection);
        Assert.True(connection.CanCreateBatch);
        Assert.Same(connection, connection.CreateBatch().Connection);
        await using DbTransaction transaction = connection.BeginTransaction();
        Assert.Same(connection, transaction.Connection);
        Assert.Same(ShardSqlFactory.Instance, DbProviderFactories.GetFactory(connection));
    }

    [Fact]
    public void Factory_makes_every_part()
    {
        DbProviderFactory factory = ShardSqlFactory.Instance;
        Assert.IsType<ShardSqlConnection>(factory.CreateConnection());
        Assert.IsType<ShardSqlCommand>(factory.CreateCommand());
        Assert.IsType<ShardSqlParameter>(factory.CreateParameter());
        Assert.IsType<ShardSqlConnectionStringBuilder>(factory.CreateConnectionStringBuilder());
        Assert.IsType<ShardSqlDataAdapter>(factory.CreateDataAdapter());
        Assert.IsType<ShardSqlCommandBuilder>(factory.CreateCommandBuilder());
        Assert.IsType<ShardSqlBatch>(factory.CreateBatch());
        Assert.IsType<ShardSqlBatchCommand>(factory.CreateBatchCommand());
        Assert.True(factory.CanCreateBatch && factory.CanCreateCommandBuilder && factory.CanCreateDataAdapter);
        using DbDataSource source = factory.CreateDataSource(fixture.ConnectionString);
        using DbConnection connection = source.OpenConnection();
        Assert.Equal(ConnectionState.Open, connection.State);
        using DbCommand command = source.CreateCommand("SELECT 42");
        Assert.Equal(42, command.ExecuteScalar());
        using DbBatch batch = source.CreateBatch();
        DbBatchCommand part = batch.CreateBatchCommand();
        part.CommandText = "SELECT 43";
        batch.BatchCommands.Add(part);
        Assert.Equal(43, batch.ExecuteScalar());
        using (DbDataReader reader = batch.ExecuteReader())
        {
            Assert.True(reader.Read());
            Assert.Equal(43, reader.GetInt32(0));
        }

        Assert.Equal(-1, batch.ExecuteNonQuery());
        Assert.Throws<NotSupportedException>(() => batch.Connection = connection);
    }

    [Fact]
    public void Factory_can_be_registered_by_name()
    {
        const string Name = "ShardSql.Data.Conformance";
        DbProviderFactories.RegisterFactory(Name, ShardSqlFactory.Instance);
        try
        {
            Assert.Same(ShardSqlFactory.Instance, DbProviderFactories.GetFactory(Name));
        }
        finally
        {
            DbProviderFactories.UnregisterFactory(Name);
        }
    }

    [Theory]
    [InlineData("Server", "Host")]
    [InlineData("Max Pool Size", "maximum pool size")]
    [InlineData("Timeout", "Connect Timeout")]
    public void ConnectionStringBuilder_knows_keywords_and_their_aliases(string keyword, string alias)
    {
        DbConnectionStringBuilder builder = ShardSqlFactory.Instance.CreateConnectionStringBuilder()!;
        Assert.False(builder.ContainsKey(keyword));
        builder[alias] = "7";
        Assert.True(builder.ContainsKey(keyword));
        Assert.True(builder.ContainsKey(alias));
        Assert.Equal("7", builder[keyword].ToString());
        Assert.True(builder.TryGetValue(alias, out object? value));
        Assert.Equal("7", value!.ToString());
        Assert.Equal($"{keyword}=7", builder.ConnectionString);
        Assert.Equal([keyword], builder.Keys.Cast<string>());
        Assert.True(builder.EquivalentTo(new ShardSqlConnectionStringBuilder($"{alias}=7")));
        Assert.True(builder.Remove(alias));
        Assert.Equal(string.Empty, builder.ConnectionString);
        Assert.Throws<ArgumentException>(() => builder["Nonsense"] = "1");
        Assert.Throws<ArgumentException>(() => _ = builder["Nonsense"]);
        Assert.False(builder.ContainsKey("Nonsense"));
        Assert.False(builder.TryGetValue("Nonsense", out _));
        Assert.Throws<ArgumentNullException>(() => builder.ContainsKey(null!));
        builder[keyword] = "8";
        builder.Clear();
        Assert.Equal(string.Empty, builder.ConnectionString);
    }
}
