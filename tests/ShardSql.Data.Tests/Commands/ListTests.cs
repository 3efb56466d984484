using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Commands;

/// <summary>Lists of parameters, as Dapper writes them, are one parameter: their length changes neither text nor plan.
/// </summary>
public sealed class ListTests
{
    [Fact]
    public void Lists_ofOneToAThousand_areOneParsedText()
    {
        BoundText first = Bind("SELECT a FROM shared WHERE b = @b AND id IN {0}", 1);
        for (int count = 1; count <= 1_000; count++)
        {
            BoundText bound = Bind("SELECT a FROM shared WHERE b = @b AND id IN {0}", count);
            Assert.Same(first.Text, bound.Text);
            Assert.Equal(["b", "ids$$0"], bound.Parameters.Select(parameter => parameter.Name));
            Assert.Equal(Enumerable.Range(0, count), Items(bound.Parameters[1]).Select(value => value.AsInt32()));
        }
    }

    [Fact]
    public void Lists_ofOtherTypes_areOtherTexts()
    {
        BoundText ints = Bind("SELECT a FROM typed WHERE id IN {0}", 3);
        BoundText texts = Bind("SELECT a FROM typed WHERE id IN {0}", 3, i => i.ToString(CultureInfo.InvariantCulture));
        Assert.NotSame(ints.Text, texts.Text);
        Assert.Same(texts.Text, Bind("SELECT a FROM typed WHERE id IN {0}", 9, i => $"{i}").Text);
    }

    [Fact]
    public void Lists_withNull_keepIt()
    {
        BoundText bound = Bind("SELECT a FROM t WHERE id = ANY ({0})", 3, i => i == 1 ? DBNull.Value : i);
        SqlValue[] items = Items(bound.Parameters[0]);
        Assert.Equal([false, true, false], items.Select(value => value.IsNull));
    }

    [Theory]
    [InlineData("SELECT a FROM t WHERE id IN (@p1, @p3)")]
    [InlineData("SELECT a FROM t WHERE id IN (@p1, @p2 + 1)")]
    [InlineData("SELECT a FROM t WHERE id IN (@p1, 2)")]
    [InlineData("SELECT a FROM t WHERE s = 'x IN (@p1, @p2)'")]
    [InlineData("SELECT a FROM t /* x IN (@p1, @p2) */ WHERE id = @p1")]
    [InlineData("SELECT a FROM t -- x IN (@p1, @p2)\n WHERE id = @p1")]
    [InlineData("INSERT INTO t VALUES (@p1, @p2)")]
    [InlineData("SELECT greatest(@p1, @p2)")]
    [InlineData("SELECT ALL (@p1)")]
    [InlineData("SELECT position(@p1 IN (@p2))")]
    [InlineData("SELECT a FROM t WHERE id IN (@p1, @p2) AND b = 'a$$b'")]
    [InlineData("SELECT a FROM t WHERE id IN (@p01, @p02)")]
    public void Text_withAnythingElse_staysAsItIs(string text)
    {
        BoundText bound = BoundText.Of(text, Parameters(("p1", 1), ("p2", 2), ("p3", 3), ("p01", 1), ("p02", 2)), takesTrees: true);
        Assert.Null(bound.Folded);
        Assert.Same(StatementTexts.Get(text), bound.Text);
    }

    [Fact]
    public void List_ofSeveralTypes_staysAsItIs()
    {
        const string Text = "SELECT a FROM t WHERE id IN (@m1, @m2)";
        Assert.Null(BoundText.Of(Text, Parameters(("m1", 1), ("m2", 2L)), takesTrees: true).Folded);
        Assert.Null(BoundText.Of(Text, Parameters(("m1", DBNull.Value), ("m2", DBNull.Value)), takesTrees: true).Folded);
        ShardSqlException error = Assert.Throws<ShardSqlException>(
            () => BoundText.Of("SELECT a FROM t WHERE id IN (@n1, @n2)", Parameters(("n1", 1)), takesTrees: true));
        Assert.Equal(SqlStates.UndefinedParameter, error.SqlState);
    }

    [Fact]
    public void Item_thatAlsoStandsAlone_isBoth()
    {
        BoundText bound = BoundText.Of(
            "SELECT a FROM t WHERE id IN (@k1, @k2) OR b = @k2 OR c IN (@k1, @k2, @k3)",
            Parameters(("k1", 1), ("k2", 2), ("k3", 3)),
            takesTrees: true);
        Assert.Equal(["k$$0", "k2", "k$$1"], bound.Parameters.Select(parameter => parameter.Name));
        Assert.Equal([1, 2, 3], Items(bound.Parameters[2]).Select(value => value.AsInt32()));
    }

    [Fact]
    public async Task Statement_thatCameBefore_travelsAsItsNumber_whateverItsListsLength()
    {
        var lists = new Dictionary<string, SqlKind> { ["ids$$0"] = SqlKind.Int32 };
        using var gateway = new FakeGateway();
        gateway.On("SELECT id FROM t WHERE id IN (@ids$$0)", lists, statement => FakeResult.Single(
            "id", SqlType.Int32, ParameterList.Decode(statement.Parameters["ids$$0"].AsBytes(), SqlKind.Int32)));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        for (int count = 1; count < 40; count++)
        {
            await using var command = new ShardSqlCommand($"SELECT id FROM t WHERE id IN {List(count)}", connection);
            foreach (ShardSqlParameter item in Parameters(count, i => i))
            {
                command.Parameters.AddWithValue(item.ParameterName, item.Value!);
            }

            await using ShardSqlDataReader reader = await command.ExecuteReaderAsync();
            int rows = 0;
            while (await reader.ReadAsync())
            {
                Assert.Equal(rows++, reader.GetInt32(0));
            }

            Assert.Equal(count, rows);
        }

        Assert.Equal(
            [StatementSource.SourceOneofCase.Tree, .. Enumerable.Repeat(StatementSource.SourceOneofCase.Prepared, 38)],
            gateway.LastSession.Executes.Select(execute => execute.Statements.Single().SourceCase));
    }

    [Fact]
    public async Task Gateway_ofAnotherGrammar_getsTheTextAsItWasGiven()
    {
        using var gateway = new FakeGateway { GrammarVersion = 999 };
        gateway.On("SELECT 1 WHERE 1 IN (@a1, @a2)", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using var command = new ShardSqlCommand("SELECT 1 WHERE 1 IN (@a1, @a2)", connection);
        command.Parameters.AddWithValue("a1", 1);
        command.Parameters.AddWithValue("a2", 2);
        Assert.Equal(1, await command.ExecuteScalarAsync());
        Assert.Equal("SELECT 1 WHERE 1 IN (@a1, @a2)", gateway.LastSession.Executes.Single().Statements.Single().Text);
    }

    [Fact]
    public void PlaceInOriginal_behindAList_isThatOfTheTextThatWasGiven()
    {
        const string Text = "SELECT a FROM t WHERE x IN (@i1, @i2, @i3) AND y IN (@longer1) AND nope = 1";
        FoldedText folded = FoldedText.Of(Text, Parameters(("i1", 1), ("i2", 2), ("i3", 3), ("longer1", 4)))!;
        Assert.Equal("SELECT a FROM t WHERE x IN (@i$$0) AND y IN (@longer$$1) AND nope = 1", folded.Text);
        foreach (string word in (string[])["SELECT", "x IN", "y IN", "nope"])
        {
            int place = folded.Text.IndexOf(word, StringComparison.Ordinal) + 1;
            Assert.Equal(Text.IndexOf(word, StringComparison.Ordinal) + 1, folded.PlaceInOriginal(place));
        }
    }

    private static BoundText Bind(string text, int count, Func<int, object>? value = null)
    {
        ShardSqlParameterCollection parameters = Parameters(count, value ?? (i => i));
        parameters.AddWithValue("b", 1L);
        return BoundText.Of(
            text.Replace("{0}", List(count), StringComparison.Ordinal), parameters, takesTrees: true);
    }

    private static string List(int count) =>
        $"({string.Join(",", Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"@ids{i}")))})";

    private static ShardSqlParameterCollection Parameters(int count, Func<int, object> value) => Parameters(
        [.. Enumerable.Range(0, count).Select(i => (string.Create(CultureInfo.InvariantCulture, $"ids{i + 1}"), value(i)))]);

    private static ShardSqlParameterCollection Parameters(params (string Name, object Value)[] values)
    {
        var command = new ShardSqlCommand();
        foreach ((string name, object value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.Parameters;
    }

    private static SqlValue[] Items(Parameter parameter) =>
        ParameterList.Decode(ValueCodec.FromBytes(parameter.Value.Span).AsBytes(), SqlKind.Int32);
}
