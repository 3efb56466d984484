namespace ShardSql.Cluster.Tests.Processes;

/// <summary>What a <see cref="FaultProxy"/> does to a link.</summary>
internal enum LinkFault
{
    /// <summary>Everything passes.</summary>
    None,

    /// <summary>Everything passes, late.</summary>
    Delay,

    /// <summary>What the near end says waits; what the far end answers passes.</summary>
    Stall,

    /// <summary>Connections are reset, with what is on its way; new ones too.</summary>
    Drop,
}
