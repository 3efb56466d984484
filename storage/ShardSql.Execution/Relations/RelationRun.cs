using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>
/// Runs a query of relational operators over the rows of its sources: synchronous and resumable, with every row that it
/// keeps charged. It says which streams it opens and which it waits for; who drives it reads them, all at one snapshot.
/// </summary>
public sealed class RelationRun
{
    private readonly RelationContext _context;
    private readonly Operator _root;
    private readonly OutputBuffer _output = new();
    private bool _isStarted;
    private bool _isDone;

    private RelationRun(RelationPlan plan, SqlValue[] parameters, MemoryAccount account, RelationCounts? counts)
    {
        _context = new RelationContext(plan, parameters, account, counts);
        _root = Operator.Of(plan.Root, _context);
    }

    /// <summary>After NeedSource: the streams of which a batch is needed.</summary>
    public IReadOnlyList<int> Needed => _context.Needed;

    /// <summary>Whether <see cref="TakeOutput"/> would give rows.</summary>
    public bool HasOutput => _output.Count > 0;

    /// <summary>A run of a plan, which counts the operators' rows where that is asked for.</summary>
    public static RelationRun Create(
        RelationPlan plan, SqlValue[] parameters, MemoryAccount account, RelationCounts? counts = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(account);
        return new RelationRun(plan, parameters, account, counts);
    }

    /// <summary>The streams that the run wants and did not want before.</summary>
    public IReadOnlyList<RelationStream> TakeOpened() => _context.TakeOpened();

    /// <summary>Rows of a stream; exhausted: these were the last.</summary>
    public void Supply(int stream, ReadOnlyMemory<byte> rows, int count, bool exhausted) =>
        _context.StreamAt(stream).Supply(rows, count, exhausted);

    /// <summary>Goes on until a stream is needed, a batch or a slice is over, or all is done.</summary>
    public StatementRunState Step(int maxRows)
    {
        Invariant.Check(maxRows > 0, "A step makes progress.");
        _context.BeginSlice(maxRows);
        if (!_isStarted)
        {
            _isStarted = true;
            _root.Start();
        }

        while (!_isDone && !_output.IsFull)
        {
            PullState state = _root.Pull(out SqlValue[] row);
            if (state == PullState.Wait)
            {
                return _context.Needed.Count > 0 ? StatementRunState.NeedSource : StatementRunState.Yielded;
            }

            _isDone = state == PullState.End;
            if (!_isDone)
            {
                _output.Add(row);
            }
        }

        return _isDone && _output.Count == 0 ? StatementRunState.Done : StatementRunState.Yielded;
    }

    /// <summary>Moves the rows that are ready to a writer, one after another in RowCodec; gives their number.</summary>
    public int TakeOutput(ByteWriter output) => _output.Take(output);
}
