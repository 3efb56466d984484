using System;
using System.Globalization;

using ShardSql.Gateway.Moves;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Plans;

/// <summary>What a job is going to do, as its row of the system shard holds it. Its steps are rows of their own.</summary>
internal sealed record PlanRecord
{
    /// <summary>The origin of a plan that a statement has made.</summary>
    public const string OfStatement = "statement";

    private const byte FormatVersion = 2;

    private const byte FirstFormatWithOrigin = 2;
    private const string Prefix = "p-";

    public required long Id { get; init; }

    /// <summary>The kind of the job.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about, for people.</summary>
    public required string Target { get; init; }

    /// <summary>What the planner says of it as a whole; may be empty.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Who made it: "statement", or the setting that lets a gateway make plans by itself.</summary>
    public string Origin { get; init; } = OfStatement;

    /// <summary>The map that it was made from: it holds for no other.</summary>
    public ulong MapVersion { get; init; }

    /// <summary>The catalog that it was made from; 0: it does not matter.</summary>
    public ulong CatalogVersion { get; init; }

    public int Steps { get; init; }

    public int Moves { get; init; }

    public long EstimatedRows { get; init; }

    public long EstimatedBytes { get; init; }

    /// <summary>The longest pause of a step.</summary>
    public long EstimatedPauseMs { get; init; }

    public long TotalWeight { get; init; }

    public long CreatedMs { get; init; }

    /// <summary>The job that carries it out; 0: none yet.</summary>
    public long JobId { get; init; }

    /// <summary>The statement, where the job is begun by running it.</summary>
    public byte[] Statement { get; init; } = [];

    /// <summary>The options of the statement that made it.</summary>
    public MoveOptions Options { get; init; } = new();

    /// <summary>"p-17".</summary>
    public static string NameOf(long id) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id}");

    /// <summary>From "p-17" or "17"; null for anything else.</summary>
    public static long? TryParse(string text) => long.TryParse(
        text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : text,
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out long value)
        ? value
        : null;

    public byte[] Encode()
    {
        var writer = new ByteWriter(128);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint((ulong)Id);
        writer.WriteString(Kind);
        writer.WriteString(Target);
        writer.WriteString(Summary);
        writer.WriteVarint(MapVersion);
        writer.WriteVarint(CatalogVersion);
        writer.WriteVarint((ulong)Steps);
        writer.WriteVarint((ulong)Moves);
        writer.WriteVarint((ulong)EstimatedRows);
        writer.WriteVarint((ulong)EstimatedBytes);
        writer.WriteVarint((ulong)EstimatedPauseMs);
        writer.WriteVarint((ulong)TotalWeight);
        writer.WriteVarint((ulong)CreatedMs);
        writer.WriteVarint((ulong)JobId);
        writer.WriteBytes(Statement);
        writer.WriteVarint((ulong)Options.MaxWritePause.TotalMilliseconds);
        writer.WriteBoolean(Options.AbortsOnPause);
        writer.WriteVarint((ulong)Options.Throttle);
        writer.WriteBoolean(Options.Verifies);
        writer.WriteBoolean(Options.Wait is not null);
        writer.WriteVarint((ulong)(Options.Wait ?? default).TotalMilliseconds);
        writer.WriteString(Origin);
        return writer.ToArray();
    }

    public static PlanRecord Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var record = new PlanRecord
        {
            Id = (long)reader.ReadVarint(),
            Kind = reader.ReadString(),
            Target = reader.ReadString(),
            Summary = reader.ReadString(),
            MapVersion = reader.ReadVarint(),
            CatalogVersion = reader.ReadVarint(),
            Steps = (int)reader.ReadVarint32(),
            Moves = (int)reader.ReadVarint32(),
            EstimatedRows = (long)reader.ReadVarint(),
            EstimatedBytes = (long)reader.ReadVarint(),
            EstimatedPauseMs = (long)reader.ReadVarint(),
            TotalWeight = (long)reader.ReadVarint(),
            CreatedMs = (long)reader.ReadVarint(),
            JobId = (long)reader.ReadVarint(),
            Statement = reader.ReadBytes(),
            Options = ReadOptions(ref reader),
        };
        record = version >= FirstFormatWithOrigin ? record with { Origin = reader.ReadString() } : record;
        Invariant.Check(version <= FormatVersion && reader.EndedWell, "A stored plan is whole.");
        return record;
    }

    private static MoveOptions ReadOptions(ref ByteReader reader)
    {
        var options = new MoveOptions
        {
            MaxWritePause = TimeSpan.FromMilliseconds(reader.ReadVarint()),
            AbortsOnPause = reader.ReadBoolean(),
            Throttle = (long)reader.ReadVarint(),
            Verifies = reader.ReadBoolean(),
        };
        bool waits = reader.ReadBoolean();
        var wait = TimeSpan.FromMilliseconds(reader.ReadVarint());
        return waits ? options with { Wait = wait } : options;
    }
}
