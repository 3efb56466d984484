using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Spillover;

/// <summary>
/// Rows whose deltas do not fit into them, and when that is tried again: at once where others have come or gone, else after a
/// wait that doubles each time.
/// </summary>
internal sealed class FullRows
{
    /// <summary>The first wait, ms.</summary>
    public const long WaitMs = 1_000;

    /// <summary>The longest wait, ms.</summary>
    public const long WaitMaxMs = 60_000;

    private Dictionary<byte[], (int Deltas, long WaitMs, long UntilMs)> _rows = new(ByteKeyComparer.Instance);

    /// <summary>Whether a merge may be tried.</summary>
    /// <param name="row">The row.</param>
    /// <param name="deltas">How many it has.</param>
    /// <param name="nowMs">The time by any clock.</param>
    public bool IsDue(byte[] row, int deltas, long nowMs) =>
        !_rows.TryGetValue(row, out var full) || full.Deltas != deltas || nowMs >= full.UntilMs || nowMs < full.UntilMs - full.WaitMs;

    /// <summary>A merge was tried in vain.</summary>
    public void Add(byte[] row, int deltas, long nowMs)
    {
        long waitMs = _rows.TryGetValue(row, out var full) && full.Deltas == deltas ? long.Min(2 * full.WaitMs, WaitMaxMs) : WaitMs;
        _rows[row] = (deltas, waitMs, nowMs + waitMs);
    }

    /// <summary>Forgets all others.</summary>
    public void Keep(IEnumerable<byte[]> rows)
    {
        if (_rows.Count > 0)
        {
            _rows = rows.Where(_rows.ContainsKey).ToDictionary(static row => row, row => _rows[row], ByteKeyComparer.Instance);
        }
    }
}
