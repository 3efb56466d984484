using System;
using System.Data;
using System.Data.Common;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>The contract of DbParameter and its collection.</summary>
[Collection(ConformanceCollection.Name)]
public sealed class ParameterTests(ConformanceFixture fixture)
{
    public static TheoryData<object> Values =>
    [
        true, (byte)7, (short)-7, 7, 7L, 7.5m, 7.25, 7.25f, "Grüße 😀", string.Empty, 'x', new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        new DateTime(2024, 2, 29, 1, 2, 3, 456), new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(14)),
        new DateOnly(2024, 2, 29), new TimeOnly(1, 2, 3), new TimeSpan(1, 2, 3), new byte[] { 0, 255 }, Array.Empty<byte>(),
        DayOfWeek.Friday, (sbyte)-1, (ushort)65535, uint.MaxValue, "'; DROP TABLE select_value; --",
    ];

    [Fact]
    public void Properties_have_their_defaults_and_keep_what_is_set()
    {
        DbParameter parameter = ShardSqlFactory.Instance.CreateParameter()!;
        Assert.Equal(
            (DbType.String, ParameterDirection.Input, string.Empty, string.Empty, DataRowVersion.Current, 0, (byte)0, (byte)0, false),
            (parameter.DbType, parameter.Direction, parameter.ParameterName, parameter.SourceColumn, parameter.SourceVersion,
                parameter.Size, parameter.Precision, parameter.Scale, parameter.SourceColumnNullMapping));
        Assert.Null(parameter.Value);
        parameter.DbType = DbType.Int64;
        Assert.Equal(DbType.Int64, parameter.DbType);
        parameter.ResetDbType();
        Assert.Equal(DbType.String, parameter.DbType);
        parameter.ParameterName = "@n";
        Assert.Equal("@n", parameter.ParameterName);
        parameter.ParameterName = null;
        Assert.Equal(string.Empty, parameter.ParameterName);
        parameter.SourceColumn = null;
        Assert.Equal(string.Empty, parameter.SourceColumn);
        parameter.SourceColumn = "c";
        parameter.SourceVersion = DataRowVersion.Original;
        parameter.SourceColumnNullMapping = true;
        parameter.Size = 9;
        parameter.IsNullable = false;
        Assert.Equal(
            ("c", DataRowVersion.Original, true, 9, false),
            (parameter.SourceColumn, parameter.SourceVersion, parameter.SourceColumnNullMapping, parameter.Size, parameter.IsNullable));
        Assert.ThrowsAny<NotSupportedException>(() => parameter.Direction = ParameterDirection.Output);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Value_of_each_CLR_type_goes_there_and_back(object value)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT @Parameter;");
        ConformanceFixture.Parameter(command, "@Parameter", value);
        object? back = await command.ExecuteScalarAsync();
        Assert.Equal(
            value switch
            {
                char c => c.ToString(),
                DateOnly date => date.ToDateTime(TimeOnly.MinValue),
                TimeOnly time => time.ToTimeSpan(),
                DayOfWeek day => (int)day,
                byte or sbyte => Convert.ToInt16(value, null),
                ushort => Convert.ToInt32(value, null),
                uint => Convert.ToInt64(value, null),
                DateTimeOffset offset => offset.ToUniversalTime(),
                _ => value,
            },
            back);
    }

    [Fact]
    public async Task Binding_needs_a_value_a_name_and_ignores_what_is_not_used()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT @Parameter;");
        DbParameter parameter = ConformanceFixture.Parameter(command, "Parameter", null);
        Assert.Throws<InvalidOperationException>(() => command.ExecuteScalar());
        parameter.Value = DBNull.Value;
        Assert.Equal(DBNull.Value, command.ExecuteScalar());
        DbParameter unused = ConformanceFixture.Parameter(command, "@Unused", 1);
        Assert.Equal(DBNull.Value, command.ExecuteScalar());
        unused.ParameterName = string.Empty;
        Assert.Throws<InvalidOperationException>(() => command.ExecuteScalar());
        command.Parameters.Clear();
        Assert.ThrowsAny<DbException>(() => command.ExecuteScalar());
    }

    [Fact]
    public async Task Value_of_another_CLR_type_converts_to_the_DbType_or_is_refused()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT @p");
        DbParameter parameter = ConformanceFixture.Parameter(command, "p", 7);
        parameter.DbType = DbType.Int64;
        Assert.Equal(7L, command.ExecuteScalar());
        parameter.Value = new Version(1, 0);
        Assert.ThrowsAny<Exception>(() => command.ExecuteScalar());
        parameter.ResetDbType();
        Assert.ThrowsAny<Exception>(() => command.ExecuteScalar());
        parameter.Value = "abcdef";
        parameter.Size = 3;
        Assert.Equal("abc", command.ExecuteScalar());
    }

    [Fact]
    public void Collection_keeps_order_and_finds_by_name_and_object()
    {
        using DbCommand command = ShardSqlFactory.Instance.CreateCommand()!;
        DbParameterCollection all = command.Parameters;
        DbParameter first = ConformanceFixture.Parameter(command, "@a", 1);
        DbParameter second = ConformanceFixture.Parameter(command, "b", 2);
        Assert.Equal(2, all.Count);
        Assert.Equal((0, 1, -1, 0, -1), (all.IndexOf("a"), all.IndexOf("@B"), all.IndexOf("c"), all.IndexOf(first), all.IndexOf("")));
        Assert.True(all.Contains("@a") && all.Contains(second) && !all.Contains("x"));
        Assert.Same(second, all["b"]);
        Assert.Same(first, all[0]);
        DbParameter third = command.CreateParameter();
        third.ParameterName = "third";
        all.Insert(1, third);
        Assert.Equal(["@a", "third", "b"], all.Cast<DbParameter>().Select(parameter => parameter.ParameterName));
        all.RemoveAt("third");
        all.Remove(first);
        Assert.Same(second, Assert.Single(all.Cast<DbParameter>()));
        all[0] = third;
        all["third"] = first;
        var copied = new DbParameter[1];
        all.CopyTo(copied, 0);
        Assert.Same(first, copied[0]);
        all.AddRange(new[] { second, third });
        Assert.Equal(3, all.Count);
        all.RemoveAt(0);
        all.Clear();
        Assert.Empty(all);
        Assert.NotNull(all.SyncRoot);
        Assert.ThrowsAny<IndexOutOfRangeException>(() => all[0]);
        Assert.ThrowsAny<Exception>(() => all["x"]);
        Assert.ThrowsAny<InvalidCastException>(() => all.Add("text"));
        Assert.ThrowsAny<Exception>(() => all.Add(null!));
    }
}
