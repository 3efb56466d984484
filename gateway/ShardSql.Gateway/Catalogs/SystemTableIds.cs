using System;
using System.Buffers.Binary;

using ShardSql.Execution;

namespace ShardSql.Gateway.Catalogs;

/// <summary>Tables of the system shard that belong to the gateway; catalog and map have the ids below
/// (SystemKeys).</summary>
internal static class SystemTableIds
{
    /// <summary>The cluster's identity: one row.</summary>
    public const uint Cluster = 16;

    /// <summary>Counters by name.</summary>
    public const uint Counters = 17;

    /// <summary>Answers to submitted transactions, by their UUID.</summary>
    public const uint Submissions = 18;

    /// <summary>When submissions may be forgotten: time, then their UUID.</summary>
    public const uint SubmissionExpiries = 19;

    /// <summary>Jobs, by id.</summary>
    public const uint Jobs = 40;

    /// <summary>Steps of jobs, by the job's id and their number.</summary>
    public const uint JobSteps = 44;

    /// <summary>Plans, by id.</summary>
    public const uint Plans = 45;

    /// <summary>Steps of plans, by the plan's id and their number.</summary>
    public const uint PlanSteps = 46;

    /// <summary>Settings of the cluster, by name.</summary>
    public const uint Settings = 47;

    /// <summary>Which gateway plans automatic work, by the name of its setting.</summary>
    public const uint AutomaticLeases = 48;

    /// <summary>The cluster's layout: one row, absent while it is that of the first day.</summary>
    public const uint Layout = 49;

    /// <summary>The counter of gateways' stamp sources.</summary>
    public const string GatewaySources = "gateway_sources";

    /// <summary>The key of the cluster's identity.</summary>
    public static byte[] ClusterKey { get; } = RowKeyLayout.RowPrefix(Cluster);

    /// <summary>The key of the cluster's layout.</summary>
    public static byte[] LayoutKey { get; } = RowKeyLayout.RowPrefix(Layout);

    /// <summary>A number as part of a key.</summary>
    public static byte[] NumberKey(long number)
    {
        byte[] key = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(key, number);
        return key;
    }

    /// <summary>The key of a counter.</summary>
    public static byte[] CounterKey(string name) =>
        [.. RowKeyLayout.RowPrefix(Counters), .. System.Text.Encoding.UTF8.GetBytes(name)];

    /// <summary>The key of a submission's expiry.</summary>
    public static byte[] ExpiryKey(long expiresMs, Guid id)
    {
        byte[] time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, expiresMs);
        return [.. RowKeyLayout.RowPrefix(SubmissionExpiries), .. time, .. id.ToByteArray(bigEndian: true)];
    }

    /// <summary>The key of a submission.</summary>
    public static byte[] SubmissionKey(Guid id) =>
        [.. RowKeyLayout.RowPrefix(Submissions), .. id.ToByteArray(bigEndian: true)];
}
