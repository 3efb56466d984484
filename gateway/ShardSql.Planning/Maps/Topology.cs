using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Maps;

/// <summary>
/// The data shards there are, and how far each has come; the nodes on which nothing new is placed. Immutable, a row of the
/// system shard. A shard comes in three steps (sharding.md §1): it gets the copies of what is written to reference tables,
/// then those of rows from before, and then it is read and holds segments.
/// </summary>
public sealed class Topology
{
    private const byte FormatVersion = 1;

    /// <summary>The lists in any order.</summary>
    public Topology(IEnumerable<ShardId> serving, IEnumerable<ShardId> filling, IEnumerable<NodeId> draining)
    {
        Serving = [.. new SortedSet<ShardId>(serving)];
        Filling = [.. new SortedSet<ShardId>(filling)];
        Draining = [.. new SortedSet<NodeId>(draining)];
        Copies = [.. new SortedSet<ShardId>([.. Serving, .. Filling])];
        Invariant.Check(Copies.Count == Serving.Count + Filling.Count, "A shard is either read or being filled.");
    }

    /// <summary>Shards that are read and hold segments, in order.</summary>
    public IReadOnlyList<ShardId> Serving { get; }

    /// <summary>Shards that are getting their copies of reference tables, in order: written, not read, without segments.
    /// </summary>
    public IReadOnlyList<ShardId> Filling { get; }

    /// <summary>Both, in order: the shards on which reference tables are written.</summary>
    public IReadOnlyList<ShardId> Copies { get; }

    /// <summary>Nodes on which nothing new is placed, in order.</summary>
    public IReadOnlyList<NodeId> Draining { get; }

    /// <summary>All of the shards are read, no node drains.</summary>
    public static Topology Of(IEnumerable<ShardId> shards) => new(shards, [], []);

    /// <summary>With a shard that gets its copies.</summary>
    public Topology Fill(ShardId shard) => new(Serving, [.. Filling, shard], Draining);

    /// <summary>With a shard that is read.</summary>
    public Topology Serve(ShardId shard) => new([.. Serving, shard], Without(Filling, shard), Draining);

    /// <summary>Without a shard.</summary>
    public Topology Close(ShardId shard) => new(Without(Serving, shard), Without(Filling, shard), Draining);

    /// <summary>With a node on which nothing new is placed, or with it as any other.</summary>
    public Topology Drain(NodeId node, bool drains) =>
        new(Serving, Filling, drains ? [.. Draining, node] : Without(Draining, node));

    /// <summary>As a row of the system shard.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(64);
        writer.WriteByte(FormatVersion);
        Write(writer, Serving, static shard => shard.Value);
        Write(writer, Filling, static shard => shard.Value);
        Write(writer, Draining, static node => node.Value);
        return writer.ToArray();
    }

    /// <summary>From a row of the system shard.</summary>
    public static Topology Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        ShardId[] serving = Read(ref reader, static value => new ShardId(value));
        ShardId[] filling = Read(ref reader, static value => new ShardId(value));
        NodeId[] draining = Read(ref reader, static value => new NodeId(value));
        Invariant.Check(version == FormatVersion && reader.EndedWell, "The stored topology is whole.");
        return new Topology(serving, filling, draining);
    }

    private static IEnumerable<T> Without<T>(IReadOnlyList<T> all, T one)
        where T : IEquatable<T>
    {
        foreach (T other in all)
        {
            if (!other.Equals(one))
            {
                yield return other;
            }
        }
    }

    private static void Write<T>(ByteWriter writer, IReadOnlyList<T> ids, Func<T, uint> valueOf)
    {
        writer.WriteVarint((ulong)ids.Count);
        foreach (T id in ids)
        {
            writer.WriteVarint(valueOf(id));
        }
    }

    private static T[] Read<T>(ref ByteReader reader, Func<uint, T> of)
    {
        var ids = new T[reader.ReadCount()];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = of(reader.ReadVarint32());
        }

        return ids;
    }
}
