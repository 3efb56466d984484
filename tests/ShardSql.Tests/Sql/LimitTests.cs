using System;
using System.Diagnostics;
using System.Linq;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class LimitTests
{
    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("NOT ", "TRUE", "")]
    [InlineData("- ", "1", "")]
    [InlineData("CASE WHEN TRUE THEN ", "1", " END")]
    [InlineData("abs(", "1", ")")]
    public void Nesting_of_200_parses_and_of_201_is_54001(string open, string middle, string close)
    {
        string Nested(int n) => "SELECT " + string.Concat(Enumerable.Repeat(open, n)) + middle
            + string.Concat(Enumerable.Repeat(close, n));
        Assert.Single(SqlParser.Parse(Nested(SqlLimits.MaxNesting)).Statements);
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, Nested(SqlLimits.MaxNesting + 1));
        Assert.Equal("nesting 201 exceeds 200", error.Message);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("NOT ")]
    [InlineData("NOT (")]
    [InlineData("- ")]
    [InlineData("CASE ")]
    public void Nesting_of_100000_is_refused_at_once(string open)
    {
        string text = "SELECT " + string.Concat(Enumerable.Repeat(open, 100_000));
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, text);
        var watch = Stopwatch.StartNew();
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, text);
        Assert.True(watch.ElapsedMilliseconds < 5_000, $"{watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public void Text_of_a_mebibyte_parses_and_one_byte_more_is_54000()
    {
        string Text(int bytes) => "SELECT '" + new string('x', bytes - 9) + "'";
        Assert.Single(SqlParser.Parse(Text(SqlLimits.MaxTextBytes)).Statements);
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.ProgramLimitExceeded, Text(SqlLimits.MaxTextBytes + 1));
        Assert.Equal("text of 1048577 bytes exceeds 1048576", error.Message);
    }

    [Fact]
    public void In_list_of_10001_is_54000()
    {
        string List(int n) => $"SELECT 1 IN ({string.Join(",", Enumerable.Repeat("@a", n))})";
        Assert.Single(SqlParser.Parse(List(9_998)).Statements);
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.ProgramLimitExceeded, List(10_001));
        Assert.Contains("10001", error.Message, StringComparison.Ordinal);
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, List(10_000));
    }

    [Fact]
    public void Expression_of_many_nodes_is_54001_and_long_chains_are_fine()
    {
        string Chain(string next, int n) => "SELECT 1" + string.Concat(Enumerable.Repeat(next, n));
        Assert.Single(SqlParser.Parse(Chain(" - 1", 9_900)).Statements);
        Assert.Single(SqlParser.Parse("SELECT TRUE" + string.Concat(Enumerable.Repeat(" AND TRUE", 9_900))).Statements);
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, Chain(" + 1", 10_000));
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, Chain("::int", 2_000));
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, Chain(" + 1 - 1", 2_000));
    }

    [Fact]
    public void Name_of_64_bytes_is_42622()
    {
        Assert.Single(SqlParser.Parse("SELECT " + new string('a', 63)).Statements);
        SqlTestHelp.FailsToParse(SqlStates.NameTooLong, "SELECT " + new string('a', 64));
        SqlTestHelp.FailsToParse(SqlStates.NameTooLong, "SELECT \"" + new string('é', 32) + "\"");
        SqlTestHelp.FailsToParse(SqlStates.NameTooLong, "SELECT @" + new string('a', 64));
    }

    [Fact]
    public void Nul_and_lone_surrogate_are_22021()
    {
        Assert.Equal(9, SqlTestHelp.FailsToParse(SqlStates.InvalidCharacter, "SELECT '\0'").Position);
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.InvalidCharacter, "SELECT 'é\uDC00'");
        Assert.Contains("byte 11", error.Message, StringComparison.Ordinal);
        SqlTestHelp.FailsToParse(SqlStates.InvalidCharacter, "SELECT E'\\uD800'");
    }

    [Fact]
    public void Joins_by_the_thousand_are_refused_without_deep_recursion() => SqlTestHelp.FailsToParse(
        SqlStates.SyntaxError, "SELECT * FROM a" + string.Concat(Enumerable.Repeat(" JOIN b", 50_000)));
}
