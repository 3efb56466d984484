using System.Collections.Generic;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// Which rows are hot, of tables that spill over by themselves (sharding.md §4): those that many UPDATEs add to, or for
/// which transactions conflict, while nobody reads them much more often. A row is hot at once, and is so until it has been
/// calm for a time. Time is given in; of each table the rows that are added to most are known, of others it is said that they
/// are cold. Allocates only for a table that it has not met.
/// </summary>
public sealed class HotRows
{
    /// <summary>Rows of a table that are known.</summary>
    public const int RowsOfTable = 64;

    /// <summary>Rows that are known in all; of more tables those that were not touched for longest are forgotten.</summary>
    public const int RowsMax = 1_024;

    /// <summary>Counts are halved so often, ms: what came before the last two steps hardly matters.</summary>
    public const int StepMs = 50;

    /// <summary>UPDATEs of a row from which on it is hot, per second.</summary>
    public const int AddsPerSecond = 200;

    /// <summary>Conflicts about a row from which on it is hot, per second.</summary>
    public const int ConflictsPerSecond = 40;

    /// <summary>UPDATEs of a hot row below which it is calm, per second: less than conflicts that make one hot, because they
    /// end when it is.</summary>
    public const int CalmAddsPerSecond = ConflictsPerSecond / 2;

    /// <summary>Reads of a row for each UPDATE from which on deltas cost more than they save.</summary>
    public const int ReadsPerAdd = 4;

    /// <summary>How long a row that was hot must be calm, or read much, to be cold, ms.</summary>
    public const int CalmMs = 2_000;

    private readonly Dictionary<uint, HotRowSketch> _tables = [];

    /// <summary>An UPDATE adds to a row; gives whether that is hot.</summary>
    /// <param name="table">The row's table.</param>
    /// <param name="row">The row: a hash of its key.</param>
    /// <param name="nowMs">The time by any clock that never goes back.</param>
    public bool Add(uint table, ulong row, long nowMs) => Of(table, nowMs).Add(row);

    /// <summary>A transaction that wrote a row was refused: another was in its way.</summary>
    public void AddConflict(uint table, ulong row, long nowMs) => Of(table, nowMs).AddConflict(row);

    /// <summary>A row was read.</summary>
    public void AddRead(uint table, ulong row, long nowMs) => Of(table, nowMs).AddRead(row);

    /// <summary>Whether a row is hot.</summary>
    public bool IsHot(uint table, ulong row, long nowMs) => Of(table, nowMs).IsHot(row);

    private HotRowSketch Of(uint table, long nowMs)
    {
        if (!_tables.TryGetValue(table, out HotRowSketch? sketch))
        {
            if (_tables.Count == RowsMax / RowsOfTable)
            {
                ForgetOne();
            }

            _tables.Add(table, sketch = new HotRowSketch(nowMs));
        }

        sketch.Advance(nowMs);
        return sketch;
    }

    private void ForgetOne()
    {
        uint oldest = 0;
        long touchedMs = long.MaxValue;
        foreach ((uint table, HotRowSketch sketch) in _tables)
        {
            if (sketch.TouchedMs < touchedMs || (sketch.TouchedMs == touchedMs && table < oldest))
            {
                (oldest, touchedMs) = (table, sketch.TouchedMs);
            }
        }

        _tables.Remove(oldest);
    }
}
