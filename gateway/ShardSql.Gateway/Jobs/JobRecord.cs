using ShardSql.Primitives;

namespace ShardSql.Gateway.Jobs;

/// <summary>A job as its row of the system shard holds it: what it is about, how far it is, and who works on it.
/// Immutable; each step writes the next one in the transaction that does the step.</summary>
internal sealed record JobRecord
{
    public const string CreateIndex = "CREATE INDEX";

    public const string MoveSegment = "MOVE SEGMENT";

    private const byte FormatVersion = 2;

    public required long Id { get; init; }

    public required string Kind { get; init; }

    public JobState State { get; init; } = JobState.Running;

    public string Phase { get; init; } = JobPhase.Creating;

    /// <summary>What it works on, for people.</summary>
    public required string Target { get; init; }

    public uint TableId { get; init; }

    public uint IndexNumber { get; init; }

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

    /// <summary>Rises with each gateway that takes the job; a step of an older one finds another number here.</summary>
    public long Epoch { get; init; }

    /// <summary>When another gateway may take it.</summary>
    public long LeaseUntilMs { get; init; }

    public bool HasEnded => State != JobState.Running;

    public int Percent => State == JobState.Succeeded ? 100 : Shards == 0 ? 0 : 100 * ShardsDone / (Shards + 1);

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
        Invariant.Check(version == FormatVersion && reader.EndedWell, "A stored job is whole.");
        return record;
    }
}
