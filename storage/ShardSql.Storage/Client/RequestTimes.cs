using ShardSql.Primitives;

namespace ShardSql.Storage.Client;

/// <summary>Where a request spent its time at a shard's leader, in microseconds; told only where it is asked for.</summary>
/// <param name="Queued">It waited: for its turn, for other transactions, for the base store.</param>
/// <param name="Worked">Rows were read, expressions evaluated.</param>
/// <param name="Consensus">From its proposal until its entry was chosen and applied.</param>
/// <param name="Validated">Of that, its validation.</param>
public readonly record struct RequestTimes(long Queued, long Worked, long Consensus, long Validated)
{
    /// <summary>All of it.</summary>
    public long Total => Queued + Worked + Consensus;

    /// <summary>Writes the times behind a reply.</summary>
    internal void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Queued);
        writer.WriteVarint((ulong)Worked);
        writer.WriteVarint((ulong)Consensus);
        writer.WriteVarint((ulong)Validated);
    }

    /// <summary>Reads them; null where the reply has none.</summary>
    internal static RequestTimes? Read(ref ByteReader reader) => reader.Remaining == 0
        ? null
        : new RequestTimes(
            (long)reader.ReadVarint(), (long)reader.ReadVarint(), (long)reader.ReadVarint(), (long)reader.ReadVarint());
}
