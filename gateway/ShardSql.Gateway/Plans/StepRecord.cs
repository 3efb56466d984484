using ShardSql.Gateway.Layouts;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Plans;

/// <summary>A step of a plan or of a job, as its row of the system shard holds it: what it does, what that is expected to
/// take, and what it took.</summary>
internal sealed record StepRecord
{
    /// <summary>What the one step of CREATE INDEX does.</summary>
    public const string BuildIndex = "build index";

    /// <summary>What the one step of ALTER TABLE ... SET placement does where rows get other keys.</summary>
    public const string Rewrite = "rewrite";

    private const byte FormatVersion = 2;

    private const byte FirstFormatWithLayouts = 2;

    /// <summary>Each step weighs so much beside its bytes: the log entries that it takes however few rows there are.
    /// </summary>
    private const long BaseWeight = 64 * 1024;

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>What it does: "split", "move", "join", "build index", "rewrite", or a step of the layout in words.</summary>
    public required string Action { get; init; }

    /// <summary>What it does to the map; null: nothing.</summary>
    public MapStep? Map { get; init; }

    /// <summary>What it does to the layout; null: nothing.</summary>
    public LayoutStep? Layout { get; init; }

    /// <summary>The segment as it was called when the step was planned, or the index; for people.</summary>
    public string Segment { get; init; } = "";

    /// <summary>The tables that it concerns.</summary>
    public string Tables { get; init; } = "";

    /// <summary>Its keys, for people; empty: open.</summary>
    public string FromKey { get; init; } = "";

    public string ToKey { get; init; } = "";

    /// <summary>What it is expected to copy.</summary>
    public long EstimatedRows { get; init; }

    public long EstimatedBytes { get; init; }

    /// <summary>How long writes are expected to wait, ms.</summary>
    public long EstimatedPauseMs { get; init; }

    public StepState State { get; init; } = StepState.Planned;

    public long Rows { get; init; }

    public long Bytes { get; init; }

    public long RealPauseUs { get; init; }

    /// <summary>The same in ms, rounded up.</summary>
    public long RealPauseMs => (RealPauseUs + 999) / 1_000;

    public long StartedMs { get; init; }

    public long FinishedMs { get; init; }

    public string Error { get; init; } = "";

    public long Weight => BaseWeight + EstimatedBytes;

    public byte[] Encode()
    {
        var writer = new ByteWriter(128);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint((ulong)Number);
        writer.WriteString(Action);
        writer.WriteBoolean(Map is not null);
        Map?.Write(writer);
        writer.WriteString(Segment);
        writer.WriteString(Tables);
        writer.WriteString(FromKey);
        writer.WriteString(ToKey);
        writer.WriteVarint((ulong)EstimatedRows);
        writer.WriteVarint((ulong)EstimatedBytes);
        writer.WriteVarint((ulong)EstimatedPauseMs);
        writer.WriteByte((byte)State);
        writer.WriteVarint((ulong)Rows);
        writer.WriteVarint((ulong)Bytes);
        writer.WriteVarint((ulong)RealPauseUs);
        writer.WriteVarint((ulong)StartedMs);
        writer.WriteVarint((ulong)FinishedMs);
        writer.WriteString(Error);
        writer.WriteBoolean(Layout is not null);
        Layout?.Write(writer);
        return writer.ToArray();
    }

    public static StepRecord Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var record = new StepRecord
        {
            Number = (int)reader.ReadVarint32(),
            Action = reader.ReadString(),
            Map = reader.ReadBoolean() ? MapStep.Read(ref reader) : null,
            Segment = reader.ReadString(),
            Tables = reader.ReadString(),
            FromKey = reader.ReadString(),
            ToKey = reader.ReadString(),
            EstimatedRows = (long)reader.ReadVarint(),
            EstimatedBytes = (long)reader.ReadVarint(),
            EstimatedPauseMs = (long)reader.ReadVarint(),
            State = (StepState)reader.ReadByte(),
            Rows = (long)reader.ReadVarint(),
            Bytes = (long)reader.ReadVarint(),
            RealPauseUs = (long)reader.ReadVarint(),
            StartedMs = (long)reader.ReadVarint(),
            FinishedMs = (long)reader.ReadVarint(),
            Error = reader.ReadString(),
        };
        if (version >= FirstFormatWithLayouts && reader.ReadBoolean())
        {
            record = record with { Layout = LayoutStep.Read(ref reader) };
        }

        Invariant.Check(version <= FormatVersion && reader.EndedWell, "A stored step is whole.");
        return record;
    }

    /// <summary>The step as one that has not been begun.</summary>
    public StepRecord Anew() => this with
    {
        State = StepState.Planned, Rows = 0, Bytes = 0, RealPauseUs = 0, StartedMs = 0, FinishedMs = 0, Error = "",
    };
}
