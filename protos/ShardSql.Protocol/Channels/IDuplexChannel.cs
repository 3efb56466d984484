using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;

namespace ShardSql.Protocol;

/// <summary>
/// One side of a stream of messages both ways, over HTTP/2 or within the process alike. Any number of senders;
/// one receiver at a time. Messages of one sender keep their order.
/// </summary>
public interface IDuplexChannel<in TSend, TReceive> : IAsyncDisposable
    where TSend : class, IMessage<TSend>
    where TReceive : class, IMessage<TReceive>
{
    /// <summary>What the other side said about itself when the call began: request metadata at the server,
    /// response metadata at the client.</summary>
    IReadOnlyDictionary<string, string> PeerMetadata => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Puts a message on its way; it is serialised before this returns, so the caller may change it afterwards.
    /// Messages of one turn leave together. The task ends at once while the other side keeps up, else when it has taken
    /// enough; cancelling ends the wait, not the message. A message above the limit is RESOURCE_EXHAUSTED and nothing
    /// is sent; an ended stream is <see cref="GrpcException"/>, and the next receive says why it ended.
    /// </summary>
    ValueTask SendAsync(TSend message, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="SendAsync"/>, but a small message may wait for the next one, with which it leaves, or for
    /// <see cref="Flush"/>: for a sender that has more to say at once.
    /// </summary>
    ValueTask GatherAsync(TSend message, CancellationToken cancellationToken) => SendAsync(message, cancellationToken);

    /// <summary>Lets leave what was gathered.</summary>
    void Flush()
    {
    }

    /// <summary>
    /// The next message; null when the other side has ended in order. Any other end is <see cref="GrpcException"/>.
    /// </summary>
    ValueTask<TReceive?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Takes a message that has already arrived, without waiting; false at the end too. Not to be mixed with a
    /// <see cref="ReceiveAsync"/> that is still running.</summary>
    bool TryReceive([NotNullWhen(true)] out TReceive? message);

    /// <summary>Ends this side's messages: what was sent still arrives, then the other side receives null.
    /// At the server the stream ends when the endpoint's method returns.</summary>
    void CompleteSend();
}
