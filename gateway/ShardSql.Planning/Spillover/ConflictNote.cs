using System;
using System.Buffers.Binary;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>A conflict between two writes of a row that its policy has settled (sharding.md §4).</summary>
/// <param name="Winner">What holds, or with policy append comes first.</param>
/// <param name="Loser">What does not hold, or comes behind.</param>
public sealed record ConflictNote(string Winner, string Loser)
{
    /// <summary>Conflicts about one row that are kept: the newest. All are counted.</summary>
    public const int KeptMax = 32;

    /// <summary>Characters of a value that are kept.</summary>
    public const int TextMax = 200;

    private const string Cut = "...";

    /// <summary>Of the values of the columns.</summary>
    public static ConflictNote Of(SqlValue[] winner, SqlValue[] loser) => new(TextOf(winner), TextOf(loser));

    /// <summary>As it is kept.</summary>
    public byte[] ToBytes() => RowCodec.ToBytes([SqlValue.FromText(Winner), SqlValue.FromText(Loser)]);

    /// <summary>A row that keeps one.</summary>
    public static ConflictNote Of(SpilledRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var reader = new ByteReader(row.Note);
        SqlValue[] texts = RowCodec.Read(ref reader);
        return new ConflictNote(texts[0].AsText(), texts[1].AsText());
    }

    /// <summary>Its number among those about its row, from 1.</summary>
    public static long NumberOf(SpilledRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return BinaryPrimitives.ReadInt64BigEndian(row.Id);
    }

    /// <summary>When the write that settled it was committed: milliseconds since 1970.</summary>
    public static long MillisecondsOf(SpilledRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return RowStamp.Read(row.Stamp).PhysicalMs;
    }

    private static string TextOf(SqlValue[] values)
    {
        string text = string.Join(", ", values.Select(static value => value.IsNull ? "NULL" : value.ToText()));
        return text.Length <= TextMax ? text : text[..(char.IsHighSurrogate(text[TextMax - 1]) ? TextMax - 1 : TextMax)] + Cut;
    }
}
