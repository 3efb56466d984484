using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class AggregateTests
{
    private static readonly RowScope s_scope = new(
    [
        new ScopeColumn("t", "g", SqlType.Int32, false),
        new ScopeColumn("t", "i", SqlType.Int32, true),
        new ScopeColumn("t", "l", SqlType.Int64, true),
        new ScopeColumn("t", "d", SqlType.DecimalOf(10, 2), true),
        new ScopeColumn("t", "f", SqlType.Double, true),
        new ScopeColumn("t", "s", SqlType.Text, true),
    ]);

    [Theory]
    [InlineData("count(*)", SqlKind.Int64, "4")]
    [InlineData("count(i)", SqlKind.Int64, "3")]
    [InlineData("count(DISTINCT i)", SqlKind.Int64, "2")]
    [InlineData("sum(i)", SqlKind.Int64, "5")]
    [InlineData("sum(DISTINCT i)", SqlKind.Int64, "3")]
    [InlineData("sum(l)", SqlKind.Decimal, "5")]
    [InlineData("avg(i)", SqlKind.Decimal, "1.6666666666666667")]
    [InlineData("sum(d)", SqlKind.Decimal, "6.50")]
    [InlineData("avg(f)", SqlKind.Double, "1.6666666666666667")]
    [InlineData("min(s)", SqlKind.Text, "1")]
    [InlineData("max(d)", SqlKind.Decimal, "2.50")]
    [InlineData("max(i) + count(*) * 2", SqlKind.Int64, "10")]
    [InlineData("coalesce(sum(i), 0) > 4", SqlKind.Boolean, "true")]
    public void Bind_of_aggregates_gives_PostgreSQLs_types_and_values(string text, SqlKind kind, string expected)
    {
        var binding = new AggregateBinding(s_scope, [], null);
        BoundExpression outer = binding.Bind(SqlTestHelp.ParseExpression(text));
        Assert.Equal(kind, outer.Type.Kind);
        SqlValue[] results = [.. binding.Calls.Select(c => Run(AggregateCall.FromMessage(c.ToMessage()), Rows()))];
        Assert.Equal(expected, outer.Evaluate(results, []).ToText());
    }

    [Theory]
    [InlineData("sum(i)", "NULL")]
    [InlineData("avg(d)", "NULL")]
    [InlineData("max(s)", "NULL")]
    [InlineData("count(i)", "0")]
    public void Result_over_no_rows(string text, string expected) =>
        Assert.Equal(expected, Run(Call(text), []).ToText());

    [Theory]
    [InlineData("count(*)")]
    [InlineData("count(i)")]
    [InlineData("sum(i)")]
    [InlineData("sum(l)")]
    [InlineData("sum(d)")]
    [InlineData("avg(d)")]
    [InlineData("avg(i)")]
    [InlineData("min(s)")]
    [InlineData("max(DISTINCT d)")]
    public void Partials_of_shards_merge_to_the_result_of_all_rows(string text)
    {
        var random = new Prng(3);
        AggregateCall call = Call(text);
        for (int round = 0; round < 200; round++)
        {
            List<SqlValue[]> rows = [.. Enumerable.Range(0, random.Next(20)).Select(_ => Row(
                random.Next(3), random.Next(4) == 0 ? null : random.Next(-100, 100)))];
            IAggregateState merged = call.CreateState();
            int cut = random.Next(rows.Count + 1);
            foreach (List<SqlValue[]> part in new[] { rows[..cut], rows[cut..], [] })
            {
                var partial = new SqlValue[call.PartialTypes.Count];
                Fill(call, part).WritePartial(partial);
                var reader = new ByteReader(RowCodec.ToBytes(partial));
                merged.MergePartial(RowCodec.Read(ref reader));
            }

            Assert.Equal(Run(call, rows), merged.Result);
        }
    }

    [Fact]
    public void Bind_of_a_grouped_query_replaces_keys_and_shares_aggregates()
    {
        var binding = new AggregateBinding(s_scope, [SqlTestHelp.ParseExpression("t.g % 2")], null);
        BoundExpression first = binding.Bind(SqlTestHelp.ParseExpression("g % 2 + count(*)"));
        BoundExpression second = binding.Bind(SqlTestHelp.ParseExpression("count(*) * sum(i)"));
        Assert.Equal(2, binding.Calls.Count);
        Assert.Equal("4", first.Evaluate([SqlValue.FromInt32(1), SqlValue.FromInt64(3), SqlValue.FromInt64(5)], []).ToText());
        Assert.Equal("15", second.Evaluate([SqlValue.FromInt32(1), SqlValue.FromInt64(3), SqlValue.FromInt64(5)], []).ToText());
        Assert.Equal("1", binding.Keys[0].Evaluate(Row(7, 0), []).ToText());
    }

    [Theory]
    [InlineData("i", SqlStates.GroupingError)]
    [InlineData("i + count(*)", SqlStates.GroupingError)]
    [InlineData("sum(count(*))", SqlStates.GroupingError)]
    [InlineData("sum(s)", SqlStates.UndefinedFunction)]
    [InlineData("avg(nothing)", SqlStates.UndefinedColumn)]
    public void Bind_of_what_cannot_be_grouped_is_refused(string text, string state)
    {
        var binding = new AggregateBinding(s_scope, [SqlTestHelp.ParseExpression("g")], null);
        SqlException error = SqlTestHelp.Fails(state, () => binding.Bind(SqlTestHelp.ParseExpression(text)));
        Assert.True(error.Position > 0);
    }

    [Fact]
    public void Sum_beyond_int64_is_22003()
    {
        IAggregateState state = Call("sum(i)").CreateState();
        state.MergePartial([SqlValue.FromDecimal(new Decimal38(long.MaxValue, 0))]);
        state.Add(SqlValue.FromInt32(1));
        SqlTestHelp.Fails(SqlStates.NumericOutOfRange, () => _ = state.Result);
    }

    private static AggregateCall Call(string text)
    {
        var binding = new AggregateBinding(s_scope, [], null);
        binding.Bind(SqlTestHelp.ParseExpression(text));
        return Assert.Single(binding.Calls);
    }

    private static SqlValue Run(AggregateCall call, IEnumerable<SqlValue[]> rows) => Fill(call, rows).Result;

    private static IAggregateState Fill(AggregateCall call, IEnumerable<SqlValue[]> rows)
    {
        IAggregateState state = call.CreateState();
        foreach (SqlValue[] row in rows)
        {
            state.Add(call.Argument?.Evaluate(row, []) ?? SqlValue.Null);
        }

        return state;
    }

    private static SqlValue[][] Rows() => [Row(1, 1), Row(1, 2), Row(2, 2), Row(2, null)];

    private static SqlValue[] Row(int group, int? number) => number is null
        ? [SqlValue.FromInt32(group), .. Enumerable.Repeat(SqlValue.Null, 5)]
        :
        [
            SqlValue.FromInt32(group),
            SqlValue.FromInt32(number.Value),
            SqlValue.FromInt64(number.Value),
            SqlValue.FromDecimal(number.Value + 0.50m),
            SqlValue.FromDouble(number.Value),
            SqlValue.FromText(number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ];
}
