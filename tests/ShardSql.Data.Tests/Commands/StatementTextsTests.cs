using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Data.Commands;
using ShardSql.Data.Sessions;
using ShardSql.Protocol;
using ShardSql.Sql.Tree;
using Xunit;

namespace ShardSql.Data.Tests.Commands;

public sealed class StatementTextsTests
{
    [Fact]
    public void Get_gives_the_same_object_for_the_same_text_and_forgets_what_is_not_used()
    {
        ParsedText used = StatementTexts.Get("SELECT 1 AS used");
        ParsedText unused = StatementTexts.Get("SELECT 1 AS unused");
        for (int i = 0; i < 3 * StatementTexts.MaxTexts; i++)
        {
            StatementTexts.Get(string.Create(CultureInfo.InvariantCulture, $"SELECT {i}"));
            Assert.Same(used, StatementTexts.Get("SELECT 1 AS used"));
        }

        Assert.NotSame(unused, StatementTexts.Get("SELECT 1 AS unused"));
    }

    [Theory]
    [InlineData("SELECT 1", true, false)]
    [InlineData("SELECT 1 FOR UPDATE", false, false)]
    [InlineData("SHOW TABLES", true, false)]
    [InlineData("EXPLAIN DELETE FROM t", true, false)]
    [InlineData("EXPLAIN ANALYZE DELETE FROM t", false, false)]
    [InlineData("SELECT 1; DELETE FROM t", false, false)]
    [InlineData("COMMIT", false, true)]
    [InlineData("DELETE FROM t; ROLLBACK", false, true)]
    public void Get_tells_what_a_text_can_do(string text, bool readsOnly, bool endsTransaction)
    {
        ParsedText parsed = StatementTexts.Get(text);
        Assert.Equal(readsOnly, parsed.ReadsOnly);
        Assert.Equal(endsTransaction, parsed.EndsTransaction);
    }

    [Fact]
    public void Prepared_statements_of_a_session_are_bounded()
    {
        IReadOnlyList<Statement> two = StatementTexts.Get("SELECT 1; SELECT 2").Statements;
        var prepared = new PreparedStatements();
        uint[] numbers =
        [
            .. Enumerable.Range(0, GrpcLimits.MaxPrepared / 2)
                .Select(i => prepared.GetOrAdd(i.ToString(CultureInfo.InvariantCulture), two)!.First),
        ];
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.True(number % 2 == 1, "two statements take two numbers"));
        Assert.Null(prepared.GetOrAdd("one more", two));
        Assert.Same(prepared.GetOrAdd("7", two), prepared.GetOrAdd("7", two));
        Assert.Null(new PreparedStatements().GetOrAdd(new string('x', PreparedStatements.MaxTextLength + 1), two));
    }

    [Fact]
    public void Prepared_bytes_of_a_session_are_bounded()
    {
        IReadOnlyList<Statement> large = StatementTexts.Get($"SELECT '{new string('v', 60_000)}'").Statements;
        var prepared = new PreparedStatements();
        int held = Enumerable.Range(0, GrpcLimits.MaxPrepared)
            .Count(i => prepared.GetOrAdd(i.ToString(CultureInfo.InvariantCulture), large) is not null);
        Assert.InRange(held, 1, GrpcLimits.MaxPreparedBytes / 60_000);
    }
}
