using System;
using System.Collections.Generic;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>
/// Every typed getter over every type, for null, empty, zero, one, minimum and maximum, through a real cluster. What is
/// not in <see cref="s_allowed"/> is an InvalidCastException; a number that does not fit is an OverflowException.
/// </summary>
[Collection(ConformanceCollection.Name)]
public sealed class GetterTests(ConformanceFixture fixture)
{
    private static readonly string[] s_kinds = ["null", "empty", "zero", "one", "minimum", "maximum"];

    private static readonly Dictionary<string, object?[]> s_values = new()
    {
        ["Binary"] = [null, Array.Empty<byte>(), new byte[] { 0 }, new byte[] { 0x11 }, new byte[] { 0 }, new byte[] { 255, 255 }],
        ["Boolean"] = [null, null, false, true, false, true],
        ["Date"] = [null, null, null, new DateTime(1111, 11, 11), DateTime.MinValue, new DateTime(9999, 12, 31)],
        ["DateTime"] =
            [null, null, null, new DateTime(1111, 11, 11, 11, 11, 11, 111), DateTime.MinValue, new DateTime(9999, 12, 31, 23, 59, 59, 999)],
        ["DateTimeOffset"] =
        [
            null, null, null, new DateTimeOffset(1111, 11, 11, 11, 11, 11, 111, TimeSpan.Zero), DateTimeOffset.MinValue,
            new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero),
        ],

        // 35 digits are more than System.Decimal has; it keeps 29 of them.
        ["Decimal"] = [null, null, 0m, 1m, 0.000000000000001m, 100000000000000000000.00000000m],
        ["Double"] = [null, null, 0d, 1d, 2.23e-308, 1.79e308],
        ["Guid"] =
        [
            null, null, Guid.Empty, new Guid("11111111-1111-1111-1111-111111111111"),
            new Guid("33221100-5544-7766-9988-aabbccddeeff"), new Guid("ccddeeff-aabb-8899-7766-554433221100"),
        ],
        ["Int16"] = [null, null, (short)0, (short)1, short.MinValue, short.MaxValue],
        ["Int32"] = [null, null, 0, 1, int.MinValue, int.MaxValue],
        ["Int64"] = [null, null, 0L, 1L, long.MinValue, long.MaxValue],
        ["Single"] = [null, null, 0f, 1f, 1.18e-38f, 3.40e38f],
        ["String"] = [null, "", "0", "1", "min", "Grüße 😀"],
        ["Time"] = [null, null, TimeSpan.Zero, new TimeSpan(0, 11, 11, 11, 111), TimeSpan.Zero, new TimeSpan(0, 23, 59, 59, 999)],
        ["Json"] = [null, "{}", "0", "1", "[]", "{\"a\": \"😀\"}"],
    };

    private static readonly Dictionary<string, Func<DbDataReader, object?>> s_getters = new()
    {
        ["GetBoolean"] = r => r.GetBoolean(0),
        ["GetByte"] = r => r.GetByte(0),
        ["GetBytes"] = r => r.GetBytes(0, 0, null, 0, 0),
        ["GetChar"] = r => r.GetChar(0),
        ["GetChars"] = r => r.GetChars(0, 0, null, 0, 0),
        ["GetDateTime"] = r => r.GetDateTime(0),
        ["GetDecimal"] = r => r.GetDecimal(0),
        ["GetDouble"] = r => r.GetDouble(0),
        ["GetFloat"] = r => r.GetFloat(0),
        ["GetGuid"] = r => r.GetGuid(0),
        ["GetInt16"] = r => r.GetInt16(0),
        ["GetInt32"] = r => r.GetInt32(0),
        ["GetInt64"] = r => r.GetInt64(0),
        ["GetString"] = r => r.GetString(0),
        ["GetStream"] = r => r.GetStream(0),
        ["GetTextReader"] = r => r.GetTextReader(0),
        ["GetFieldValue<bool>"] = r => r.GetFieldValue<bool>(0),
        ["GetFieldValue<byte>"] = r => r.GetFieldValue<byte>(0),
        ["GetFieldValue<byte[]>"] = r => r.GetFieldValue<byte[]>(0),
        ["GetFieldValue<DateTime>"] = r => r.GetFieldValue<DateTime>(0),
        ["GetFieldValue<DateTimeOffset>"] = r => r.GetFieldValue<DateTimeOffset>(0),
        ["GetFieldValue<DateOnly>"] = r => r.GetFieldValue<DateOnly>(0),
        ["GetFieldValue<TimeOnly>"] = r => r.GetFieldValue<TimeOnly>(0),
        ["GetFieldValue<TimeSpan>"] = r => r.GetFieldValue<TimeSpan>(0),
        ["GetFieldValue<decimal>"] = r => r.GetFieldValue<decimal>(0),
        ["GetFieldValue<double>"] = r => r.GetFieldValue<double>(0),
        ["GetFieldValue<float>"] = r => r.GetFieldValue<float>(0),
        ["GetFieldValue<Guid>"] = r => r.GetFieldValue<Guid>(0),
        ["GetFieldValue<short>"] = r => r.GetFieldValue<short>(0),
        ["GetFieldValue<int>"] = r => r.GetFieldValue<int>(0),
        ["GetFieldValue<long>"] = r => r.GetFieldValue<long>(0),
        ["GetFieldValue<string>"] = r => r.GetFieldValue<string>(0),
    };

    /// <summary>The types that a getter takes; of GetFieldValue, those of its T.</summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Boolean"] = ["Boolean"],
        ["Byte"] = ["Int16", "Int32", "Int64"],
        ["Bytes"] = ["Binary"],
        ["Length"] = ["Binary"],
        ["Char"] = ["String", "Json"],
        ["Chars"] = ["String", "Json"],
        ["DateTime"] = ["Date", "DateTime", "DateTimeOffset"],
        ["DateTimeOffset"] = ["DateTimeOffset"],
        ["DateOnly"] = ["Date"],
        ["TimeOnly"] = ["Time"],
        ["TimeSpan"] = ["Time"],
        ["Decimal"] = ["Decimal", "Int16", "Int32", "Int64"],
        ["Double"] = ["Double", "Single", "Decimal"],
        ["Float"] = ["Single", "Decimal"],
        ["Guid"] = ["Guid"],
        ["Int16"] = ["Int16", "Int32", "Int64"],
        ["Int32"] = ["Int16", "Int32", "Int64"],
        ["Int64"] = ["Int16", "Int32", "Int64"],
        ["String"] = ["String", "Json"],
        ["Stream"] = ["Binary"],
        ["TextReader"] = ["String", "Json"],
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string type in s_values.Keys)
            {
                foreach (string getter in s_getters.Keys)
                {
                    cases.Add(type, getter);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string> Types => [.. s_values.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Getter_of_type_gives_the_value_or_refuses(string type, string getter)
    {
        string target = TargetOf(getter);
        await ForEachAsync(type, (reader, kind, value) =>
        {
            object? Get() => s_getters[getter](reader);
            if (value is null || !s_allowed[target].Contains(type) || (target == "Char" && value is string { Length: not 1 }))
            {
                Assert.Throws<InvalidCastException>(Get);
            }
            else if (IsTooLarge(value, target))
            {
                Assert.Throws<OverflowException>(Get);
            }
            else
            {
                Assert.Equal(As(value, target), Comparable(Get()));
            }
        });
    }

    [Theory]
    [MemberData(nameof(Types))]
    public Task GetValue_of_type_is_the_value_and_its_type_is_known(string type) => ForEachAsync(type, (reader, kind, value) =>
    {
        object expected = value ?? DBNull.Value;
        Assert.Equal(expected, Rounded(reader.GetValue(0)));
        Assert.Equal(expected, Rounded(reader[0]));
        Assert.Equal(expected, Rounded(reader["v"]));
        var values = new object[2];
        Assert.Equal(1, reader.GetValues(values));
        Assert.Equal(expected, Rounded(values[0]));
        Assert.Equal(value is null, reader.IsDBNull(0));
        if (value is not null)
        {
            Assert.Equal(reader.GetFieldType(0), value.GetType());
        }
    });

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Parameter_of_type_goes_there_and_comes_back(string type)
    {
        await using DbConnection connection = fixture.Open();
        foreach (object? value in s_values[type])
        {
            await using DbCommand command = ConformanceFixture.Command(connection, "SELECT @Parameter;");
            DbParameter parameter = ConformanceFixture.Parameter(command, "Parameter", value ?? DBNull.Value);
            parameter.DbType = type switch
            {
                "Binary" => System.Data.DbType.Binary,
                "Json" => System.Data.DbType.String,
                _ => Enum.Parse<System.Data.DbType>(type),
            };
            Assert.Equal(value ?? DBNull.Value, await command.ExecuteScalarAsync());
        }
    }

    private async Task ForEachAsync(string type, Action<DbDataReader, string, object?> check)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(
            connection, $"SELECT \"{type}\" AS v FROM select_value ORDER BY id");
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        for (int i = 0; i < s_kinds.Length; i++)
        {
            Assert.True(await reader.ReadAsync());
            check(reader, s_kinds[i], s_values[type][i]);
        }

        Assert.False(await reader.ReadAsync());
    }

    private static string TargetOf(string getter)
    {
        string name = getter.StartsWith("GetFieldValue<", StringComparison.Ordinal) ? getter[14..^1] : getter[3..];
        return name switch
        {
            "bool" => "Boolean",
            "byte" => "Byte",
            "Bytes" => "Length",
            "byte[]" => "Bytes",
            "decimal" => "Decimal",
            "double" => "Double",
            "float" => "Float",
            "short" => "Int16",
            "int" => "Int32",
            "long" => "Int64",
            "string" => "String",
            _ => name,
        };
    }

    private static bool IsTooLarge(object value, string target)
    {
        (long least, long most) = target switch
        {
            "Byte" => (byte.MinValue, byte.MaxValue),
            "Int16" => (short.MinValue, short.MaxValue),
            "Int32" => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        return value is short or int or long && Convert.ToInt64(value, null) is var number && (number < least || number > most);
    }

    private static object As(object value, string target) => target switch
    {
        "Bytes" => Convert.ToHexString((byte[])value),
        "Length" => (long)((byte[])value).Length,
        "Chars" => (long)((string)value).Length,
        "Char" => ((string)value)[0],
        "Stream" => Convert.ToHexString((byte[])value),
        "DateTime" => value is DateTimeOffset offset ? offset.UtcDateTime : value,
        "DateOnly" => DateOnly.FromDateTime((DateTime)value),
        "TimeOnly" => TimeOnly.FromTimeSpan((TimeSpan)value),
        "Byte" => Convert.ToByte(value, null),
        "Int16" => Convert.ToInt16(value, null),
        "Int32" => Convert.ToInt32(value, null),
        "Int64" => Convert.ToInt64(value, null),
        "Decimal" => Convert.ToDecimal(value, null),
        "Double" => Convert.ToDouble(value, null),
        "Float" => Convert.ToSingle(value, null),
        _ => value,
    };

    private static object? Comparable(object? value) => value switch
    {
        byte[] bytes => Convert.ToHexString(bytes),
        MemoryStream stream => Convert.ToHexString(stream.ToArray()),
        TextReader text => text.ReadToEnd(),
        decimal number => Rounded(number),
        _ => value,
    };

    /// <summary>The longest decimal has more digits than System.Decimal: 29 significant ones are what there must be.</summary>
    private static object Rounded(object value) => value is decimal number ? decimal.Round(number, 15) : value;
}
