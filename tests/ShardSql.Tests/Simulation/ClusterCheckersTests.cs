using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster;
using ShardSql.Simulation.Cluster.Faults;
using ShardSql.Storage.Files;
using ShardSql.Storage.Messages;

using Xunit;

namespace ShardSql.Tests.Simulation;

/// <summary>Each checker of the cluster simulator sees what it is there for: one thing at a time is broken on purpose.
/// </summary>
public sealed class ClusterCheckersTests
{
    private const ulong Seed = 4;
    private const ulong SeedsMax = 20;

    [Fact]
    public void Disk_that_lies_about_syncs_is_found_as_lost_acknowledgements()
    {
        PlannedFault[] powerCuts =
            [.. Enumerable.Range(1, 4).Select(i => new PlannedFault(i, i * 1_000, FaultKind.PowerCutAll, 1, 1, 100))];
        AssertFound(new ClusterTampering { Disk = (_, files) => new LyingFileSystem(files) }, "acknowledged", powerCuts);
    }

    [Fact]
    public void Outcomes_that_never_arrive_are_found_after_the_heal()
    {
        StorageMessageKind[] dropped = [StorageMessageKind.Vote, StorageMessageKind.Query, StorageMessageKind.Decide];
        IReadOnlyList<string> anomalies = Run(new ClusterTampering
        {
            Message = (_, _, bytes) => dropped.Contains((StorageMessageKind)bytes[0]) ? null : bytes,
        }).Anomalies;

        Assert.NotEmpty(anomalies);
    }

    [Fact]
    public void Shard_without_a_majority_is_found_after_the_heal() => AssertFound(
        new ClusterTampering
        {
            Message = (from, to, bytes) => from is > 1 and < 100 && to is > 1 and < 100 ? null : bytes,
        },
        "does not take its first rows");

    [Fact]
    public void Other_value_in_a_slot_is_found() => AssertFound(
        new ClusterTampering
        {
            Entry = (node, _, slot, value) => node.Value == 2 && slot.Value == 20 ? [1, 2, 3] : value,
        },
        "another value than others in slot 20");

    [Fact]
    public void Other_state_after_a_slot_is_found() => AssertFound(
        new ClusterTampering { State = (node, hash) => node.Value == 3 ? hash + 1 : hash },
        "in another state than others");

    [Fact]
    public void Entry_that_is_not_synced_on_a_majority_is_found() => AssertFound(
        new ClusterTampering { HidesSync = node => node.Value != 1 }, "had synced");

    [Fact]
    public void Acknowledged_transaction_that_did_not_commit_is_found() => AssertFound(
        new ClusterTampering { Acknowledgement = (_, _) => true }, "was acknowledged and did not commit");

    [Fact]
    public void Refused_transaction_that_committed_is_found() => AssertFound(
        new ClusterTampering { Acknowledgement = (id, committed) => committed && id.Sequence % 10 != 3 },
        "was refused and committed");

    [Fact]
    public void Value_that_nobody_wrote_is_found() => AssertFound(
        new ClusterTampering { Read = text => text is { Length: > 12 } ? text[..^3] : text }, "not serial");

    private static ClusterReport Run(
        ClusterTampering tampering, IReadOnlyList<PlannedFault>? plan = null, ulong seed = Seed) =>
        SimulatedCluster.Run(new ClusterOptions
        {
            Seed = seed, LoadMs = 6_000, Plan = plan ?? [], Tampering = tampering,
        });

    private static void AssertFound(
        ClusterTampering tampering, string anomaly, IReadOnlyList<PlannedFault>? plan = null)
    {
        // Not every seed has what is tampered with, a transaction that is refused, say.
        for (ulong seed = Seed; seed < Seed + SeedsMax; seed++)
        {
            if (Run(tampering, plan, seed).Anomalies.Any(found => found.Contains(anomaly, StringComparison.Ordinal)))
            {
                return;
            }
        }

        Assert.Fail($"none of {SeedsMax} seeds shows \"{anomaly}\"");
    }

    /// <summary>A disk that says it has synced and has not.</summary>
    private sealed class LyingFileSystem(IFileSystem files) : IFileSystem
    {
        public IDurableFile Open(string path) => new LyingFile(files.Open(path));

        public IDurableFile Create(string path) => new LyingFile(files.Create(path));

        public bool Exists(string path) => files.Exists(path);

        public void CreateFolder(string folder) => files.CreateFolder(folder);

        public IReadOnlyList<string> List(string folder) => files.List(folder);

        public void Rename(string from, string to) => files.Rename(from, to);

        public void Delete(string path) => files.Delete(path);

        public void SyncFolder(string folder) => files.SyncFolder(folder);

        public (long Free, long Size) SpaceOf(string folder) => files.SpaceOf(folder);
    }

    private sealed class LyingFile(IDurableFile file) : IDurableFile
    {
        private bool _wroteHeader;

        public string Path => file.Path;

        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            _wroteHeader |= offset == 0;
            file.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

        public void Preallocate(long length) => file.Preallocate(length);

        // What makes a file is synced, or nothing at all could be read after a power cut.
        public void Sync()
        {
            if (_wroteHeader)
            {
                file.Sync();
                _wroteHeader = false;
            }
        }

        public void Dispose() => file.Dispose();
    }
}
