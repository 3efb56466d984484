using System;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Jobs;

/// <summary>A job as its row of the system shard holds it: what it is about, how far it is, and who works on it.
/// Immutable; each step writes the next one in the transaction that does the step.</summary>
internal sealed record JobRecord
{
    public const string CreateIndex = "CREATE INDEX";

    public const string MoveSegment = "MOVE SEGMENT";

    /// <summary>A table gets another placement.</summary>
    public const string AlterTable = "ALTER TABLE";

    /// <summary>The first word of the kind of a job that takes another one back.</summary>
    public const string Revert = "REVERT";

    private const byte FormatVersion = 4;

    private const byte FirstFormatWithSteps = 3;

    private const byte FirstFormatWithRewrites = 4;

    public required long Id { get; init; }

    public required string Kind { get; init; }

    public JobState State { get; init; } = JobState.Running;

    public string Phase { get; init; } = JobPhase.Creating;

    /// <summary>What it works on, for people.</summary>
    public required string Target { get; init; }

    public uint TableId { get; init; }

    public uint IndexNumber { get; init; }

    /// <summary>Whether it builds an index, or writes a table anew as one.</summary>
    public bool IsBuild => IndexNumber != 0;

    /// <summary>Whether the index is a table's rows under their new keys.</summary>
    public bool IsRewrite { get; init; }

    /// <summary>The clause of the placement that a table had before it was rewritten.</summary>
    public string Before { get; init; } = "";

    /// <summary>When all rows had been written anew: nobody may read the table at an earlier snapshot afterwards.</summary>
    public HlcTimestamp WholeAt { get; init; }

    /// <summary>The shards whose rows are copied whole.</summary>
    public int ShardsDone { get; init; }

    public int Shards { get; init; }

    /// <summary>The last key that was copied of the next shard; empty: none yet.</summary>
    public byte[] Position { get; init; } = [];

    public long RowsCopied { get; init; }

    public long BytesCopied { get; init; }

    /// <summary>How often a step failed and was begun again.</summary>
    public int Attempts { get; init; }

    public string WaitingFor { get; init; } = "";

    public string ErrorState { get; init; } = "";

    public string LastError { get; init; } = "";

    public string ErrorDetail { get; init; } = "";

    public bool IsCancelled { get; init; }

    /// <summary>PAUSE JOB: nobody works on it until RESUME JOB.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The segment that moves; 0: none.</summary>
    public uint SegmentId { get; init; }

    /// <summary>Where it goes.</summary>
    public uint ToShard { get; init; }

    /// <summary>How long writes may wait for the switch, ms.</summary>
    public int MaxPauseMs { get; init; } = 250;

    /// <summary>Whether a pause that would take longer ends the job (55P04); else it goes on catching up.</summary>
    public bool AbortsOnPause { get; init; }

    /// <summary>Bytes to copy in a second; 0: as many as can be.</summary>
    public long Throttle { get; init; }

    /// <summary>How long writes would have to wait now, ms.</summary>
    public long EstimatedPauseMs { get; init; }

    /// <summary>How long they did wait, µs.</summary>
    public long RealPauseUs { get; init; }

    /// <summary>The same in ms, rounded up.</summary>
    public long RealPauseMs => (RealPauseUs + 999) / 1_000;

    /// <summary>The plan that it carries out; 0: none.</summary>
    public long PlanId { get; init; }

    /// <summary>The job that this one takes back; 0: none.</summary>
    public long Reverts { get; init; }

    /// <summary>Steps of a job that changes the map, and how many of them are done: its position. The steps themselves are
    /// rows of their own (<see cref="StepStore"/>).</summary>
    public int Steps { get; init; }

    public int StepsDone { get; init; }

    /// <summary>Weights of all steps, of those that are done, and of the one at work: what progress is measured by. Where it
    /// builds something, the first is the rows that are read in all, and the second those that have been compared.</summary>
    public long TotalWeight { get; init; }

    public long DoneWeight { get; init; }

    public long StepWeight { get; init; }

    /// <summary>Rows and bytes of the steps that are done.</summary>
    public long RowsOfSteps { get; init; }

    public long BytesOfSteps { get; init; }

    /// <summary>Rows and bytes of the step at work.</summary>
    public long RowsOfStep => RowsCopied - RowsOfSteps;

    public long BytesOfStep => BytesCopied - BytesOfSteps;

    /// <summary>Whether what was copied is not compared with what it was copied from.</summary>
    public bool SkipsVerify { get; init; }

    /// <summary>How far the target lies behind the source, ms; −1: it does not follow it now.</summary>
    public long LagMs { get; init; } = -1;

    /// <summary>When work on it began, and when it ended, ms; 0: not yet.</summary>
    public long StartedMs { get; init; }

    public long FinishedMs { get; init; }

    /// <summary>The statement that began it, where RETRY JOB needs it.</summary>
    public byte[] Statement { get; init; } = [];

    /// <summary>Rises with each gateway that takes the job; a step of an older one finds another number here.</summary>
    public long Epoch { get; init; }

    /// <summary>When another gateway may take it.</summary>
    public long LeaseUntilMs { get; init; }

    public bool HasEnded => State != JobState.Running;

    /// <summary>Whether what it does is to be gone on with: nobody has asked for a pause, or for its end.</summary>
    public bool GoesOn => !HasEnded && !IsPaused && !IsCancelled;

    /// <summary>Whether somebody is to work on it: a pause does not keep it from taking back what it did.</summary>
    public bool HasWork => !HasEnded && (!IsPaused || IsCancelled);

    /// <summary>Of 1.</summary>
    public double Progress => State == JobState.Succeeded ? 1
        : TotalWeight > 0
            ? Math.Min(0.99, (DoneWeight + (IsBuild ? RowsCopied : Math.Min(StepWeight, BytesOfStep))) / (double)TotalWeight)
        : Shards == 0 ? 0 : ShardsDone / (Shards + 1d);

    public int Percent => (int)(100 * Progress);

    /// <summary>Seconds to go, as it has gone so far; null: nobody knows.</summary>
    public long? SecondsLeft(long nowMs) => HasEnded ? 0
        : Progress <= 0 || StartedMs == 0 || IsPaused ? null
        : (long)Math.Ceiling((nowMs - StartedMs) * (1 - Progress) / Progress / 1_000);

    public byte[] Encode()
    {
        var writer = new ByteWriter(128);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint((ulong)Id);
        writer.WriteString(Kind);
        writer.WriteByte((byte)State);
        writer.WriteString(Phase);
        writer.WriteString(Target);
        writer.WriteVarint(TableId);
        writer.WriteVarint(IndexNumber);
        writer.WriteVarint((ulong)ShardsDone);
        writer.WriteVarint((ulong)Shards);
        writer.WriteBytes(Position);
        writer.WriteVarint((ulong)RowsCopied);
        writer.WriteVarint((ulong)BytesCopied);
        writer.WriteVarint((ulong)Attempts);
        writer.WriteString(WaitingFor);
        writer.WriteString(ErrorState);
        writer.WriteString(LastError);
        writer.WriteString(ErrorDetail);
        writer.WriteBoolean(IsCancelled);
        writer.WriteBoolean(IsPaused);
        writer.WriteVarint(SegmentId);
        writer.WriteVarint(ToShard);
        writer.WriteVarint((ulong)MaxPauseMs);
        writer.WriteBoolean(AbortsOnPause);
        writer.WriteVarint((ulong)Throttle);
        writer.WriteVarint((ulong)EstimatedPauseMs);
        writer.WriteVarint((ulong)RealPauseUs);
        writer.WriteVarint((ulong)Epoch);
        writer.WriteVarint((ulong)LeaseUntilMs);
        writer.WriteVarint((ulong)PlanId);
        writer.WriteVarint((ulong)Reverts);
        writer.WriteVarint((ulong)Steps);
        writer.WriteVarint((ulong)StepsDone);
        writer.WriteVarint((ulong)TotalWeight);
        writer.WriteVarint((ulong)DoneWeight);
        writer.WriteVarint((ulong)StepWeight);
        writer.WriteVarint((ulong)RowsOfSteps);
        writer.WriteVarint((ulong)BytesOfSteps);
        writer.WriteBoolean(SkipsVerify);
        writer.WriteVarint((ulong)(LagMs + 1));
        writer.WriteVarint((ulong)StartedMs);
        writer.WriteVarint((ulong)FinishedMs);
        writer.WriteBytes(Statement);
        writer.WriteBoolean(IsRewrite);
        writer.WriteString(Before);
        writer.WriteStamp(WholeAt);
        return writer.ToArray();
    }

    public static JobRecord Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var record = new JobRecord
        {
            Id = (long)reader.ReadVarint(),
            Kind = reader.ReadString(),
            State = (JobState)reader.ReadByte(),
            Phase = reader.ReadString(),
            Target = reader.ReadString(),
            TableId = reader.ReadVarint32(),
            IndexNumber = reader.ReadVarint32(),
            ShardsDone = (int)reader.ReadVarint32(),
            Shards = (int)reader.ReadVarint32(),
            Position = reader.ReadBytes(),
            RowsCopied = (long)reader.ReadVarint(),
            BytesCopied = (long)reader.ReadVarint(),
            Attempts = (int)reader.ReadVarint32(),
            WaitingFor = reader.ReadString(),
            ErrorState = reader.ReadString(),
            LastError = reader.ReadString(),
            ErrorDetail = reader.ReadString(),
            IsCancelled = reader.ReadBoolean(),
            IsPaused = reader.ReadBoolean(),
            SegmentId = reader.ReadVarint32(),
            ToShard = reader.ReadVarint32(),
            MaxPauseMs = (int)reader.ReadVarint32(),
            AbortsOnPause = reader.ReadBoolean(),
            Throttle = (long)reader.ReadVarint(),
            EstimatedPauseMs = (long)reader.ReadVarint(),
            RealPauseUs = (long)reader.ReadVarint(),
            Epoch = (long)reader.ReadVarint(),
            LeaseUntilMs = (long)reader.ReadVarint(),
        };
        if (version >= FirstFormatWithSteps)
        {
            record = record.WithSteps(ref reader);
        }

        if (version >= FirstFormatWithRewrites)
        {
            record = record with
            {
                IsRewrite = reader.ReadBoolean(), Before = reader.ReadString(), WholeAt = reader.ReadStamp(),
            };
        }

        Invariant.Check(version <= FormatVersion && reader.EndedWell, "A stored job is whole.");
        return record;
    }

    private JobRecord WithSteps(ref ByteReader reader) => this with
    {
        PlanId = (long)reader.ReadVarint(),
        Reverts = (long)reader.ReadVarint(),
        Steps = (int)reader.ReadVarint32(),
        StepsDone = (int)reader.ReadVarint32(),
        TotalWeight = (long)reader.ReadVarint(),
        DoneWeight = (long)reader.ReadVarint(),
        StepWeight = (long)reader.ReadVarint(),
        RowsOfSteps = (long)reader.ReadVarint(),
        BytesOfSteps = (long)reader.ReadVarint(),
        SkipsVerify = reader.ReadBoolean(),
        LagMs = (long)reader.ReadVarint() - 1,
        StartedMs = (long)reader.ReadVarint(),
        FinishedMs = (long)reader.ReadVarint(),
        Statement = reader.ReadBytes(),
    };
}
