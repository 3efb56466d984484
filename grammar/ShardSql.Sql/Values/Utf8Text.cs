using System;
using System.Globalization;
using System.Text;
using ShardSql.Primitives;

namespace ShardSql.Sql.Values;

/// <summary>UTF-8 that refuses instead of replacing: a lone surrogate or an overlong form is 22021 with its
/// byte.</summary>
public static class Utf8Text
{
    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes; 22021 where the bytes are not UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(e.Index);
        }
    }

    /// <summary>Writes a text after its length in bytes; 22021 where it holds a lone surrogate.</summary>
    public static void Write(ByteWriter writer, string text)
    {
        int count = CountBytes(text);
        writer.WriteVarint((ulong)count);
        s_strict.GetBytes(text, writer.GetSpan(count));
        writer.Advance(count);
    }

    /// <summary>Bytes of the text in UTF-8; 22021 where it holds a lone surrogate.</summary>
    public static int CountBytes(string text)
    {
        try
        {
            return s_strict.GetByteCount(text);
        }
        catch (EncoderFallbackException e)
        {
            throw Invalid(Encoding.UTF8.GetByteCount(text.AsSpan(0, e.Index)));
        }
    }

    /// <summary>Encodes; 22021 where the text holds a lone surrogate.</summary>
    public static byte[] Encode(string text)
    {
        byte[] bytes = new byte[CountBytes(text)];
        s_strict.GetBytes(text, bytes);
        return bytes;
    }

    private static SqlException Invalid(int index) => new(
        SqlStates.InvalidCharacter,
        string.Create(CultureInfo.InvariantCulture, $"invalid character encoding at byte {index + 1}"));
}
