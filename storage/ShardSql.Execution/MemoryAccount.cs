using System;
using System.Globalization;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Execution;

/// <summary>
/// What a statement (or a session) has buffered. Every byte that an operator keeps is charged here first, so that a
/// statement beyond its limit ends with 53200 and nobody else notices. One thread at a time.
/// </summary>
/// <remarks>The parent is asked in steps of <see cref="ReserveStepBytes"/>, so that it is not touched for each row.</remarks>
public sealed class MemoryAccount : IMemoryBudget, IDisposable
{
    /// <summary>What one statement may buffer unless a setting says otherwise.</summary>
    public const long DefaultStatementLimitBytes = 64L * 1024 * 1024;

    /// <summary>In which steps memory is taken from the parent.</summary>
    public const long ReserveStepBytes = 64 * 1024;

    private readonly string _scope;
    private readonly IMemoryBudget? _parent;
    private long _reserved;

    /// <summary>An account of a statement, session or test.</summary>
    /// <param name="scope">What the limit is of, as the error names it: "statement", "session".</param>
    /// <param name="limitBytes">The most that may be used at once.</param>
    /// <param name="parent">Where the memory comes from in turn.</param>
    public MemoryAccount(string scope, long limitBytes, IMemoryBudget? parent = null)
    {
        _scope = scope;
        LimitBytes = limitBytes;
        _parent = parent;
    }

    /// <summary>The most that may be used at once.</summary>
    public long LimitBytes { get; }

    /// <summary>Bytes in use.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>The most that was in use at once.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>An account of one statement with the default limit.</summary>
    public static MemoryAccount ForStatement(IMemoryBudget? parent = null) =>
        new("statement", DefaultStatementLimitBytes, parent);

    /// <inheritdoc />
    public void Reserve(long bytes)
    {
        Invariant.Check(bytes >= 0, "Memory is reserved in positive amounts.");
        long used = UsedBytes + bytes;
        if (used > LimitBytes)
        {
            throw LimitExceeded(_scope, LimitBytes, used);
        }

        if (_parent is not null && used > _reserved)
        {
            long step = Math.Min(Math.Max(used - _reserved, ReserveStepBytes), LimitBytes - _reserved);
            _parent.Reserve(step);
            _reserved += step;
        }

        UsedBytes = used;
        PeakBytes = Math.Max(PeakBytes, used);
    }

    /// <inheritdoc />
    public void Release(long bytes)
    {
        Invariant.Check(bytes >= 0 && bytes <= UsedBytes, "No more memory is released than was reserved.");
        UsedBytes -= bytes;
        long spare = _reserved - UsedBytes;
        if (_parent is not null && spare > 2 * ReserveStepBytes)
        {
            _parent.Release(spare - ReserveStepBytes);
            _reserved -= spare - ReserveStepBytes;
        }
    }

    /// <summary>Gives everything back, whatever the operators still hold: the statement is over.</summary>
    public void Dispose()
    {
        _parent?.Release(_reserved);
        _reserved = 0;
        UsedBytes = 0;
    }

    /// <summary>The error of a budget that is used up.</summary>
    public static SqlException LimitExceeded(string scope, long limitBytes, long actualBytes) =>
        new(SqlStates.OutOfMemory, string.Create(
            CultureInfo.InvariantCulture,
            $"memory limit of the {scope} exceeded: limit {limitBytes} bytes, needed {actualBytes} bytes"))
        {
            Hint = "Return fewer rows, sort or group by fewer values, or raise the limit.",
        };
}
