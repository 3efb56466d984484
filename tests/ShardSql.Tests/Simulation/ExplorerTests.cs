using ShardSql.Simulation.Explorer;

using Xunit;

namespace ShardSql.Tests.Simulation;

/// <summary>Small explorations, and that each explorer finds what it is for. The large ones are a command.</summary>
public sealed class ExplorerTests
{
    [Fact]
    public void Paxos_withOneSlotAndARestart_isClean() => AssertClean(PaxosExplorer.Run(new PaxosBounds { Slots = 1 }), 10_000);

    [Fact]
    public void Paxos_withTwoSlots_isClean() =>
        AssertClean(PaxosExplorer.Run(new PaxosBounds { Proposals = 1, Restarts = 0, Heartbeats = 0 }), 50_000);

    [Fact]
    public void Paxos_withRejections_isClean() => AssertClean(
        PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Heartbeats = 0, Rejections = true }), 5_000);

    [Fact]
    public void Paxos_withALostDisk_isClean() => AssertClean(
        PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Heartbeats = 0, LosesDisk = true }), 10_000);

    [Theory]
    [InlineData(PaxosDefect.VotesAfterAmnesia)]
    [InlineData(PaxosDefect.ForgetsPromise)]
    [InlineData(PaxosDefect.ForgetsAccepted)]
    [InlineData(PaxosDefect.SendsBeforeSync)]
    public void Paxos_withADefect_isFound(PaxosDefect defect) =>
        Assert.NotNull(PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Defect = defect }).Violation);

    [Theory]
    [InlineData(CommitWorkload.WriteSkew)]
    [InlineData(CommitWorkload.ReadModifyWrite)]
    [InlineData(CommitWorkload.BlindWrites)]
    public void Commit_ofTwoTransactions_isClean(CommitWorkload workload) =>
        AssertClean(CommitExplorer.Run(new CommitBounds { Workload = workload, LeaderChanges = 0 }), 10_000);

    [Fact]
    public void Commit_ofBlindWrites_canCommitBoth() => Assert.Contains(
        "T1 Committed, T2 Committed",
        CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.BlindWrites, LeaderChanges = 0 }).Ends);

    [Fact]
    public void Commit_ofAWriteSkew_neverCommitsBoth() => Assert.DoesNotContain(
        "T1 Committed, T2 Committed",
        CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.WriteSkew, LeaderChanges = 0 }).Ends);

    [Theory]
    [InlineData(CommitWorkload.Move)]
    [InlineData(CommitWorkload.MoveWithWrongStamps)]
    public void Commit_whileASegmentMoves_isClean(CommitWorkload workload) =>
        AssertClean(CommitExplorer.Run(new CommitBounds { Workload = workload }), 20_000);

    [Fact]
    public void Commit_whileASegmentMoves_goesOnAtEitherOwner()
    {
        ExplorerReport report = CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.Move });
        Assert.Contains("T1 Committed, T2 Committed, T3 Aborted", report.Ends);
        Assert.Contains("T1 Committed, T2 Aborted, T3 Committed", report.Ends);
        Assert.Contains("T1 Aborted, T2 Committed, T3 Aborted", report.Ends);
    }

    [Fact]
    public void Commit_withStampsOnTheWrongSideOfTheSwitch_isRefused()
    {
        ExplorerReport report = CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.MoveWithWrongStamps });
        Assert.DoesNotContain(report.Ends, end => end.Contains("T3 Committed", System.StringComparison.Ordinal));
        Assert.DoesNotContain(
            report.Ends, end => end.StartsWith("T1 Committed, T2 Committed", System.StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(CommitDefect.VolatileRefusal)]
    [InlineData(CommitDefect.VoteBeforeChosen)]
    [InlineData(CommitDefect.AbortsAlone)]
    public void Commit_withADefect_isFound(CommitDefect defect) => Assert.NotNull(CommitExplorer.Run(
        new CommitBounds { Workload = CommitWorkload.BlindWrites, Defect = defect }).Violation);

    private static void AssertClean(ExplorerReport report, long statesMin)
    {
        Assert.Null(report.Violation);
        Assert.True(report.Complete);
        Assert.True(report.States > statesMin, $"{report.States} states are too few to mean anything.");
    }
}
