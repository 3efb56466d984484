using System;
using System.Collections.Generic;

namespace ShardSql.Simulation.Directed;

/// <summary>
/// Single paths that were once a bug, or that random runs take too seldom to rely on. Each gives what is wrong, or null;
/// the mutants' engine <c>directed</c> runs them all.
/// </summary>
public static class DirectedScenarios
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, Func<string?>> All { get; } =
        new SortedDictionary<string, Func<string?>>(StringComparer.Ordinal)
        {
            ["campaign-under-lease"] = PaxosScenarios.CampaignUnderLease,
            ["deaf-leader"] = PaxosScenarios.DeafLeader,
            ["begun-move-of-a-cut-segment"] = CopierScenarios.BegunMoveOfACutSegment,
            ["flush-without-sync"] = DataScenarios.FlushWithoutSync,
            ["flush-while-a-scan-waits"] = ReadScenarios.FlushWhileAScanWaits,
            ["mark-before-the-pass-is-staged"] = MoveScenarios.MarkBeforeThePassIsStaged,
            ["purge-below-the-switch"] = MoveScenarios.PurgeBelowTheSwitch,
            ["relies-below-the-switch"] = MoveScenarios.ReliesBelowTheSwitch,
            ["settled-above-the-horizon"] = MoveScenarios.SettledAboveTheHorizon,
            ["snapshot-above-a-proposed-switch"] = MoveScenarios.SnapshotAboveAProposedSwitch,
            ["given-up-while-it-installs"] = LayoutScenarios.GivenUpWhileItInstalls,
            ["given-up-and-made-again"] = LayoutScenarios.MadeAgain,
            ["given-up-before-it-is-logged"] = LayoutScenarios.MarkedBeforeItIsLogged,
            ["log-cut-behind-a-former-life"] = LayoutScenarios.CutBehindAFormerLife,
            ["stale-runner"] = MoveScenarios.StaleRunner,
            ["switch-before-the-undecided"] = MoveScenarios.SwitchBeforeTheUndecided,
            ["switch-below-a-snapshot"] = MoveScenarios.SwitchBelowASnapshot,
            ["switch-below-who-relied"] = MoveScenarios.SwitchBelowWhoRelied,
            ["store-emptied-behind-new-log"] = DataScenarios.StoreEmptiedBehindNewLog,
            ["flush-during-the-last-part"] = SnapshotScenarios.FlushDuringTheLastPart,
            ["snapshot-with-a-flipped-bit"] = SnapshotScenarios.FlippedBit,
            ["snapshot-after-half-of-another"] = SnapshotScenarios.SnapshotAfterHalfOfAnother,
            ["late-lease"] = PaxosScenarios.LateLease,
            ["late-acknowledgement"] = PaxosScenarios.LateAcknowledgement,
            ["lease-over-restart"] = PaxosScenarios.LeaseOverRestart,
            ["older-snapshot"] = PaxosScenarios.OlderSnapshot,
            ["prepare-after-its-vote-is-forgotten"] = CommitScenarios.PrepareAfterItsVoteIsForgotten,
            ["promise-before-flush"] = SnapshotScenarios.PromiseBeforeFlush,
            ["accepts-before-flush"] = SnapshotScenarios.AcceptsBeforeFlush,
            ["versions-that-leave-twice"] = FlushScenarios.VersionsThatLeaveTwice,
            ["versions-never-stored"] = FlushScenarios.VersionsThatWereNeverStored,
            ["promise-before-amnesia"] = PaxosScenarios.PromiseBeforeAmnesia,
            ["return-of-one-cut-off"] = PaxosScenarios.Return,
            ["voter-of-a-former-life"] = VoterScenarios.OfAFormerVoter,
            ["leaves-before-they-know"] = VoterScenarios.LeavesBeforeTheyKnow,
            ["needed-by-those-who-vote"] = VoterScenarios.NeededByThoseWhoVote,
            ["voters-known-before-it-is-durable"] = VoterScenarios.KnownBeforeItIsDurable,
            ["voters-of-an-open-slot"] = VoterScenarios.OfAnOpenSlot,
            ["yield-ends-the-lease"] = YieldScenarios.EndsTheLease,
            ["yield-waits-for-the-last-value"] = YieldScenarios.WaitsForTheLastValue,
            ["yield-of-an-earlier-ballot"] = YieldScenarios.OfAnEarlierBallot,
            ["quota-spent-twice"] = CommitScenarios.QuotaSpentTwice,
            ["taker-after-giver"] = CommitScenarios.TakerAfterGiver,
            ["two-amnesiacs"] = PaxosScenarios.TwoAmnesiacs,
        };
}
