using System;
using System.Buffers;
using System.Globalization;
using System.Text;

namespace ShardSql.Protocol.Framing;

/// <summary>The header <c>grpc-message</c>: UTF-8, percent-encoded outside printable ASCII. A wrong escape is kept as
/// it stands, as the specification asks.</summary>
public static class GrpcMessageEncoding
{
    /// <summary>Longest message that is sent, in bytes before encoding: headers are bounded on both sides.</summary>
    public const int MaxBytes = 2048;

    /// <summary>The header's value of a message.</summary>
    public static string Encode(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        var builder = new StringBuilder(bytes.Length);
        foreach (var b in bytes.AsSpan(0, Cut(bytes)))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                builder.Append((char)b);
            }
            else
            {
                builder.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return builder.ToString();
    }

    /// <summary>The message of a header's value.</summary>
    public static string Decode(string value)
    {
        if (!value.Contains('%', StringComparison.Ordinal))
        {
            return value;
        }

        var bytes = new ArrayBufferWriter<byte>(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (TryDecodeEscape(value.AsSpan(i), out var b))
            {
                bytes.Write([b]);
                i += 2;
            }
            else
            {
                bytes.Write(Encoding.UTF8.GetBytes([value[i]]));
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static bool TryDecodeEscape(ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        return text.Length > 2
            && text[0] == '%'
            && byte.TryParse(text.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    // Never through the middle of a character.
    private static int Cut(byte[] bytes)
    {
        if (bytes.Length <= MaxBytes)
        {
            return bytes.Length;
        }

        var end = MaxBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return end;
    }
}
