using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Storage.Client;

/// <summary>How a gateway moves segments: steps that the leaders log, and copies of what they keep (sharding.md §2).
/// Every request may be sent again.</summary>
public interface IMoveClient
{
    /// <summary>Logs a step of a move; with none, only looks.</summary>
    /// <param name="shard">The source or the target.</param>
    /// <param name="step">A <see cref="MoveOutCommand"/>, <see cref="MoveInCommand"/> or <see cref="PurgeCommand"/>.</param>
    /// <param name="cancellationToken">Ends the waiting; the step may be logged all the same.</param>
    ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken);

    /// <summary>Reads what a shard keeps of the keys of a segment.</summary>
    ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken);

    /// <summary>Counts the rows of ranges at a snapshot, and sums them up: to compare two shards.</summary>
    ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken);
}

/// <summary>What became of a step.</summary>
/// <param name="Verdict">Of the step; <see cref="MoveVerdict.Done"/> for a look.</param>
/// <param name="Applied">The last slot that the shard has applied.</param>
/// <param name="Horizon">The shard's horizon.</param>
/// <param name="Moves">The step's move as it is now; for a look, and for a step that was refused, all moves of the
/// shard.</param>
public sealed record MoveReply(
    MoveVerdict Verdict, Slot Applied, HlcTimestamp Horizon, IReadOnlyList<SegmentMove> Moves);

/// <summary>Asks for copies of keys.</summary>
public sealed record CopyRequest
{
    /// <summary>The segment.</summary>
    public required uint Segment { get; init; }

    /// <summary>The keys wanted; none: those of <see cref="Ranges"/>.</summary>
    public IReadOnlyList<byte[]> Keys { get; init; } = [];

    /// <summary>Ranges of keys, in order.</summary>
    public IReadOnlyList<KeyRange> Ranges { get; init; } = [];

    /// <summary>Only keys that have changed after this slot; 0: all.</summary>
    public Slot Since { get; init; }

    /// <summary>Bytes after which the reply ends.</summary>
    public int MaxBytes { get; init; } = 256 * 1024;
}

/// <summary>Copies of keys.</summary>
/// <param name="At">The slot whose state they show.</param>
/// <param name="Horizon">The shard's horizon.</param>
/// <param name="Switching">The switch of the segment that is undecided there; default: none.</param>
/// <param name="Copies">The copies, in the order of the keys.</param>
/// <param name="Next">Where to go on; null: that was all.</param>
public sealed record CopyReply(
    Slot At, HlcTimestamp Horizon, TxnId Switching, IReadOnlyList<KeyCopy> Copies, byte[]? Next);

/// <summary>Asks for number and checksum of rows.</summary>
/// <param name="Ranges">Their keys, in order.</param>
/// <param name="At">The snapshot; not below the shard's horizon.</param>
/// <param name="MaxKeys">Keys after which the reply ends.</param>
public sealed record SumRequest(IReadOnlyList<KeyRange> Ranges, HlcTimestamp At, int MaxKeys);

/// <summary>Number and checksum of rows.</summary>
/// <param name="Horizon">The shard's horizon; above the snapshot, the sum means nothing.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Checksum">Over their keys, values and cstamps.</param>
/// <param name="Next">Where to go on; null: that was all.</param>
public sealed record SumReply(HlcTimestamp Horizon, long Rows, ulong Checksum, byte[]? Next);
