using System;
using ShardSql.Planning.TransactionGraph;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// The rows of one table that are added to most, and which of them are hot. Counts are halved at each step, so a rate r
/// stands at r × two steps. What a new row takes over from the lightest is not held against it.
/// </summary>
internal sealed class HotRowSketch(long nowMs)
{
    // One counts for so much: halved several times it is still something.
    private const int Unit = 1 << 8;
    private const int CalmSteps = HotRows.CalmMs / HotRows.StepMs;

    private readonly HeavyHitters _adds = new(HotRows.RowsOfTable);
    private readonly long[] _conflicts = new long[HotRows.RowsOfTable];
    private readonly long[] _reads = new long[HotRows.RowsOfTable];
    private readonly bool[] _isHot = new bool[HotRows.RowsOfTable];
    private readonly int[] _calmSteps = new int[HotRows.RowsOfTable];
    private long _stepMs = nowMs;

    /// <summary>When it was touched last.</summary>
    public long TouchedMs { get; private set; } = nowMs;

    /// <summary>Goes to a time; an earlier one than before is the one before.</summary>
    public void Advance(long nowMs)
    {
        TouchedMs = Math.Max(TouchedMs, nowMs);
        long steps = Math.Max(0, (nowMs - _stepMs) / HotRows.StepMs);
        _stepMs += steps * HotRows.StepMs;

        // After a pause as long as this all are cold, and nothing is left of any count.
        for (long i = Math.Min(steps, CalmSteps + sizeof(long) * 8); i > 0; i--)
        {
            EndStep();
        }
    }

    public bool Add(ulong row)
    {
        int slot = _adds.Add(row, Unit, out bool isNew);
        if (isNew)
        {
            (_conflicts[slot], _reads[slot], _isHot[slot], _calmSteps[slot]) = (0, 0, false, 0);
        }

        Judge(slot);
        return _isHot[slot];
    }

    public void AddConflict(ulong row)
    {
        if (_adds.Find(row) is >= 0 and var slot)
        {
            _conflicts[slot] += Unit;
            Judge(slot);
        }
    }

    public void AddRead(ulong row)
    {
        if (_adds.Find(row) is >= 0 and var slot)
        {
            _reads[slot] += Unit;
        }
    }

    public bool IsHot(ulong row) => _adds.Find(row) is >= 0 and var slot && _isHot[slot];

    private static long At(int perSecond) => (long)perSecond * Unit * 2 * HotRows.StepMs / 1_000;

    private void Judge(int slot)
    {
        if (!_isHot[slot] && !IsReadMuch(slot)
            && (_adds.KnownOf(slot) >= At(HotRows.AddsPerSecond) || _conflicts[slot] >= At(HotRows.ConflictsPerSecond)))
        {
            (_isHot[slot], _calmSteps[slot]) = (true, 0);
        }
    }

    private bool IsReadMuch(int slot) => _reads[slot] > HotRows.ReadsPerAdd * _adds.KnownOf(slot);

    private void EndStep()
    {
        for (int slot = 0; slot < _adds.Count; slot++)
        {
            bool isCalm = _adds.KnownOf(slot) < At(HotRows.CalmAddsPerSecond) || IsReadMuch(slot);
            _calmSteps[slot] = isCalm ? Math.Min(_calmSteps[slot] + 1, CalmSteps) : 0;
            _isHot[slot] &= _calmSteps[slot] < CalmSteps;
            _conflicts[slot] >>= 1;
            _reads[slot] >>= 1;
        }

        _adds.Shift(1);
    }
}
