using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using ShardSql.Data.Options;
using Xunit;

namespace ShardSql.Data.Tests.ConnectionStrings;

public sealed class ConnectionStringBuilderTests
{
    [Theory]
    [InlineData("Hst=a", "Keyword not supported: 'Hst'. Did you mean 'Host'?")]
    [InlineData("Max Pol Size=3", "Keyword not supported: 'Max Pol Size'. Did you mean 'Max Pool Size'?")]
    [InlineData("Completely Different=3", "Keyword not supported: 'Completely Different'.")]
    public void Constructor_unknown_keyword_names_the_nearest(string text, string expected)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ShardSqlConnectionStringBuilder(text));
        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public void Indexer_unknown_keyword_throws_at_once()
    {
        var builder = new ShardSqlConnectionStringBuilder();
        Assert.Throws<ArgumentException>(() => builder["Hst"] = "a");
        Assert.Throws<ArgumentException>(() => builder["Hst"]);
        Assert.False(builder.ContainsKey("Hst"));
        Assert.False(builder.TryGetValue("Hst", out _));
    }

    [Theory]
    [InlineData("Port=99999", "Port must be 1-65535, was 99999")]
    [InlineData("Port=abc", "Port must be 1-65535, was abc")]
    [InlineData("Port=0", "Port must be 1-65535, was 0")]
    [InlineData("Host=a:99999", "Port must be 1-65535, was 99999")]
    [InlineData("Pooling=perhaps", "Pooling must be true or false, was perhaps")]
    [InlineData("Max Pool Size=0", "Max Pool Size must be 1-10000, was 0")]
    [InlineData("Timeout=-1", "Timeout must be 0-2147483, was -1")]
    [InlineData("Isolation=7", "Isolation must be one of Serializable, StrictSerializable, was 7")]
    [InlineData("Host=a,,b", "Server has an empty address in its list")]
    public void Constructor_value_out_of_range_names_the_limit_and_the_value(string text, string expected)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ShardSqlConnectionStringBuilder(text));
        Assert.Equal(expected, error.Message);
    }

    [Theory]
    [InlineData("a;b")]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("a;b'c\"d=e ")]
    public void Password_with_special_characters_round_trips(string password)
    {
        var builder = new ShardSqlConnectionStringBuilder { Server = "h", Password = password };
        Assert.Equal(password, new ShardSqlConnectionStringBuilder(builder.ConnectionString).Password);
    }

    [Fact]
    public void Constructor_malformed_text_gives_the_position_and_not_the_value()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new ShardSqlConnectionStringBuilder("Host=h;Password='topsecret"));
        Assert.DoesNotContain("topsecret", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("index", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_case_and_blanks_lead_to_the_same_keyword()
    {
        var builder = new ShardSqlConnectionStringBuilder(
            "host=h:7000;initial catalog=app;user id=ann;pwd=x;maxpoolsize=7;SSLMODE=disable;connect timeout=3");
        Assert.Equal("h:7000", builder.Server);
        Assert.Equal("app", builder.Database);
        Assert.Equal("ann", builder.User);
        Assert.Equal("x", builder.Password);
        Assert.Equal(7, builder.MaxPoolSize);
        Assert.Equal(3, builder.Timeout);
        Assert.Equal(ShardSqlSslMode.Disable, builder.SslMode);
        Assert.Equal(
            ["Server", "Database", "User", "Password", "Ssl Mode", "Timeout", "Max Pool Size"],
            builder.Keys.Cast<string>());
    }

    [Fact]
    public void Defaults_are_those_of_the_list()
    {
        var builder = new ShardSqlConnectionStringBuilder();
        Assert.Equal(15, builder.Timeout);
        Assert.Equal(30, builder.CommandTimeout);
        Assert.Equal(100, builder.MaxPoolSize);
        Assert.Equal(8, builder.MaxRetries);
        Assert.True(builder.Pooling);
        Assert.Equal(ShardSqlIsolation.Serializable, builder.Isolation);
        Assert.Equal(ShardSqlRetry.Statements, builder.Retry);
        foreach (ConnectionOption option in ConnectionOptions.All.Where(option => option.Default.Length > 0))
        {
            Assert.Equal(option.Default, option.Normalize(option.Default));
            Assert.Equal(option.Default, builder[option.Name]);
        }
    }

    [Fact]
    public void Properties_write_what_the_constructor_reads()
    {
        var builder = new ShardSqlConnectionStringBuilder
        {
            Server = "a,b:7001",
            Port = 7000,
            Isolation = ShardSqlIsolation.StrictSerializable,
            LoadBalanceHosts = false,
            ConflictStrategy = ShardSqlConflictStrategy.Abort,
        };
        var read = new ShardSqlConnectionStringBuilder(builder.ConnectionString);
        Assert.True(builder.EquivalentTo(read));
        Assert.Equal(ShardSqlIsolation.StrictSerializable, read.Isolation);
        Assert.False(read.LoadBalanceHosts);
        Assert.True(read.Remove("port"));
        Assert.Equal(7400, read.Port);
    }

    [Theory]
    [InlineData("h", "h:7400")]
    [InlineData("h:1", "h:1")]
    [InlineData("10.0.0.1:7000", "10.0.0.1:7000")]
    [InlineData("[::1]:7000", "[::1]:7000")]
    [InlineData("::1", "[::1]:7400")]
    [InlineData("[::1]", "[::1]:7400")]
    [InlineData("unix:/tmp/s", "unix:/tmp/s")]
    [InlineData("inproc:demo", "inproc:demo")]
    public void HostAddress_reads_every_form(string text, string expected) =>
        Assert.Equal(expected, Assert.Single(HostAddress.ParseList(text, 7400)).ToString());

    [Theory]
    [InlineData("unix:")]
    [InlineData("inproc:")]
    [InlineData(":7400")]
    [InlineData("[::1")]
    public void HostAddress_malformed_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => HostAddress.ParseList(text, 7400));

    [Fact]
    public void Readme_documents_every_keyword()
    {
        string readme = File.ReadAllText(Path.Combine(ProjectFolder(), "..", "..", "provider", "README.md"));
        foreach (ConnectionOption option in ConnectionOptions.All)
        {
            Assert.Contains($"| {option.Name} |", readme, StringComparison.Ordinal);
        }
    }

    private static string ProjectFolder([CallerFilePath] string file = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(file))!;
}
