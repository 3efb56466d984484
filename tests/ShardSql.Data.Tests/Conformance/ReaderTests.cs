using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>The contract of DbDataReader, beside the getters.</summary>
[Collection(ConformanceCollection.Name)]
public sealed class ReaderTests(ConformanceFixture fixture)
{
    private static readonly Action<DbDataReader>[] s_rowUses =
    [
        r => r.GetValue(0), r => r.GetInt32(0), r => r.GetInt64(0), r => r.GetString(0), r => r.IsDBNull(0),
        r => r.GetFieldValue<int>(0), r => _ = r[0], r => _ = r["a"], r => r.GetValues(new object[1]),
        r => r.GetBytes(0, 0, null, 0, 0), r => r.GetChars(0, 0, null, 0, 0), r => r.GetStream(0), r => r.GetTextReader(0),
        r => r.GetBoolean(0), r => r.GetByte(0), r => r.GetChar(0), r => r.GetDateTime(0), r => r.GetDecimal(0),
        r => r.GetDouble(0), r => r.GetFloat(0), r => r.GetGuid(0), r => r.GetInt16(0),
    ];

    private static readonly Action<DbDataReader>[] s_columnUses =
    [
        r => r.GetName(0), r => r.GetFieldType(0), r => r.GetDataTypeName(0), r => r.GetOrdinal("a"), r => _ = r.FieldCount,
        r => r.Read(), r => r.NextResult(), r => _ = r.HasRows, r => r.GetSchemaTable(),
    ];

    [Fact]
    public Task Row_cannot_be_used_before_Read_after_the_end_nor_when_closed() => WithReaderAsync("SELECT 1 AS a", reader =>
    {
        Assert.All(s_rowUses, use => Assert.Throws<InvalidOperationException>(() => use(reader)));
        Assert.True(reader.Read());
        Assert.Equal(1, reader.GetInt32(0));
        Assert.False(reader.Read());
        Assert.All(s_rowUses, use => Assert.Throws<InvalidOperationException>(() => use(reader)));
        reader.Close();
        reader.Close();
        Assert.True(reader.IsClosed);
        Assert.All(s_rowUses, use => Assert.Throws<InvalidOperationException>(() => use(reader)));
        Assert.All(s_columnUses, use => Assert.Throws<InvalidOperationException>(() => use(reader)));
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public Task Ordinal_out_of_range_is_IndexOutOfRange(int ordinal) => WithReaderAsync("SELECT 1 AS a", reader =>
    {
        Assert.True(reader.Read());
        Action[] uses =
        [
            () => reader.GetValue(ordinal), () => reader.GetInt32(ordinal), () => reader.IsDBNull(ordinal),
            () => _ = reader[ordinal], () => reader.GetName(ordinal), () => reader.GetFieldType(ordinal),
            () => reader.GetDataTypeName(ordinal), () => reader.GetFieldValue<int>(ordinal), () => reader.GetString(ordinal),
            () => reader.GetBytes(ordinal, 0, null, 0, 0), () => reader.GetStream(ordinal), () => _ = reader["b"],
            () => reader.GetOrdinal("b"),
        ];
        Assert.All(uses, use => Assert.Throws<IndexOutOfRangeException>(use));
    });

    [Fact]
    public Task Names_keep_their_case_and_are_found_without_it() => WithReaderAsync(
        "SELECT 1 AS \"Id\", 2 AS id, 3 AS other, 4 AS \"with blank\", 5 AS [in brackets]", reader =>
    {
        Assert.Equal(["Id", "id", "other", "with blank", "in brackets"], Enumerable.Range(0, 5).Select(reader.GetName));
        Assert.Equal((0, 1, 0, 2, 3), (
            reader.GetOrdinal("Id"), reader.GetOrdinal("id"), reader.GetOrdinal("ID"), reader.GetOrdinal("OTHER"),
            reader.GetOrdinal("with blank")));
        Assert.Throws<ArgumentNullException>(() => reader.GetOrdinal(null!));
    });

    [Fact]
    public async Task Results_follow_one_another()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(
            connection, "SELECT 1 AS a; UPDATE select_value SET id = id WHERE id = 1; SELECT 2 AS b, 3 AS c; SELECT 4 AS d WHERE 1 = 0");
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        var seen = new List<string>();
        do
        {
            string names = string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
            int rows = 0;
            bool hadRows = reader.HasRows;
            while (await reader.ReadAsync())
            {
                rows++;
            }

            Assert.Equal(rows > 0, hadRows);
            seen.Add($"{names}:{rows}");
        }
        while (await reader.NextResultAsync());

        Assert.Equal(["a:1", "b,c:1", "d:0"], seen);
        Assert.Equal(1, reader.RecordsAffected);
        Assert.Equal(0, reader.FieldCount);
        Assert.False(reader.HasRows);
        Assert.False(reader.Read());
        Assert.False(reader.NextResult());
    }

    [Theory]
    [InlineData("DELETE FROM select_value WHERE id = 99", 0)]
    [InlineData("-- nothing", -1)]
    [InlineData("CREATE TABLE IF NOT EXISTS select_value (id integer PRIMARY KEY)", -1)]
    public Task Command_without_a_result_has_no_columns(string text, int affected) => WithReaderAsync(text, reader =>
    {
        Assert.Equal(0, reader.FieldCount);
        Assert.False(reader.HasRows);
        Assert.False(reader.Read());
        Assert.Null(reader.GetSchemaTable());
        Assert.Empty(((IDbColumnSchemaGenerator)reader).GetColumnSchema());
        Assert.False(reader.NextResult());
        Assert.InRange(reader.RecordsAffected, Math.Min(affected, 0), Math.Max(affected, 0));
    });

    [Fact]
    public Task Facts_of_a_result_are_known_before_the_first_row() => WithReaderAsync(
        "SELECT id, \"String\", \"Decimal\" FROM select_value WHERE id = 1", reader =>
    {
        Assert.True(reader.HasRows);
        Assert.Equal(3, reader.FieldCount);
        Assert.Equal(3, reader.VisibleFieldCount);
        Assert.Equal(0, reader.Depth);
        Assert.Equal(-1, reader.RecordsAffected);
        Assert.Equal([typeof(int), typeof(string), typeof(decimal)], Enumerable.Range(0, 3).Select(reader.GetFieldType));
        Assert.Equal(["integer", "text", "decimal"], Enumerable.Range(0, 3).Select(reader.GetDataTypeName));
        Assert.False(reader.IsClosed);
    });

    [Fact]
    public Task Columns_are_described_whole() => WithReaderAsync(
        "SELECT id, \"String\" AS alias, \"Decimal\" + 1 AS expression FROM select_value", reader =>
    {
        DbColumn[] columns = [.. ((IDbColumnSchemaGenerator)reader).GetColumnSchema()];
        Assert.Equal(["id", "alias", "expression"], columns.Select(column => column.ColumnName));
        Assert.Equal([0, 1, 2], columns.Select(column => column.ColumnOrdinal));
        Assert.Equal([true, false, false], columns.Select(column => column.IsKey));
        Assert.Equal([false, true, true], columns.Select(column => column.AllowDBNull));
        Assert.Equal([false, true, false], columns.Select(column => column.IsAliased));
        Assert.Equal([false, false, true], columns.Select(column => column.IsExpression));
        Assert.Equal(["select_value", "select_value", null], columns.Select(column => column.BaseTableName));
        Assert.Equal(["id", "String", null], columns.Select(column => column.BaseColumnName));
        Assert.Equal(["integer", "text", "decimal"], columns.Select(column => column.DataTypeName));
        using DataTable table = reader.GetSchemaTable()!;
        Assert.Equal(3, table.Rows.Count);
        Assert.Equal("alias", table.Rows[1][SchemaTableColumn.ColumnName]);
        Assert.Equal(typeof(string), table.Rows[1][SchemaTableColumn.DataType]);
        Assert.Equal("String", table.Rows[1][SchemaTableColumn.BaseColumnName]);
    });

    [Fact]
    public Task GetBytes_copies_what_there_is() => WithReaderAsync("SELECT X'0102030405' AS a, '12345' AS b", reader =>
    {
        Assert.True(reader.Read());
        Assert.Equal(5, reader.GetBytes(0, 0, null, 0, 5));
        var bytes = new byte[8];
        Assert.Equal(5, reader.GetBytes(0, 0, bytes, 0, 8));
        Assert.Equal([1, 2, 3, 4, 5, 0, 0, 0], bytes);
        Assert.Equal(2, reader.GetBytes(0, 3, bytes, 6, 2));
        Assert.Equal([1, 2, 3, 4, 5, 0, 4, 5], bytes);
        Assert.Equal(0, reader.GetBytes(0, 5, bytes, 0, 1));
        Assert.Equal(0, reader.GetBytes(0, 99, bytes, 0, 1));
        var chars = new char[8];
        Assert.Equal(5, reader.GetChars(1, 0, null, 0, 5));
        Assert.Equal(2, reader.GetChars(1, 1, chars, 1, 2));
        Assert.Equal("\023\0\0\0\0\0", new string(chars));
        Assert.Equal(0, reader.GetChars(1, 99, chars, 0, 1));
        foreach ((long offset, int at, int length) in new[] { (-1L, 0, 1), (0, -1, 1), (0, 9, 1), (0, 0, 9), (0, 0, -1), (0, 7, 2) })
        {
            Assert.ThrowsAny<ArgumentException>(() => reader.GetBytes(0, offset, bytes, at, length));
            Assert.ThrowsAny<ArgumentException>(() => reader.GetChars(1, offset, chars, at, length));
        }
    });

    [Fact]
    public Task Streams_and_text_readers_read_the_value() => WithReaderAsync("SELECT X'0102' AS a, 'Grüße' AS b, NULL AS c", reader =>
    {
        Assert.True(reader.Read());
        using Stream stream = reader.GetStream(0);
        Assert.Equal((2, 1, 2, -1), (stream.Length, stream.ReadByte(), stream.ReadByte(), stream.ReadByte()));
        using TextReader text = reader.GetTextReader(1);
        Assert.Equal("Grüße", text.ReadToEnd());
        Assert.Throws<InvalidCastException>(() => reader.GetStream(1));
        Assert.Throws<InvalidCastException>(() => reader.GetStream(2));
        Assert.Throws<InvalidCastException>(() => reader.GetTextReader(2));
    });

    [Fact]
    public Task GetValues_fills_as_much_as_there_is_room() => WithReaderAsync("SELECT 1, 'a', NULL", reader =>
    {
        Assert.True(reader.Read());
        var few = new object[2];
        var many = new object[4];
        Assert.Equal(2, reader.GetValues(few));
        Assert.Equal(3, reader.GetValues(many));
        Assert.Equal([1, "a"], few);
        Assert.Equal([1, "a", DBNull.Value, null!], many);
        Assert.Throws<ArgumentNullException>(() => reader.GetValues(null!));
    });

    [Fact]
    public async Task Enumeration_and_Load_give_every_row()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT id FROM select_value ORDER BY id");
        await using (DbDataReader reader = await command.ExecuteReaderAsync())
        {
            Assert.Equal([0, 1, 2, 3, 4, 5], reader.Cast<IDataRecord>().Select(record => record.GetInt32(0)));
        }

        await using DbDataReader again = await command.ExecuteReaderAsync();
        using var table = new DataTable();
        table.Load(again);
        Assert.Equal(6, table.Rows.Count);
        Assert.Equal([table.Columns["id"]!], table.PrimaryKey);
    }

    [Fact]
    public Task Cancelled_tokens_give_cancelled_tasks() => WithReaderAsync("SELECT 1; SELECT 2", reader =>
    {
        var cancelled = new CancellationToken(canceled: true);
        Assert.True(reader.ReadAsync(cancelled).IsCanceled);
        Assert.True(reader.NextResultAsync(cancelled).IsCanceled);
        Assert.True(reader.Read());
        Assert.True(reader.IsDBNullAsync(0, cancelled).IsCanceled);
        Assert.True(reader.GetFieldValueAsync<int>(0, cancelled).IsCanceled);
        Assert.Equal(1, reader.GetInt32(0));
    });

    [Fact]
    public Task Error_in_a_later_statement_comes_with_NextResult() => WithReaderAsync(
        "SELECT 1; SELECT 1 / (\"Int32\") FROM select_value WHERE id = 2", reader =>
    {
        Assert.True(reader.Read());
        Assert.False(reader.Read());
        DbException error = Assert.ThrowsAny<DbException>(() => reader.NextResult());
        Assert.Equal("22012", error.SqlState);
    });

    private async Task WithReaderAsync(string text, Action<DbDataReader> use)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, text);
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        use(reader);
    }
}
