using System;

namespace ShardSql.Gateway;

/// <summary>
/// Every bound of a gateway, each with the error that names it. Beyond one of them a request ends with an error and the
/// session goes on; nothing grows with what a client sends.
/// </summary>
public static class GatewayLimits
{
    /// <summary>One of so many committed transactions is looked at for its rows.</summary>
    public const int SampleEvery = 8;

    /// <summary>Rows of one transaction that are looked at; what is beyond is not.</summary>
    public const int MaxTouchedRows = 64;

    /// <summary>Hot rows, segments and edges that are shown at most.</summary>
    public const int MaxHotRows = 1_000;

    /// <summary>Between two looks of TRANSFER LEADER at who leads.</summary>
    public static readonly TimeSpan TransferPollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>How long TRANSFER LEADER waits for the node to lead.</summary>
    public static readonly TimeSpan TransferTime = TimeSpan.FromSeconds(10);

    /// <summary>Between two questions how far a shard's group has come, in a job.</summary>
    public static readonly TimeSpan GroupPollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one of them may take: no leader may be there to answer.</summary>
    public static readonly TimeSpan GroupAskTime = TimeSpan.FromSeconds(2);

    /// <summary>A job that waits for a group writes its row so often.</summary>
    public static readonly TimeSpan GroupNoteInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a gateway waits until its own process has taken a new layout.</summary>
    public static readonly TimeSpan AdoptTime = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks whether it has.</summary>
    public static readonly TimeSpan AdoptPollInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>How long REMOVE NODE ... FORCE waits for the votes of a node to be taken.</summary>
    public static readonly TimeSpan ForceTime = TimeSpan.FromSeconds(15);

    /// <summary>How long nodes are looked for before it is said that they do not answer: the first look at a new one takes a
    /// while.</summary>
    public static readonly TimeSpan NodeLookTime = TimeSpan.FromSeconds(2);

    /// <summary>After so long every gateway that works has heard that a shard is closed.</summary>
    public static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(3);

    /// <summary>How long RESOLVE TRANSACTION waits for the votes of participants.</summary>
    public static readonly TimeSpan ResolveTime = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one statement text (54000).</summary>
    public const int MaxTextBytes = 1024 * 1024;

    /// <summary>Parameters of one request (54000).</summary>
    public const int MaxParameters = 16_384;

    /// <summary>Statements of one request (54000).</summary>
    public const int MaxStatements = 1_000;

    /// <summary>Statements that are kept bound for all sessions; beyond it the least recently used is bound anew.
    /// </summary>
    public const int MaxCachedPlans = 2_048;

    /// <summary>Bytes of a statement's tree beyond which it is bound anew each time.</summary>
    public const int MaxCachedStatementBytes = 8 * 1024;

    /// <summary>Requests of one session that wait behind the running one (53400).</summary>
    public const int MaxQueuedRequests = 256;

    /// <summary>Bytes of the requests of one session that wait (53400).</summary>
    public const int MaxQueuedBytes = 16 * 1024 * 1024;

    /// <summary>Answers to Ping, and refusals, that a session's client has not taken yet; beyond it the session
    /// ends.</summary>
    public const int MaxUntakenReplies = 1_024;

    /// <summary>Outcome questions of one session that run at once (53400).</summary>
    public const int MaxOutcomeQuestions = 16;

    /// <summary>Sessions of one gateway, unless an option says otherwise (53300).</summary>
    public const int DefaultMaxSessions = 5_000;

    /// <summary>Transactions submitted in one call that run at once on one gateway (53400).</summary>
    public const int MaxSubmissions = 1_024;

    /// <summary>Key operations of one submitted transaction (54000).</summary>
    public const int MaxKeyOperations = 10_000;

    /// <summary>Row bytes that a submitted transaction may return (54000).</summary>
    public const int MaxSubmitRowBytes = 1024 * 1024;

    /// <summary>Row bytes in one frame.</summary>
    public const int RowBatchBytes = 64 * 1024;

    /// <summary>Row bytes in flight when the client names no window.</summary>
    public const int DefaultWindowBytes = 1024 * 1024;

    /// <summary>Row bytes in flight at most, whatever the client asks for.</summary>
    public const int MaxWindowBytes = 64 * 1024 * 1024;

    /// <summary>Buffered writes of an open transaction at one shard (54000).</summary>
    public const int MaxBufferedBytesPerShard = 4 * 1024 * 1024;

    /// <summary>Bytes of the statements that go to a shard as one message; what is longer goes one by one.</summary>
    public const int MaxPushedBytes = 2 * 1024 * 1024;

    /// <summary>Keys and ranges that an open transaction may have read (54000).</summary>
    public const int MaxReadSet = 200_000;

    /// <summary>Row bytes that a writing autocommit statement with RETURNING keeps until its commit is known
    /// (53200).</summary>
    public const int MaxHeldRowBytes = 16 * 1024 * 1024;

    /// <summary>Savepoints of a transaction (54000).</summary>
    public const int MaxSavepoints = 1_000;

    /// <summary>New attempts after a refusal that says nothing about the content (commit.md §3).</summary>
    public const int MaxCommitRetries = 5;

    /// <summary>Bytes of rows in one part of a move: one log entry of the target.</summary>
    public const int MovePartBytes = 16 * 1024;

    /// <summary>How many times as long as a part takes a move rests behind it, where no throttle is set.</summary>
    public const int MoveRestFactor = 8;

    /// <summary>Its longest rest.</summary>
    public static readonly TimeSpan MoveRestMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Rows that a move compares at once.</summary>
    public const int MoveRowsCompared = 512;

    /// <summary>Index entries that a move reads at once.</summary>
    public const int MoveKeysAtOnce = 1_024;

    /// <summary>A pass over what has changed is the last before the pause when it brings no more than this.</summary>
    public const int MoveTailBytes = 64 * 1024;

    /// <summary>Attempts to switch during one pause.</summary>
    public const int MaxSwitchAttempts = 50;

    /// <summary>How far the stamp of a switch lies ahead, so that what is read while it is on its way lies below it.
    /// </summary>
    public static readonly TimeSpan SwitchLead = TimeSpan.FromMilliseconds(5);

    /// <summary>How often that lead is doubled when it was too short: up to 320 ms, far below the skew that shards allow.
    /// </summary>
    public const int MaxSwitchLeadDoublings = 6;

    /// <summary>Between two looks for rows that moves have left.</summary>
    public static readonly TimeSpan CollectInterval = TimeSpan.FromSeconds(2);

    /// <summary>How often a commit waits for a segment that moves.</summary>
    public const int MaxMoveWaits = 1_000;

    /// <summary>How often a statement is started again at a newer snapshot, or re-planned, before it gives
    /// up.</summary>
    public const int MaxStatementRestarts = 20;

    /// <summary>How often a block of a sequence is taken anew when nobody knows whether it was taken (40003).</summary>
    public const int MaxSequenceDraws = 5;

    /// <summary>How often a statement is planned for the numbers of sequences that it takes; nextval alone needs two
    /// (54001).</summary>
    public const int MaxSequencePasses = 32;

    /// <summary>How often the cursors of one query may be opened again after a change of leaders (57P03).</summary>
    public const int MaxCursorResumes = 8;

    /// <summary>Rounds of QUERY and questions about an outcome, each after a longer pause, before a deadline ends
    /// them.</summary>
    public const int MaxRecoveryRounds = 10_000;

    /// <summary>Conflicts that SHOW CONFLICTS can give.</summary>
    public const int MaxConflictsKept = 1_000;

    /// <summary>Parts of the record of who committed what, so that sessions do not wait for each other.</summary>
    public const int CommitStripes = 16;

    /// <summary>Latest commits in each part.</summary>
    public const int CommitsPerStripe = 256;

    /// <summary>Statements that SHOW STATEMENTS can give.</summary>
    public const int MaxStatementsKept = 1_000;

    /// <summary>Rows of a dropped table that one transaction deletes.</summary>
    public const int DropBatchRows = 2_000;

    /// <summary>Answers to submitted transactions that one sweep forgets.</summary>
    public const uint SweepRows = 500;

    /// <summary>Jobs that one gateway works on at once; others wait for it or for another gateway.</summary>
    public const int MaxRunningJobs = 4;

    /// <summary>Jobs whose rows are kept; of more the oldest that have ended are forgotten.</summary>
    public const int MaxKeptJobs = 1_000;

    /// <summary>Plans that are kept; of more the oldest are dropped.</summary>
    public const int MaxKeptPlans = 100;

    /// <summary>Rows, or segments, that one RESHARD moves.</summary>
    public const int MaxReshardMoves = 2_000;

    /// <summary>Steps that are kept of all plans, and of all jobs; of more the oldest plans are dropped, and the oldest jobs
    /// that have ended forgotten.</summary>
    public const int MaxKeptSteps = 50_000;

    /// <summary>Steps of one plan, and of one job (54000).</summary>
    public const int MaxSteps = 10_000;

    /// <summary>Bytes of rows that are read to learn how large one step is; of what is larger the rest is estimated.
    /// </summary>
    public const int MaxSurveyedBytesOfStep = 16 * 1024 * 1024;

    /// <summary>Bytes of rows that are read to learn how large all steps of a plan are.</summary>
    public const int MaxSurveyedBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of a segment that are read to find its middle, where only its rows tell (54000).</summary>
    public const long MaxSurveyedBytesForMiddle = 1L << 30;

    /// <summary>Bytes of rows that a statement which begins at once reads to know how far it is later.</summary>
    public const int MaxSurveyedBytesAtOnce = 256 * 1024;

    /// <summary>Keys of a segment that are kept to divide it evenly.</summary>
    public const int SurveyedKeys = 4_096;

    /// <summary>The last moves by whose pauses that of a new one is estimated.</summary>
    public const int MovesForEstimate = 32;

    /// <summary>What a pause is estimated at where nothing has moved yet, ms.</summary>
    public const int AssumedPauseMs = 25;

    /// <summary>So often a job is tried again without a step forward before it takes back what it did.</summary>
    public const int MaxJobAttempts = 20;

    /// <summary>Headers and deltas that are read of each shard at once to find rows that are calm.</summary>
    public const uint MaxSpilloverHeaders = 16_384;

    /// <summary>Rows of one batch of a new index.</summary>
    public const int BackfillBatchRows = 256;

    /// <summary>How long a submitted transaction may wait for its commit.</summary>
    public static readonly TimeSpan SubmissionTime = TimeSpan.FromSeconds(30);

    /// <summary>How often deltas are looked for that are old or many, where a table does not ask for more.</summary>
    public static readonly TimeSpan SpilloverInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often it is seen which tables ask for a look; none can ask more often.</summary>
    public static readonly TimeSpan SpilloverTick = TimeSpan.FromMilliseconds(50);

    /// <summary>Rows that were hot take no more deltas when none came for so long; and so often rows without any are looked
    /// for.</summary>
    public static readonly TimeSpan SpilloverCalm = TimeSpan.FromSeconds(1);

    /// <summary>How long the looks are a gateway's.</summary>
    public static readonly TimeSpan SpilloverLease = TimeSpan.FromSeconds(3);

    /// <summary>How often answers that nobody can ask for any more are forgotten.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long the answer to a submitted transaction is kept, and how long an outcome can be asked
    /// about.</summary>
    public static readonly TimeSpan SubmissionLife = TimeSpan.FromMinutes(10);

    /// <summary>The longest that a statement may run (57014).</summary>
    public static readonly TimeSpan MaxStatementTime = TimeSpan.FromMinutes(10);

    /// <summary>How long a client may leave a result without credit (57014).</summary>
    public static readonly TimeSpan MaxStall = TimeSpan.FromMinutes(5);

    /// <summary>A client that watches its timeout itself may be so much earlier than the gateway.</summary>
    public static readonly TimeSpan TimeoutLead = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a client may take to say Hello.</summary>
    public static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long an outcome question is pursued before the answer is "unknown".</summary>
    public static readonly TimeSpan OutcomeQuestionTime = TimeSpan.FromSeconds(10);

    /// <summary>Recovery of a transaction without a vote starts no sooner (commit.md §3).</summary>
    public static readonly TimeSpan RecoveryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>The pause between rounds of recovery grows up to this.</summary>
    public static readonly TimeSpan MaxRecoveryPause = TimeSpan.FromSeconds(1);

    /// <summary>How often the catalog's version is looked at.</summary>
    public static readonly TimeSpan CatalogPollInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often the oldest snapshot is reported.</summary>
    public static readonly TimeSpan SnapshotReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a job is a gateway's after its last step.</summary>
    public static readonly TimeSpan JobLease = TimeSpan.FromSeconds(5);

    /// <summary>How often a gateway looks for jobs that nobody works on.</summary>
    public static readonly TimeSpan JobPollInterval = TimeSpan.FromSeconds(1);

    /// <summary>After so long a statement that waits for a job looks at it; the pauses double up to 32 times that.
    /// </summary>
    public static readonly TimeSpan FirstJobLook = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a stopping gateway waits for commits that are on their way.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
}
