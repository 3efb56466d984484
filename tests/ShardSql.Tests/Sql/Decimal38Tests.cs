using System;
using System.Globalization;
using System.Numerics;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class Decimal38Tests
{
    private static readonly string s_most = new('9', 38);

    [Theory]
    [InlineData("1.0", "2.25", "+", "3.25")]
    [InlineData("1.10", "2.2", "*", "2.420")]
    [InlineData("10", "3", "/", "3.3333333333333333")]
    [InlineData("1", "3", "/", "0.33333333333333333333")]
    [InlineData("2", "3", "/", "0.66666666666666666667")]
    [InlineData("100", "8", "/", "12.5000000000000000")]
    [InlineData("-7", "2", "%", "-1")]
    [InlineData("7.5", "-2", "%", "1.5")]
    [InlineData("0.1", "-0.30", "+", "-0.20")]
    public void Arithmetic_of_decimals_gives_what_PostgreSQL_gives(string left, string right, string op, string expected)
    {
        Decimal38 a = Decimal38.Parse(left);
        Decimal38 b = Decimal38.Parse(right);
        Decimal38 result = op switch
        {
            "+" => a + b,
            "*" => a * b,
            "/" => a / b,
            _ => a % b,
        };
        Assert.Equal(expected, result.ToString());
    }

    [Fact]
    public void Sum_and_product_are_exact_against_big_integers()
    {
        var random = new Prng(7);
        for (int i = 0; i < 5_000; i++)
        {
            Decimal38 a = SqlTestHelp.RandomValue(random, SqlKind.Decimal).AsDecimal();
            Decimal38 b = SqlTestHelp.RandomValue(random, SqlKind.Decimal).AsDecimal();
            BigInteger common = ((BigInteger)a.Unscaled * BigInteger.Pow(10, 38 - a.Scale))
                + ((BigInteger)b.Unscaled * BigInteger.Pow(10, 38 - b.Scale));
            Decimal38 sum;
            try
            {
                sum = a + b;
            }
            catch (SqlException e) when (e.SqlState == SqlStates.NumericOutOfRange)
            {
                Assert.True(BigInteger.Abs(common) >= BigInteger.Pow(10, 76) * 9 / 10, $"{a} + {b}");
                continue;
            }

            BigInteger got = (BigInteger)sum.Unscaled * BigInteger.Pow(10, 38 - sum.Scale);
            Assert.True(BigInteger.Abs(got - common) * 2 <= BigInteger.Pow(10, 38 - sum.Scale), $"{a} + {b} = {sum}");
            Assert.Equal(
                ((BigInteger)a.Unscaled * BigInteger.Pow(10, b.Scale))
                    .CompareTo((BigInteger)b.Unscaled * BigInteger.Pow(10, a.Scale)),
                a.CompareTo(b));
        }
    }

    [Fact]
    public void Largest_value_plus_one_is_22003()
    {
        Decimal38 most = Decimal38.Parse(s_most);
        SqlTestHelp.Fails(SqlStates.NumericOutOfRange, () => _ = most + Decimal38.One);
        SqlTestHelp.Fails(SqlStates.NumericOutOfRange, () => _ = most + most);
        SqlTestHelp.Fails(SqlStates.NumericOutOfRange, () => _ = most * Decimal38.Parse("10"));
        SqlTestHelp.Fails(SqlStates.DivisionByZero, () => _ = most / Decimal38.Zero);
        Assert.Equal("-" + s_most, (-most).ToString());
    }

    [Theory]
    [InlineData("99999999999999999999.999999999999999", "99999999999999999999.999999999999999")]
    [InlineData("1e-15", "0.000000000000001")]
    [InlineData("1.5e3", "1500")]
    [InlineData(".5", "0.5")]
    [InlineData("-0", "0")]
    [InlineData("000123.4500", "123.4500")]
    public void Parse_and_format_round_trip(string text, string expected) =>
        Assert.Equal(expected, Decimal38.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1.2.3")]
    [InlineData("1e")]
    [InlineData("abc")]
    [InlineData("1 2")]
    public void Parse_of_no_number_is_22P02(string text) =>
        SqlTestHelp.Fails(SqlStates.InvalidTextRepresentation, () => Decimal38.Parse(text));

    [Theory]
    [InlineData("2.5", 0, "3")]
    [InlineData("-2.5", 0, "-3")]
    [InlineData("2.449", 1, "2.4")]
    [InlineData("2.45", 1, "2.5")]
    [InlineData("149", -2, "100")]
    [InlineData("150", -2, "200")]
    [InlineData("1.5", 4, "1.5000")]
    public void Round_is_half_away_from_zero(string text, int scale, string expected) =>
        Assert.Equal(expected, Decimal38.Parse(text).Round(scale).ToString());

    [Theory]
    [InlineData("-1.5", "-2", "-1")]
    [InlineData("1.5", "1", "2")]
    [InlineData("-3", "-3", "-3")]
    public void Floor_and_ceiling_go_down_and_up(string text, string floor, string ceiling)
    {
        Assert.Equal(floor, Decimal38.Parse(text).Floor().ToString());
        Assert.Equal(ceiling, Decimal38.Parse(text).Ceiling().ToString());
    }

    [Fact]
    public void Conversion_to_system_decimal_rounds_to_what_fits()
    {
        Assert.Equal(100000000000000000000.00000000m, Decimal38.Parse("99999999999999999999.999999999999999").ToDecimal());
        Assert.Equal(decimal.MaxValue, Decimal38.FromDecimal(decimal.MaxValue).ToDecimal());
        Assert.Equal(decimal.MinValue, Decimal38.FromDecimal(decimal.MinValue).ToDecimal());
        Assert.Equal("1.10", Decimal38.FromDecimal(1.10m).ToDecimal().ToString(CultureInfo.InvariantCulture));
        Assert.Throws<OverflowException>(() => Decimal38.Parse(s_most).ToDecimal());
    }

    [Fact]
    public void Equal_values_of_other_scale_have_equal_hashes()
    {
        Assert.Equal(Decimal38.Parse("1.0"), Decimal38.Parse("1.000"));
        Assert.Equal(Decimal38.Parse("1.0").GetHashCode(), Decimal38.Parse("1.000").GetHashCode());
        Assert.Equal("0.1", Decimal38.FromDouble(0.1).ToString());
    }
}
