using System;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>A shard's state after a slot, as the base store and snapshots hold it.</summary>
/// <param name="Membership">Who votes from the next slot on.</param>
/// <param name="Machine">What the entries up to the slot have come to.</param>
internal sealed record ShardState(Membership Membership, ShardMachine Machine)
{
    // Earlier states had their versions in one piece with the rest.
    private const byte Format = 5;

    /// <summary>Whether bytes are of the format that is read here.</summary>
    public static bool IsOfThisFormat(ReadOnlySpan<byte> bytes) => bytes.Length > 0 && bytes[0] == Format;

    /// <summary>Writes both, but for versions and registers, which lie behind.</summary>
    public void WriteHead(ByteWriter writer)
    {
        writer.WriteByte(Format);
        Membership.Write(writer);
        Machine.WriteHead(writer);
    }

    /// <summary>Reads both; null when the bytes are none.</summary>
    public static ShardState? Read(ShardId shard, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        return reader.ReadByte() == Format && Membership.Read(ref reader) is { } membership
            && ShardMachine.ReadState(shard, reader.Rest) is { } machine
            ? new ShardState(membership, machine)
            : null;
    }
}
