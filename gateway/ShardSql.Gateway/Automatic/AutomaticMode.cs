namespace ShardSql.Gateway.Automatic;

/// <summary>What a cluster does by itself.</summary>
internal enum AutomaticMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>It leaves a plan for somebody to run.</summary>
    Advise,

    /// <summary>It runs the plan.</summary>
    On,
}
