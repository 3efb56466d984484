using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>What one row gives to string_agg.</summary>
/// <param name="Key">Its place among the others; empty: as they come.</param>
/// <param name="Separator">What stands before the text unless it is the first.</param>
/// <param name="Text">The text.</param>
internal readonly record struct AggregateItem(byte[] Key, string Separator, string Text)
{
    public static AggregateItem From(SqlValue value)
    {
        var reader = new ByteReader(value.Kind == SqlKind.Bytes ? value.AsBytes() : []);
        AggregateItem item = Read(ref reader);
        return reader.EndedWell ? item : throw Malformed();
    }

    public static AggregateItem Read(ref ByteReader reader) =>
        new(reader.ReadBytes(), Utf8Text.Decode(reader.ReadSpan()), Utf8Text.Decode(reader.ReadSpan()));

    public static SqlException Malformed() => new(SqlStates.ProtocolViolation, "malformed item of an aggregate");

    public SqlValue ToValue()
    {
        var writer = new ByteWriter();
        Write(writer);
        return SqlValue.FromBytes(writer.ToArray());
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteBytes(Key);
        writer.WriteBytes(Utf8Text.Encode(Separator));
        writer.WriteBytes(Utf8Text.Encode(Text));
    }
}
