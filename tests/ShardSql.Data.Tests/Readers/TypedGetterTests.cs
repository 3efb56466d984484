using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Readers;

/// <summary>
/// Every type × every getter × (NULL, zero, least, most). What a getter gives for a type is one table; what the table
/// does not have must be an InvalidCastException, or an OverflowException where a number does not fit.
/// </summary>
public sealed class TypedGetterTests
{
    private static readonly Guid s_most = new("ffffffff-ffff-ffff-ffff-ffffffffffff");
    private static readonly DateTime s_last = new(9999, 12, 31, 23, 59, 59, 999);

    private static readonly (SqlType Type, SqlValue[] Values, object[] Objects)[] s_types =
    [
        (SqlType.Boolean, [SqlValue.False, SqlValue.False, SqlValue.True], [false, false, true]),
        (SqlType.Int16, [SqlValue.FromInt16(0), SqlValue.FromInt16(short.MinValue), SqlValue.FromInt16(short.MaxValue)],
            [(short)0, short.MinValue, short.MaxValue]),
        (SqlType.Int32, [SqlValue.FromInt32(0), SqlValue.FromInt32(int.MinValue), SqlValue.FromInt32(int.MaxValue)],
            [0, int.MinValue, int.MaxValue]),
        (SqlType.Int64, [SqlValue.FromInt64(0), SqlValue.FromInt64(long.MinValue), SqlValue.FromInt64(long.MaxValue)],
            [0L, long.MinValue, long.MaxValue]),
        (SqlType.Decimal,
            [SqlValue.FromDecimal(0m), SqlValue.FromDecimal(decimal.MinValue), SqlValue.FromDecimal(decimal.MaxValue)],
            [0m, decimal.MinValue, decimal.MaxValue]),
        (SqlType.Real, [SqlValue.FromReal(0), SqlValue.FromReal(float.MinValue), SqlValue.FromReal(float.MaxValue)],
            [0f, float.MinValue, float.MaxValue]),
        (SqlType.Double, [SqlValue.FromDouble(0), SqlValue.FromDouble(2.23e-308), SqlValue.FromDouble(1.79e308)],
            [0d, 2.23e-308, 1.79e308]),
        (
            SqlType.Text, [SqlValue.FromText(""), SqlValue.FromText("a"), SqlValue.FromText("Grüße 😀")], ["", "a",
                "Grüße 😀"]),
        (
            SqlType.Json, [SqlValue.FromJson("{}"), SqlValue.FromJson("1"), SqlValue.FromJson("[null]")], ["{}", "1",
                "[null]"]),
        (SqlType.Bytes, [SqlValue.FromBytes([]), SqlValue.FromBytes([0]), SqlValue.FromBytes([255, 1])],
            [Array.Empty<byte>(), new byte[] { 0 }, new byte[] { 255, 1 }]),
        (SqlType.Uuid, [SqlValue.FromUuid(Guid.Empty), SqlValue.FromUuid(Guid.Empty), SqlValue.FromUuid(s_most)],
            [Guid.Empty, Guid.Empty, s_most]),
        (SqlType.Date,
            [SqlValue.FromDate(0), SqlValue.FromDate(DateOnly.MinValue), SqlValue.FromDate(DateOnly.MaxValue)],
            [DateTime.UnixEpoch, DateTime.MinValue, new DateTime(9999, 12, 31)]),
        (SqlType.Time, [SqlValue.FromTime(0), SqlValue.FromTime(1), SqlValue.FromTime(86_399_999_999)],
            [TimeSpan.Zero, TimeSpan.FromMicroseconds(1), new TimeSpan(0, 23, 59, 59, 999, 999)]),
        (SqlType.Timestamp,
            [SqlValue.FromTimestamp(0), SqlValue.FromTimestamp(DateTime.MinValue), SqlValue.FromTimestamp(s_last)],
            [DateTime.UnixEpoch, DateTime.MinValue, s_last]),
        (SqlType.TimestampTz,
            [SqlValue.FromTimestampTz(0), SqlValue.FromTimestampTz(DateTimeOffset.MinValue),
                SqlValue.FromTimestampTz(new DateTimeOffset(s_last, TimeSpan.Zero))],
            [DateTimeOffset.UnixEpoch, DateTimeOffset.MinValue, new DateTimeOffset(s_last, TimeSpan.Zero)]),
    ];

    private static readonly Dictionary<string, (Func<ShardSqlDataReader, object> Get, SqlKind[] From)> s_getters = new()
    {
        ["GetBoolean"] = (r => r.GetBoolean(0), [SqlKind.Boolean]),
        ["GetByte"] = (r => r.GetByte(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["GetInt16"] = (r => r.GetInt16(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["GetInt32"] = (r => r.GetInt32(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["GetInt64"] = (r => r.GetInt64(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["GetDecimal"] = (r => r.GetDecimal(0), [SqlKind.Decimal, SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["GetFloat"] = (r => r.GetFloat(0), [SqlKind.Real, SqlKind.Decimal]),
        ["GetDouble"] = (r => r.GetDouble(0), [SqlKind.Double, SqlKind.Real, SqlKind.Decimal]),
        ["GetString"] = (r => r.GetString(0), [SqlKind.Text, SqlKind.Json]),
        ["GetTextReader"] = (r => r.GetTextReader(0).ReadToEnd(), [SqlKind.Text, SqlKind.Json]),
        ["GetChars"] = (r => r.GetChars(0, 0, null, 0, 0), [SqlKind.Text, SqlKind.Json]),
        ["GetBytes"] = (r => r.GetBytes(0, 0, null, 0, 0), [SqlKind.Bytes]),
        ["GetStream"] = (r => r.GetStream(0).Length, [SqlKind.Bytes]),
        ["GetGuid"] = (r => r.GetGuid(0), [SqlKind.Uuid]),
        ["GetDateTime"] = (r => r.GetDateTime(0), [SqlKind.Date, SqlKind.Timestamp, SqlKind.Timestamptz]),
        ["GetDateTimeOffset"] = (r => r.GetDateTimeOffset(0), [SqlKind.Timestamptz]),
        ["GetTimeSpan"] = (r => r.GetTimeSpan(0), [SqlKind.Time]),
        ["bool"] = (r => r.GetFieldValue<bool>(0), [SqlKind.Boolean]),
        ["sbyte"] = (r => r.GetFieldValue<sbyte>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["ushort"] = (r => r.GetFieldValue<ushort>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["uint"] = (r => r.GetFieldValue<uint>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["ulong"] = (r => r.GetFieldValue<ulong>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["int"] = (r => r.GetFieldValue<int>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["long"] = (r => r.GetFieldValue<long>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["DayOfWeek"] = (r => r.GetFieldValue<DayOfWeek>(0), [SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["DateOnly"] = (r => r.GetFieldValue<DateOnly>(0), [SqlKind.Date]),
        ["TimeOnly"] = (r => r.GetFieldValue<TimeOnly>(0), [SqlKind.Time]),
        ["TimeSpan"] = (r => r.GetFieldValue<TimeSpan>(0), [SqlKind.Time]),
        ["DateTime"] = (r => r.GetFieldValue<DateTime>(0), [SqlKind.Date, SqlKind.Timestamp, SqlKind.Timestamptz]),
        ["DateTimeOffset"] = (r => r.GetFieldValue<DateTimeOffset>(0), [SqlKind.Timestamptz]),
        ["Guid"] = (r => r.GetFieldValue<Guid>(0), [SqlKind.Uuid]),
        ["byte[]"] = (r => r.GetFieldValue<byte[]>(0), [SqlKind.Bytes]),
        ["string"] = (r => r.GetFieldValue<string>(0), [SqlKind.Text, SqlKind.Json]),
        ["Decimal38"] = (
            r => r.GetFieldValue<Decimal38>(0), [SqlKind.Decimal, SqlKind.Int16, SqlKind.Int32, SqlKind.Int64]),
        ["Stream"] = (r => r.GetFieldValue<Stream>(0).Length, [SqlKind.Bytes]),
        ["TextReader"] = (r => r.GetFieldValue<TextReader>(0).ReadToEnd(), [SqlKind.Text, SqlKind.Json]),
        ["Version"] = (r => r.GetFieldValue<Version>(0), []),
    };

    public static TheoryData<int> Types => [.. Enumerable.Range(0, s_types.Length)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Every_getter_converts_strictly(int index)
    {
        (SqlType type, SqlValue[] values, object[] objects) = s_types[index];
        await ForEachRowAsync(type, [.. values, SqlValue.NullOf(type.Kind)], (reader, row) =>
        {
            bool isNull = row == values.Length;
            foreach ((string name, (Func<ShardSqlDataReader, object> get, SqlKind[] from)) in s_getters)
            {
                if (isNull || !from.Contains(type.Kind))
                {
                    InvalidCastException error = Assert.Throws<InvalidCastException>(() => get(reader));
                    Assert.Contains(
                        $"column 'c' is {type.ToString().ToUpperInvariant()}", error.Message, StringComparison.Ordinal);
                    continue;
                }

                Check(name, () => get(reader), objects[row]);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task GetValue_gives_the_type_that_GetFieldType_says(int index)
    {
        (SqlType type, SqlValue[] values, object[] objects) = s_types[index];
        await ForEachRowAsync(type, [.. values, SqlValue.NullOf(type.Kind)], (reader, row) =>
        {
            bool isNull = row == values.Length;
            Assert.Equal(isNull, reader.IsDBNull(0));
            object value = reader.GetValue(0);
            Assert.Equal(isNull ? DBNull.Value : objects[row], value);
            Assert.Equal(value, reader.GetFieldValue<object>(0));
            Assert.Equal(value, reader[0]);
            if (!isNull)
            {
                Assert.Equal(reader.GetFieldType(0), value.GetType());
            }
        });
    }

    [Fact]
    public async Task Nullable_types_give_null_for_NULL()
    {
        await ForEachRowAsync(SqlType.Int32, [SqlValue.NullOf(SqlKind.Int32), SqlValue.FromInt32(3)], (reader, row) =>
        {
            Assert.Equal(row == 0 ? null : 3, reader.GetFieldValue<int?>(0));
            Assert.Equal(row == 0 ? null : 3L, reader.GetFieldValue<long?>(0));
            Assert.Equal(row == 0 ? null : DayOfWeek.Wednesday, reader.GetFieldValue<DayOfWeek?>(0));
        });
    }

    [Fact]
    public async Task A_decimal_beyond_System_Decimal_is_rounded_or_an_overflow_and_whole_as_Decimal38()
    {
        Decimal38 digits = Decimal38.Parse("99999999999999999999.999999999999999");
        Decimal38 huge = Decimal38.Parse("99999999999999999999999999999999999999");
        await ForEachRowAsync(SqlType.Decimal, [SqlValue.FromDecimal(digits), SqlValue.FromDecimal(huge)],
            (reader, row) =>
        {
            Assert.Equal(row == 0 ? digits : huge, reader.GetFieldValue<Decimal38>(0));
            if (row == 0)
            {
                Assert.Equal(100000000000000000000m, decimal.Round(reader.GetDecimal(0), 5));
            }
            else
            {
                Assert.Throws<OverflowException>(() => reader.GetDecimal(0));
            }
        });
    }

    [Fact]
    public async Task A_timestamptz_read_as_DateTime_is_UTC()
    {
        await ForEachRowAsync(SqlType.TimestampTz, [SqlValue.FromTimestampTz(0)], (reader, _) =>
            Assert.Equal(DateTimeKind.Utc, reader.GetDateTime(0).Kind));
    }

    [Fact]
    public async Task GetChar_reads_text_of_one_character()
    {
        await ForEachRowAsync(SqlType.Text, [SqlValue.FromText("x"), SqlValue.FromText("xy")], (reader, row) =>
        {
            if (row == 0)
            {
                Assert.Equal('x', reader.GetChar(0));
                Assert.Equal('x', reader.GetFieldValue<char>(0));
            }
            else
            {
                Assert.Throws<InvalidCastException>(() => reader.GetChar(0));
            }
        });
    }

    /// <summary>A getter that takes the type gives the same value, or says that the number does not fit.</summary>
    private static void Check(string getter, Func<object> get, object expected)
    {
        object actual;
        try
        {
            actual = get();
        }
        catch (OverflowException)
        {
            Assert.True(expected is short or int or long, $"{getter} overflowed on {expected}");
            Assert.True(Convert.ToInt64(expected, null) is not 0, $"{getter} overflowed on zero");
            return;
        }

        switch (actual)
        {
            case DayOfWeek day:
                Assert.Equal(Convert.ToInt64(expected, null), (int)day);
                break;
            case DateOnly date:
                Assert.Equal(expected, date.ToDateTime(TimeOnly.MinValue));
                break;
            case TimeOnly time:
                Assert.Equal(expected, time.ToTimeSpan());
                break;
            case DateTime when expected is DateTimeOffset offset:
                Assert.Equal(offset.UtcDateTime, actual);
                break;
            case Decimal38 number:
                Assert.Equal(Convert.ToDecimal(expected, null), number.ToDecimal());
                break;
            case float or double:
                Assert.Equal(
                    Convert.ToDouble(expected, null), Convert.ToDouble(actual, null),
                    1e22 * Math.Abs(Convert.ToDouble(expected, null)) / 1e28);
                break;
            case long length when expected is byte[] bytes:
                Assert.Equal(bytes.Length, length);
                break;
            case long length when expected is string text:
                Assert.Equal(text.Length, length);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                Assert.Equal(Convert.ToDecimal(expected, null), Convert.ToDecimal(actual, null));
                break;
            default:
                Assert.Equal(expected, actual);
                break;
        }
    }

    private static async Task ForEachRowAsync(SqlType type, SqlValue[] values, Action<ShardSqlDataReader, int> check)
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT c FROM t", FakeResult.Single("c", type, values));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand("SELECT c FROM t", connection)
            .ExecuteReaderAsync();
        for (int row = 0; row < values.Length; row++)
        {
            Assert.True(await reader.ReadAsync());
            check(reader, row);
        }

        Assert.False(await reader.ReadAsync());
    }
}
