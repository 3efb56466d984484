using System;
using System.Security.Cryptography;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol.Messages;

namespace ShardSql.Gateway.Submissions;

/// <summary>A submitted transaction that committed: the digest of its content and the answer to every
/// repetition.</summary>
internal sealed record SubmissionRecord(byte[] Digest, long ExpiresMs, byte[] Reply)
{
    private const byte FormatVersion = 1;

    /// <summary>What two submissions of the same content have in common.</summary>
    public static byte[] DigestOf(SubmitTransactionRequest request)
    {
        SubmitTransactionRequest content = request.Clone();
        content.TransactionId = "";
        return SHA256.HashData(content.ToByteArray());
    }

    public byte[] Encode()
    {
        var writer = new ByteWriter(Reply.Length + 64);
        writer.WriteByte(FormatVersion);
        writer.WriteBytes(Digest);
        writer.WriteUInt64((ulong)ExpiresMs);
        writer.WriteBytes(Reply);
        return writer.ToArray();
    }

    public static SubmissionRecord Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var record = new SubmissionRecord(reader.ReadBytes(), (long)reader.ReadUInt64(), reader.ReadBytes());
        Invariant.Check(version == FormatVersion && reader.EndedWell, "A stored submission is whole.");
        return record;
    }

    /// <summary>Whether the content is the same.</summary>
    public bool IsOf(byte[] digest) => digest.AsSpan().SequenceEqual(Digest);
}
