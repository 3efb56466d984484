using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Data.Types;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Commands;

public sealed class ParameterTests
{
    private enum Small : byte
    {
        Two = 2,
    }

    private enum Large : long
    {
        Most = long.MaxValue,
    }

    private static readonly Guid s_id = new("00112233-4455-6677-8899-aabbccddeeff");

    public static TheoryData<int> InferredCases => [.. Enumerable.Range(0, Inferred().Count)];

    public static TheoryData<int> TypedCases => [.. Enumerable.Range(0, Typed().Count)];

    [Theory]
    [MemberData(nameof(InferredCases))]
    public void Encode_without_DbType_follows_the_value(int index)
    {
        (object value, SqlValue expected) = Inferred()[index];
        AssertSame(expected, ParameterEncoder.Encode(new ShardSqlParameter("p", value)));
    }

    [Theory]
    [MemberData(nameof(TypedCases))]
    public void Encode_with_DbType_converts_what_fits(int index)
    {
        (DbType type, object value, SqlValue expected) = Typed()[index];
        AssertSame(expected, ParameterEncoder.Encode(new ShardSqlParameter("p", value) { DbType = type }));
    }

    [Fact]
    public void Encode_null_is_a_missing_value_and_DBNull_is_NULL()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("@p", null)));
        Assert.Contains("@p", error.Message, StringComparison.Ordinal);
        AssertSame(SqlValue.Null, ParameterEncoder.Encode(new ShardSqlParameter("p", DBNull.Value)));
        AssertSame(
            SqlValue.Null, ParameterEncoder.Encode(
                new ShardSqlParameter("p", DBNull.Value) { DbType = DbType.Object }));
    }

    [Fact]
    public void Encode_unsupported_type_names_type_and_parameter_and_no_value()
    {
        using var stream = new MemoryStream([1, 2, 3]);
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("@p", stream)));
        Assert.Contains("@p", error.Message, StringComparison.Ordinal);
        Assert.Contains("System.IO.MemoryStream", error.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("p", "<a/>") { DbType = DbType.Xml }));
        Assert.Throws<NotSupportedException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("p", "abc") { DbType = DbType.Int32 }));
    }

    [Fact]
    public void Encode_out_of_range_is_an_overflow()
    {
        Assert.Throws<OverflowException>(() => ParameterEncoder.Encode(new ShardSqlParameter("p", ulong.MaxValue)));
        Assert.Throws<OverflowException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("p", 70_000) { DbType = DbType.Int16 }));
        Assert.Throws<OverflowException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("p", TimeSpan.FromDays(1))));
        Assert.Throws<OverflowException>(
            () => ParameterEncoder.Encode(new ShardSqlParameter("p", TimeSpan.FromTicks(-1))));
    }

    [Fact]
    public void Encode_text_that_is_no_unicode_is_22021()
    {
        var command = new ShardSqlCommand("SELECT @p");
        command.Parameters.AddWithValue("p", "a\ud800b");
        ShardSqlException error = Assert.Throws<ShardSqlException>(() => ShardSql.Data.Commands.ParameterBinder.Bind(
            ShardSql.Data.Commands.StatementTexts.Get("SELECT @p"), command.Parameters, null));
        Assert.Equal(SqlStates.InvalidCharacter, error.SqlState);
    }

    [Fact]
    public void Size_cuts_text_and_bytes()
    {
        AssertSame(SqlValue.FromText("ab"), ParameterEncoder.Encode(new ShardSqlParameter("p", "abc") { Size = 2 }));
        AssertSame(SqlValue.FromText("abc"), ParameterEncoder.Encode(new ShardSqlParameter("p", "abc") { Size = -1 }));
        AssertSame(
            SqlValue.FromBytes([1]), ParameterEncoder.Encode(
                new ShardSqlParameter("p", new byte[] { 1, 2 }) { Size = 1 }));
    }

    [Fact]
    public void DbType_is_String_until_a_value_or_a_type_is_set()
    {
        var parameter = new ShardSqlParameter();
        Assert.Equal(DbType.String, parameter.DbType);
        Assert.Equal("", parameter.ParameterName);
        parameter.ParameterName = null;
        Assert.Equal("", parameter.ParameterName);
        parameter.Value = 4L;
        Assert.Equal(DbType.Int64, parameter.DbType);
        parameter.DbType = DbType.Int16;
        Assert.Equal(DbType.Int16, parameter.DbType);
        parameter.Value = null;
        parameter.ResetDbType();
        Assert.Equal(DbType.String, parameter.DbType);
        Assert.Throws<NotSupportedException>(() => parameter.Direction = ParameterDirection.Output);
        parameter.Direction = ParameterDirection.Input;
    }

    [Fact]
    public void Collection_finds_by_name_with_and_without_prefix_in_any_case()
    {
        ShardSqlParameterCollection parameters = new ShardSqlCommand().Parameters;
        ShardSqlParameter id = parameters.AddWithValue("@Id", 1);
        parameters.Add(new ShardSqlParameter("name", "x"));
        Assert.Same(id, parameters["id"]);
        Assert.Same(id, parameters[0]);
        Assert.True(parameters.Contains("@ID"));
        Assert.Equal(1, parameters.IndexOf("@name"));
        Assert.Throws<IndexOutOfRangeException>(() => parameters["nope"]);
        Assert.Throws<InvalidCastException>(() => parameters.Add("text"));
        parameters.RemoveAt("ID");
        Assert.Equal(["name"], parameters.Select(parameter => parameter.ParameterName));
    }

    [Fact]
    public async Task A_parameter_that_is_missing_is_42P02_and_one_too_many_is_ignored()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT @a", statement => FakeResult.Single("a", SqlType.Int32, statement.Parameters["a"]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand("SELECT @a", connection);
        command.Parameters.AddWithValue("b", 2);
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => command.ExecuteScalarAsync());
        Assert.Equal(SqlStates.UndefinedParameter, error.SqlState);
        Assert.Equal("parameter @a not supplied", error.Message);
        Assert.Empty(gateway.LastSession.Executes);

        command.Parameters.AddWithValue("A", 1);
        Assert.Equal(1, await command.ExecuteScalarAsync());
        Assert.Equal("a", Assert.Single(gateway.LastSession.Executes.Single().Parameters).Name);
    }

    [Fact]
    public async Task A_parameter_without_a_name_is_refused()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand("SELECT @a", connection);
        command.Parameters.Add(new ShardSqlParameter { Value = 1 });
        await Assert.ThrowsAsync<InvalidOperationException>(() => command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_long_list_of_parameters_binds_each_by_name()
    {
        using var gateway = new FakeGateway();
        string text =
            "SELECT a FROM t WHERE a IN (0," + string.Join(',', Enumerable.Range(0, 2000).Select(i => $"@ids{i}")) + ")";
        gateway.On(
            text, statement => FakeResult.Int32(statement.Parameters.Sum(parameter => parameter.Value.AsInt32())));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand(text, connection);
        foreach (int i in Enumerable.Range(0, 2000).Reverse())
        {
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"ids{i}"), i);
        }

        Assert.Equal(1_999_000, await command.ExecuteScalarAsync());
    }

    private static List<(object Value, SqlValue Expected)> Inferred() =>
    [
        (true, SqlValue.True),
        ((sbyte)-1, SqlValue.FromInt16(-1)),
        ((byte)255, SqlValue.FromInt16(255)),
        (short.MinValue, SqlValue.FromInt16(short.MinValue)),
        (ushort.MaxValue, SqlValue.FromInt32(65535)),
        (int.MaxValue, SqlValue.FromInt32(int.MaxValue)),
        (uint.MaxValue, SqlValue.FromInt64(uint.MaxValue)),
        (long.MinValue, SqlValue.FromInt64(long.MinValue)),
        (9ul, SqlValue.FromInt64(9)),
        (1.50m, SqlValue.FromDecimal(1.50m)),
        (decimal.MaxValue, SqlValue.FromDecimal(decimal.MaxValue)),
        (1.5f, SqlValue.FromReal(1.5f)),
        (2.23e-308, SqlValue.FromDouble(2.23e-308)),
        ("it's; DROP TABLE t --", SqlValue.FromText("it's; DROP TABLE t --")),
        ("", SqlValue.FromText("")),
        ('x', SqlValue.FromText("x")),
        (new[] { 'a', 'b' }, SqlValue.FromText("ab")),
        (Array.Empty<byte>(), SqlValue.FromBytes([])),
        (new byte[] { 0 }, SqlValue.FromBytes([0])),
        (new ReadOnlyMemory<byte>([1, 2]), SqlValue.FromBytes([1, 2])),
        (new ArraySegment<byte>([1, 2, 3], 1, 2), SqlValue.FromBytes([2, 3])),
        (s_id, SqlValue.FromUuid(s_id)),
        (new DateOnly(9999, 12, 31), SqlValue.FromDate(new DateOnly(9999, 12, 31))),
        (new TimeOnly(23, 59, 59), SqlValue.FromTime(new TimeOnly(23, 59, 59))),
        (new TimeSpan(1, 2, 3), SqlValue.FromTime(new TimeOnly(1, 2, 3))),
        (new DateTime(2026, 1, 2, 3, 4, 5), SqlValue.FromTimestamp(new DateTime(2026, 1, 2, 3, 4, 5))),
        (new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            SqlValue.FromTimestampTz(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))),
        (new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(14)),
            SqlValue.FromTimestampTz(new DateTimeOffset(2026, 1, 1, 13, 4, 5, TimeSpan.Zero))),
        (Small.Two, SqlValue.FromInt16(2)),
        (Large.Most, SqlValue.FromInt64(long.MaxValue)),
    ];

    private static List<(DbType Type, object Value, SqlValue Expected)> Typed() =>
    [
        (DbType.Boolean, false, SqlValue.False),
        (DbType.Byte, (byte)7, SqlValue.FromInt16(7)),
        (DbType.SByte, (sbyte)-7, SqlValue.FromInt16(-7)),
        (DbType.Int16, 7L, SqlValue.FromInt16(7)),
        (DbType.UInt16, 7, SqlValue.FromInt32(7)),
        (DbType.Int32, 7L, SqlValue.FromInt32(7)),
        (DbType.Int32, Small.Two, SqlValue.FromInt32(2)),
        (DbType.UInt32, 7, SqlValue.FromInt64(7)),
        (DbType.Int64, 7, SqlValue.FromInt64(7)),
        (DbType.UInt64, 7ul, SqlValue.FromInt64(7)),
        (DbType.Decimal, 7, SqlValue.FromDecimal(7m)),
        (DbType.Currency, 7.1m, SqlValue.FromDecimal(7.1m)),
        (DbType.VarNumeric, ulong.MaxValue, SqlValue.FromDecimal(18446744073709551615m)),
        (DbType.Single, 7, SqlValue.FromReal(7)),
        (DbType.Double, 7.5m, SqlValue.FromDouble(7.5)),
        (DbType.String, "x", SqlValue.FromText("x")),
        (DbType.AnsiString, "x", SqlValue.FromText("x")),
        (DbType.StringFixedLength, 'x', SqlValue.FromText("x")),
        (DbType.AnsiStringFixedLength, "x", SqlValue.FromText("x")),
        (DbType.String, 5, SqlValue.FromInt32(5)),
        (DbType.Binary, new byte[] { 1 }, SqlValue.FromBytes([1])),
        (DbType.Guid, s_id, SqlValue.FromUuid(s_id)),
        (DbType.Date, new DateTime(2026, 1, 2, 3, 4, 5), SqlValue.FromDate(new DateOnly(2026, 1, 2))),
        (DbType.Date, new DateOnly(1, 1, 1), SqlValue.FromDate(new DateOnly(1, 1, 1))),
        (DbType.Time, new TimeSpan(1, 2, 3), SqlValue.FromTime(new TimeOnly(1, 2, 3))),
        (DbType.DateTime, new DateTime(2026, 1, 2), SqlValue.FromTimestamp(new DateTime(2026, 1, 2))),
        (
            DbType.DateTime2, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc), SqlValue.FromTimestamp(
                new DateTime(2026, 1, 2))),
        (DbType.DateTimeOffset, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc),
            SqlValue.FromTimestampTz(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero))),
        (DbType.Object, 5L, SqlValue.FromInt64(5)),
        (DbType.Int32, DBNull.Value, SqlValue.NullOf(SqlKind.Int32)),
        (DbType.String, DBNull.Value, SqlValue.NullOf(SqlKind.Text)),
    ];

    private static void AssertSame(SqlValue expected, SqlValue actual)
    {
        Assert.Equal(expected.Kind, actual.Kind);
        Assert.Equal(ValueCodec.ToBytes(expected), ValueCodec.ToBytes(actual));
    }
}
