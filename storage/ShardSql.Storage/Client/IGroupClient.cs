using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;

namespace ShardSql.Storage.Client;

/// <summary>How a gateway changes who replicates a shard, and who leads it (commit.md §5). Every request may be sent
/// again.</summary>
public interface IGroupClient
{
    /// <summary>Asks the leader for a step towards a wish; asked again until it is done.</summary>
    ValueTask<GroupReply> ChangeAsync(ShardId shard, GroupRequest request, CancellationToken cancellationToken);
}

/// <summary>What is wished of a shard's group. The numbers are part of the wire format.</summary>
public enum GroupWish : byte
{
    /// <summary>A node that does not vote has all there is.</summary>
    Learns = 1,

    /// <summary>These nodes vote, and no others.</summary>
    Voters = 2,

    /// <summary>A node leads.</summary>
    Leads = 3,
}

/// <summary>A wish and the nodes that it is about.</summary>
public sealed record GroupRequest(GroupWish Wish, IReadOnlyList<NodeId> Nodes);

/// <summary>How far a wish has come.</summary>
/// <param name="IsDone">Whether it holds; otherwise the leader has begun what can be begun.</param>
/// <param name="Why">What it waits for.</param>
/// <param name="Voters">Who votes, by the latest change.</param>
public sealed record GroupReply(bool IsDone, string Why, IReadOnlyList<NodeId> Voters);
