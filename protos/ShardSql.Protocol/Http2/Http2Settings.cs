using System;
using System.Buffers;
using System.Buffers.Binary;

namespace ShardSql.Protocol.Http2;

/// <summary>
/// What one side of a link says first (RFC 9113 §6.5). Its first entry is <see cref="LinkId"/>, which no other
/// implementation knows: it says that this end is one of ours.
/// </summary>
/// <param name="StreamWindowBytes">Bytes that the other side may send on a stream before it is read.</param>
/// <param name="StreamsMax">Streams that the other side may have open.</param>
internal readonly record struct Http2Settings(int StreamWindowBytes, int StreamsMax)
{
    /// <summary>Largest payload of a DATA frame: small enough that streams take turns.</summary>
    public const int FrameBytesMax = 64 * 1024;

    // In the range that RFC 9113 §11.3 leaves to experiments; the value is the version of the rules that a link keeps.
    private const ushort LinkId = 0xF5D1;
    private const uint LinkVersion = 1;
    private const ushort StreamsMaxId = 0x3;
    private const ushort StreamWindowId = 0x4;
    private const ushort FrameBytesId = 0x5;
    private const int EntryBytes = 6;
    private const int Entries = 4;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Bytes by which a server tells a link from another client: preface, frame header, first entry.</summary>
    public static int MarkBytes => Preface.Length + Http2FrameHeader.Bytes + EntryBytes;

    /// <summary>
    /// Whether these first bytes of a connection begin a link: false as soon as they do not, null while they are too
    /// few to say.
    /// </summary>
    public static bool? BeginsLink(ReadOnlySpan<byte> first)
    {
        Span<byte> mark = stackalloc byte[MarkBytes];
        WriteMark(mark);
        var common = Math.Min(first.Length, mark.Length);
        if (!first[..common].SequenceEqual(mark[..common]))
        {
            return false;
        }

        return first.Length >= mark.Length ? true : null;
    }

    /// <summary>Writes a client's first bytes, or a server's, which have no preface.</summary>
    public void Write(IBufferWriter<byte> output, bool isClient)
    {
        var skipped = isClient ? 0 : Preface.Length;
        Span<byte> mark = stackalloc byte[MarkBytes];
        WriteMark(mark);
        output.Write(mark[skipped..]);
        WriteEntry(output, StreamsMaxId, (uint)StreamsMax);
        WriteEntry(output, StreamWindowId, (uint)StreamWindowBytes);
        WriteEntry(output, FrameBytesId, FrameBytesMax);
    }

    /// <summary>Bytes of the preface, which a server skips.</summary>
    public static int PrefaceBytes => Preface.Length;

    /// <summary>Reads the payload of a SETTINGS frame; null when the other end is not one of ours.</summary>
    public static Http2Settings? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Entries * EntryBytes || Id(payload) != LinkId || Value(payload) != LinkVersion)
        {
            return null;
        }

        var settings = default(Http2Settings);
        for (var rest = payload[EntryBytes..]; !rest.IsEmpty; rest = rest[EntryBytes..])
        {
            var value = (int)Math.Min(Value(rest), int.MaxValue);
            settings = Id(rest) switch
            {
                StreamsMaxId => settings with { StreamsMax = value },
                StreamWindowId => settings with { StreamWindowBytes = value },
                _ => settings,
            };
        }

        return settings;
    }

    private static void WriteMark(Span<byte> mark)
    {
        Preface.CopyTo(mark);
        var frame = mark[Preface.Length..];
        new Http2FrameHeader(Entries * EntryBytes, Http2FrameType.Settings, Http2Flags.None, 0).Write(frame);
        WriteEntry(frame[Http2FrameHeader.Bytes..], LinkId, LinkVersion);
    }

    private static void WriteEntry(IBufferWriter<byte> output, ushort id, uint value)
    {
        WriteEntry(output.GetSpan(EntryBytes), id, value);
        output.Advance(EntryBytes);
    }

    private static void WriteEntry(Span<byte> destination, ushort id, uint value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, id);
        BinaryPrimitives.WriteUInt32BigEndian(destination[sizeof(ushort)..], value);
    }

    private static ushort Id(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadUInt16BigEndian(entry);

    private static uint Value(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadUInt32BigEndian(entry[sizeof(ushort)..]);
}
