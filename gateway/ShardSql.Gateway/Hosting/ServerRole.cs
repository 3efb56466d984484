namespace ShardSql.Gateway.Hosting;

/// <summary>What a process of a cluster does.</summary>
public enum ServerRole
{
    /// <summary>A storage node.</summary>
    Node,

    /// <summary>A gateway.</summary>
    Gateway,

    /// <summary>Both, on one port.</summary>
    Both,
}
