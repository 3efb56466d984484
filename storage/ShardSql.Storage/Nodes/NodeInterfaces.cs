using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Stores;

namespace ShardSql.Storage.Nodes;

/// <summary>A way to somebody who sent us something. Sending never blocks and may lose the message.</summary>
public interface IPeerLink
{
    /// <summary>Sends one message: kind and body.</summary>
    void Send(ReadOnlySpan<byte> message);
}

/// <summary>The other nodes. Sending never blocks and may lose the message.</summary>
public interface INodeTransport
{
    /// <summary>Sends one message: kind and body.</summary>
    void Send(NodeId to, ReadOnlySpan<byte> message);
}

/// <summary>The node's write-ahead log as its loop sees it; what is durable comes back later.</summary>
public interface INodeLog
{
    /// <summary>Adds a record and gives its number; numbers rise by one.</summary>
    ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload);

    /// <summary>Gives up the segments below a number.</summary>
    void TruncateBefore(ulong segment);
}

/// <summary>
/// The base store as the loop sees it: results come back on the loop, at once when they are at hand. An error ends the
/// node.
/// </summary>
public interface INodeStore
{
    /// <summary>Reads keys.</summary>
    void Get(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<byte[]?>> then);

    /// <summary>Reads rows of a range.</summary>
    void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then);

    /// <summary>Applies a sorted batch and syncs it.</summary>
    void ApplyAndSync(IReadOnlyList<StoreChange> sortedBatch, Action then);

    /// <summary>Opens a view of the store as it is now; the caller closes it.</summary>
    void OpenView(Action<INodeStoreView> then);
}

/// <summary>A read-only view of a base store at one moment.</summary>
public interface INodeStoreView
{
    /// <summary>Reads rows of a range.</summary>
    void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then);

    /// <summary>Gives the view back.</summary>
    void Close();
}
