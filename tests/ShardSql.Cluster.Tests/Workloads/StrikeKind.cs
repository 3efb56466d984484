namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>What the nemesis can do.</summary>
internal enum StrikeKind
{
    /// <summary>SIGKILL to a node.</summary>
    KillNode,

    /// <summary>SIGKILL to all nodes.</summary>
    KillAllNodes,

    /// <summary>SIGKILL to a gateway.</summary>
    KillGateway,

    /// <summary>SIGKILL to all gateways, until clients have given up on what they had begun.</summary>
    KillAllGateways,

    /// <summary>SIGSTOP to a node, SIGCONT later.</summary>
    PauseNode,

    /// <summary>SIGSTOP to a gateway, SIGCONT later.</summary>
    PauseGateway,

    /// <summary>A node and its peers do not hear each other; gateways reach all of them.</summary>
    IsolateNode,

    /// <summary>A node's peers do not hear it, but it hears them.</summary>
    MuteNode,

    /// <summary>A node does not hear its peers, but they hear it.</summary>
    DeafenNode,

    /// <summary>Everything that nodes say to each other comes late.</summary>
    DelayPeers,
}
