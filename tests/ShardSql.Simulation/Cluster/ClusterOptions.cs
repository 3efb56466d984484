using System;
using System.Collections.Generic;
using System.IO;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Faults;
using ShardSql.Simulation.Cluster.Workloads;
using ShardSql.Storage.Files;

namespace ShardSql.Simulation.Cluster;

/// <summary>One run of the whole-cluster simulator.</summary>
public sealed record ClusterOptions
{
    /// <summary>The seed, which decides everything else that is not said here.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How long faults and load last, virtual ms.</summary>
    public long LoadMs { get; init; } = 60_000;

    /// <summary>Of the faults that the seed plans, those that are left out; for shrinking.</summary>
    public Func<int, bool>? SkipsFault { get; init; }

    /// <summary>Whether the seed plans faults at all.</summary>
    public bool HasFaults { get; init; } = true;

    /// <summary>What the clients do; null: the seed draws it.</summary>
    public WorkloadKinds? Kinds { get; init; }

    /// <summary>Changes what the seed has drawn of sizes, delays and bounds.</summary>
    internal Func<ClusterKnobs, ClusterKnobs>? Tune { get; init; }

    /// <summary>Faults in place of those that the seed plans.</summary>
    internal IReadOnlyList<PlannedFault>? Plan { get; init; }

    /// <summary>Receives every event as a line.</summary>
    public TextWriter? Trace { get; init; }

    /// <summary>Damage done on purpose, to prove that it is seen.</summary>
    public ClusterTampering Tampering { get; init; } = new();
}

/// <summary>What a test breaks on purpose.</summary>
public sealed record ClusterTampering
{
    /// <summary>Puts something between a node and its disk.</summary>
    public Func<NodeId, IFileSystem, IFileSystem>? Disk { get; init; }

    /// <summary>Looks at each message (from, to, bytes) and gives what is delivered in its place; null: nothing.</summary>
    public Func<uint, uint, byte[], byte[]?>? Message { get; init; }

    /// <summary>Changes an entry (node, shard, slot, value) as the checkers see a replica apply it.</summary>
    public Func<NodeId, ShardId, Slot, byte[], byte[]>? Entry { get; init; }

    /// <summary>Changes a state hash (node, hash) as the checkers see it.</summary>
    public Func<NodeId, ulong, ulong>? State { get; init; }

    /// <summary>Whether a node's syncs are kept from the checkers.</summary>
    public Func<NodeId, bool>? HidesSync { get; init; }

    /// <summary>Changes what a client is told of a commit: (transaction, committed) to committed.</summary>
    public Func<TxnId, bool, bool>? Acknowledgement { get; init; }

    /// <summary>Changes a value that a client has read.</summary>
    public Func<string?, string?>? Read { get; init; }
}
