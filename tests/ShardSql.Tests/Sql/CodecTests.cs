using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class CodecTests
{
    private const int Rounds = 3_000;

    public static TheoryData<SqlKind> Kinds => [.. Enum.GetValues<SqlKind>().Where(k => k != SqlKind.Null)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ValueCodec_round_trip_gives_the_same_value(SqlKind kind)
    {
        var random = new Prng((ulong)kind);
        for (int i = 0; i < Rounds; i++)
        {
            SqlValue value = i == 0 ? SqlValue.NullOf(kind) : SqlTestHelp.RandomValue(random, kind);
            SqlValue read = ValueCodec.FromBytes(ValueCodec.ToBytes(value));
            Assert.Equal(value, read);
            Assert.Equal(kind, read.Kind);
            Assert.Equal(value.ToText(), read.ToText());
            Assert.Equal(value.GetHashCode(), read.GetHashCode());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void KeyCodec_order_of_bytes_is_order_of_values(SqlKind kind)
    {
        var random = new Prng(100 + (ulong)kind);
        IEnumerable<SqlValue> some = Enumerable.Range(0, Rounds).Select(_ => SqlTestHelp.RandomValue(random, kind));
        SqlValue[] values = [.. some, SqlValue.NullOf(kind)];
        byte[][] keys = [.. values.Select(Key)];
        for (int i = 0; i < values.Length; i++)
        {
            int j = random.Next(values.Length);
            int byValue = Math.Sign(SqlValue.Compare(values[i], values[j]));
            int byKey = Math.Sign(keys[i].AsSpan().SequenceCompareTo(keys[j]));
            Assert.True(byValue == byKey, $"{values[i]} and {values[j]}: {byValue} by value, {byKey} by key");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void KeyCodec_read_gives_the_value_back(SqlKind kind)
    {
        var random = new Prng(200 + (ulong)kind);
        for (int i = 0; i < Rounds; i++)
        {
            SqlValue value = i == 0 ? SqlValue.NullOf(kind) : SqlTestHelp.RandomValue(random, kind);
            var writer = new ByteWriter();
            KeyCodec.Append(writer, value);
            KeyCodec.Append(writer, SqlValue.FromInt32(7));
            var reader = new ByteReader(writer.WrittenSpan);
            SqlValue read = KeyCodec.Read(ref reader, new SqlType(kind));
            Assert.Equal(0, SqlValue.Compare(value, read));
            Assert.Equal(7, KeyCodec.Read(ref reader, SqlType.Int32).AsInt32());
            Assert.True(reader.EndedWell);
        }
    }

    [Fact]
    public void KeyCodec_composite_keys_order_by_their_parts()
    {
        var random = new Prng(5);
        for (int i = 0; i < Rounds; i++)
        {
            SqlValue[] a = Pair(random);
            SqlValue[] b = Pair(random);
            b[0] = random.Next(2) == 0 ? a[0] : b[0];
            int first = SqlValue.Compare(a[0], b[0]);
            int expected = Math.Sign(first != 0 ? first : SqlValue.Compare(a[1], b[1]));
            byte[] left = [.. Key(a[0]), .. Key(a[1])];
            byte[] right = [.. Key(b[0]), .. Key(b[1])];
            Assert.Equal(expected, Math.Sign(left.AsSpan().SequenceCompareTo(right)));
        }
    }

    [Fact]
    public void KeyCodec_of_a_scaled_decimal_restores_its_scale()
    {
        var writer = new ByteWriter();
        KeyCodec.Append(writer, SqlValue.FromDecimal(12.50m));
        var reader = new ByteReader(writer.WrittenSpan);
        Assert.Equal("12.50", KeyCodec.Read(ref reader, SqlType.DecimalOf(10, 2)).ToText());
    }

    [Fact]
    public void Codecs_of_random_bytes_fail_the_reader_or_say_22021()
    {
        var random = new Prng(11);
        byte[] bytes = new byte[24];
        for (int i = 0; i < 50_000; i++)
        {
            for (int j = 0; j < bytes.Length; j++)
            {
                bytes[j] = (byte)(random.Next(4) == 0 ? random.Next(256) : random.Next(20));
            }

            Survives(bytes, (ref ByteReader r) => ValueCodec.Read(ref r));
            Survives(bytes, (ref ByteReader r) => RowCodec.Read(ref r));
            var kind = (SqlKind)random.Next(1, 16);
            bytes[0] = KeyEncoder.PresentMarker;
            Survives(bytes, (ref ByteReader r) => KeyCodec.Read(ref r, new SqlType(kind)));
        }
    }

    [Fact]
    public void RowCodec_into_a_longer_buffer_fills_with_null()
    {
        byte[] bytes = RowCodec.ToBytes([SqlValue.FromInt32(1), SqlValue.FromText("x")]);
        var row = new SqlValue[3];
        row[2] = SqlValue.True;
        var reader = new ByteReader(bytes);
        Assert.Equal(2, RowCodec.Read(ref reader, row));
        Assert.Equal("x", row[1].AsText());
        Assert.True(row[2].IsNull);
        Assert.True(reader.EndedWell);
    }

    [Fact]
    public void ValueCodec_of_bad_text_is_22021()
    {
        SqlException lone = SqlTestHelp.Fails(
            SqlStates.InvalidCharacter, () => ValueCodec.ToBytes(SqlValue.FromText("é\uD800")));
        Assert.Contains("byte 3", lone.Message, StringComparison.Ordinal);
        SqlTestHelp.Fails(
            SqlStates.InvalidCharacter, () => ValueCodec.FromBytes([(byte)SqlKind.Text, 2, 0xC0, 0x80]));
        SqlTestHelp.Fails(SqlStates.ProtocolViolation, () => ValueCodec.FromBytes([(byte)SqlKind.Text, 9, 65]));
    }

    [Fact]
    public void CompareText_orders_by_code_points()
    {
        Assert.True(SqlValue.CompareText("\uFFFF", "😀") < 0);
        Assert.True(SqlValue.CompareText("😀", "\uE000") > 0);
        Assert.True(SqlValue.CompareText("a", "ab") < 0);
        Assert.Equal(0, SqlValue.CompareText("é", "é"));
    }

    private delegate object Reading(ref ByteReader reader);

    private static void Survives(byte[] bytes, Reading read)
    {
        var reader = new ByteReader(bytes);
        try
        {
            Assert.NotNull(read(ref reader));
        }
        catch (SqlException e)
        {
            Assert.Equal(SqlStates.InvalidCharacter, e.SqlState);
        }
    }

    private static SqlValue[] Pair(Prng random) =>
        [SqlTestHelp.RandomValue(random, SqlKind.Text), SqlTestHelp.RandomValue(random, SqlKind.Decimal)];

    private static byte[] Key(SqlValue value)
    {
        var writer = new ByteWriter();
        KeyCodec.Append(writer, value);
        return writer.ToArray();
    }
}
