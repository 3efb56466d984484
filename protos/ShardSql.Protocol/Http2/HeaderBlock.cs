using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;

namespace ShardSql.Protocol.Http2;

/// <summary>
/// Headers as HPACK literals that no table keeps and no code shortens (RFC 7541 §6.2.2): any decoder reads them. This
/// reader takes nothing else, for the other end of a link writes nothing else.
/// </summary>
internal static class HeaderBlock
{
    /// <summary>All headers of one call, in bytes.</summary>
    public const int BytesMax = 32 * 1024;

    private const byte Literal = 0x00;
    private const int PrefixMax = 0x7F;
    private const int HuffmanBit = 0x80;
    private const int ContinuesBit = 0x80;
    private const int LengthShiftMax = 14;

    /// <summary>Writes the headers one after another.</summary>
    /// <exception cref="GrpcException">They are more than <see cref="BytesMax"/>: RESOURCE_EXHAUSTED.</exception>
    public static byte[] Write(IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        var output = new ArrayBufferWriter<byte>(256);
        foreach (var (name, value) in headers)
        {
            output.GetSpan(1)[0] = Literal;
            output.Advance(1);
            WriteText(output, name);
            WriteText(output, value);
        }

        return output.WrittenCount <= BytesMax
            ? output.WrittenSpan.ToArray()
            : throw new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"headers of {output.WrittenCount} bytes exceed the limit of {BytesMax}");
    }

    /// <summary>Reads what <see cref="Write"/> wrote; of equal names the last one counts.</summary>
    /// <exception cref="Http2Exception">The block is not of this form: COMPRESSION_ERROR.</exception>
    public static Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!block.IsEmpty)
        {
            if (block[0] != Literal)
            {
                throw Malformed();
            }

            block = block[1..];
            var name = ReadText(ref block);
            headers[name] = ReadText(ref block);
        }

        return headers;
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        var rest = bytes - PrefixMax;
        output.Write([(byte)Math.Min(bytes, PrefixMax)]);
        while (rest >= 0)
        {
            var more = rest >= ContinuesBit;
            output.Write([(byte)(more ? (rest & PrefixMax) | ContinuesBit : rest)]);
            rest = more ? rest >> 7 : -1;
        }

        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(bytes)));
    }

    private static string ReadText(ref ReadOnlySpan<byte> block)
    {
        var length = ReadLength(ref block);
        if (length > block.Length)
        {
            throw Malformed();
        }

        var text = Encoding.UTF8.GetString(block[..length]);
        block = block[length..];
        return text;
    }

    private static int ReadLength(ref ReadOnlySpan<byte> block)
    {
        var first = Next(ref block);
        if ((first & HuffmanBit) != 0)
        {
            throw Malformed();
        }

        if (first < PrefixMax)
        {
            return first;
        }

        var length = PrefixMax;
        for (var shift = 0; shift <= LengthShiftMax; shift += 7)
        {
            var next = Next(ref block);
            length += (next & PrefixMax) << shift;
            if ((next & ContinuesBit) == 0)
            {
                return length;
            }
        }

        throw Malformed();
    }

    private static byte Next(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
        {
            throw Malformed();
        }

        var next = block[0];
        block = block[1..];
        return next;
    }

    private static Http2Exception Malformed() =>
        new(Http2Error.Compression, "a header block is not made of plain literals");
}
