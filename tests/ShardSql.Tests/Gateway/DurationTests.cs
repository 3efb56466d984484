using ShardSql.Planning;
using ShardSql.Sql;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Times and rates as statements write them.</summary>
public sealed class DurationTests
{
    [Theory]
    [InlineData("20MB/s", 20_000_000)]
    [InlineData("1.5 kb/S", 1_500)]
    [InlineData("7B/s", 7)]
    [InlineData("2GB/s", 2_000_000_000)]
    [InlineData("auto", 0)]
    [InlineData("unlimited", Durations.UnlimitedRate)]
    public void TryParseRate_readsWhatRateTextWrites(string text, long bytes)
    {
        Assert.Equal(bytes, Durations.TryParseRate(text));
        Assert.Equal(bytes, Durations.TryParseRate(Durations.RateText(bytes)));
    }

    [Theory]
    [InlineData("20MB")]
    [InlineData("-1MB/s")]
    [InlineData("0.5B/s")]
    [InlineData("2000GB/s")]
    [InlineData("")]
    public void TryParseRate_ofAnythingElse_isNone(string text) => Assert.Null(Durations.TryParseRate(text));

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData(" 1.5 S ", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("24h", 86_400_000)]
    public void Parse_readsNumbersWithUnits(string text, double milliseconds) =>
        Assert.Equal(milliseconds, Durations.Parse(text).TotalMilliseconds);

    [Theory]
    [InlineData("25h")]
    [InlineData("250")]
    [InlineData("m")]
    public void Parse_ofAnythingElse_isRefused(string text) =>
        Assert.Equal(SqlStates.InvalidParameterValue, Assert.Throws<SqlException>(() => Durations.Parse(text)).SqlState);
}
