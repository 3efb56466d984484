using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

internal static class SqlTestHelp
{
    public static Statement ParseOne(string text) => Assert.Single(SqlParser.Parse(text).Statements);

    /// <summary>The expression of SELECT expression.</summary>
    public static Expression ParseExpression(string text) => ParseOne("SELECT " + text).Select.Items[0].Expression;

    public static BoundExpression Bind(string text, params (string Name, SqlValue Value)[] parameters) =>
        ExpressionBinder.Bind(ParseExpression(text), RowScope.Empty, Types(parameters));

    /// <summary>Evaluates directly and again after a round trip through the message: both must agree.</summary>
    public static SqlValue Evaluate(string text, params (string Name, SqlValue Value)[] parameters)
    {
        BoundExpression bound = Bind(text, parameters);
        SqlValue[] values = [.. parameters.Select(p => p.Value)];
        var travelled = BoundExpression.FromMessage(
            Expression.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(bound.ToMessage())));
        SqlValue value = bound.Evaluate([], values);
        Assert.Equal(value, travelled.Evaluate([], values));
        Assert.Equal(bound.Type, travelled.Type);
        return value;
    }

    public static string Text(string text, params (string Name, SqlValue Value)[] parameters) =>
        Evaluate(text, parameters).ToText();

    public static SqlException Fails(string sqlState, Action action)
    {
        SqlException error = Assert.Throws<SqlException>(action);
        Assert.Equal(sqlState, error.SqlState);
        return error;
    }

    public static SqlException FailsToParse(string sqlState, string text) =>
        Fails(sqlState, () => SqlParser.Parse(text));

    public static ParameterSet Types(params (string Name, SqlValue Value)[] parameters) => new(
        parameters.Select(p => new KeyValuePair<string, SqlType>(p.Name, new SqlType(p.Value.Kind))));

    public static SqlValue RandomValue(Prng random, SqlKind kind)
    {
        long wide = (long)random.NextUInt64() >> random.Next(64);
        return kind switch
        {
            SqlKind.Boolean => SqlValue.FromBoolean(random.Next(2) == 0),
            SqlKind.Int16 => SqlValue.FromInt16((short)wide),
            SqlKind.Int32 => SqlValue.FromInt32((int)wide),
            SqlKind.Int64 => SqlValue.FromInt64(wide),
            SqlKind.Decimal => SqlValue.FromDecimal(RandomDecimal(random)),
            SqlKind.Real => SqlValue.FromReal(random.Next(10) == 0
                ? float.NaN : BitConverter.UInt32BitsToSingle((uint)random.NextUInt64())),
            SqlKind.Double => SqlValue.FromDouble(random.Next(10) == 0
                ? -0.0 : BitConverter.UInt64BitsToDouble(random.NextUInt64())),
            SqlKind.Text => SqlValue.FromText(RandomText(random)),
            SqlKind.Json => SqlValue.FromJson("\"x\""),
            SqlKind.Bytes => SqlValue.FromBytes(
                [.. Enumerable.Range(0, random.Next(5)).Select(_ => (byte)(random.Next(3) * 127))]),
            SqlKind.Uuid => SqlValue.FromUuid(new Guid(
                (int)random.NextUInt64(), (short)wide, 3, 4, 5, 6, 7, 8, 9, 10, (byte)wide)),
            SqlKind.Date => SqlValue.FromDate(random.Next(-719162, 2932897)),
            SqlKind.Time => SqlValue.FromTime((long)(random.NextUInt64() % 86_400_000_000)),
            SqlKind.Timestamp => SqlValue.FromTimestamp(wide % 62_000_000_000_000_000),
            SqlKind.Timestamptz => SqlValue.FromTimestampTz(wide % 62_000_000_000_000_000),
            _ => SqlValue.Null,
        };
    }

    private static Decimal38 RandomDecimal(Prng random)
    {
        var wide = new Int128(random.NextUInt64(), random.NextUInt64());
        var limit = (Int128)System.Numerics.BigInteger.Pow(10, Decimal38.MaxDigits);
        return new Decimal38((wide >> random.Next(127)) % limit, random.Next(Decimal38.MaxDigits + 1));
    }

    private static string RandomText(Prng random)
    {
        string[] parts = ["", "a", "b", "ab", "\0", "é", "\uFFFF", "\uE000", "😀", "Z", "\u0001", "'"];
        return string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => parts[random.Next(parts.Length)]));
    }
}
