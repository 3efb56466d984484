using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Storage.Client;

namespace ShardSql.Storage.Nodes;

/// <summary>The rows of a fragment as they gather, with what each of its statements gave and changed.</summary>
internal sealed class StatementCounts
{
    private readonly ByteWriter _rows = new();
    private readonly List<StatementCount> _counts = [];

    /// <summary>Rows since they were last taken.</summary>
    public int RowCount { get; private set; }

    /// <summary>Their bytes.</summary>
    public ByteWriter Rows => _rows;

    /// <summary>Moves the rows that a step has made; they are of the statement that runs.</summary>
    public void Take(FragmentRun run)
    {
        int statement = run.StatementIndex;
        int rows = run.TakeOutput(_rows);
        RowCount += rows;
        while (_counts.Count <= statement)
        {
            _counts.Add(default);
        }

        _counts[statement] = _counts[statement] with { RowCount = _counts[statement].RowCount + rows };
    }

    /// <summary>The counts up to the statement that runs; what has not ended has changed nothing yet.</summary>
    public List<StatementCount> Of(FragmentRun run)
    {
        var counts = new List<StatementCount>(run.StatementIndex + 1);
        for (int i = 0; i <= run.StatementIndex; i++)
        {
            counts.Add(new StatementCount(
                i < _counts.Count ? _counts[i].RowCount : 0,
                i < run.RowsAffectedByStatement.Count ? run.RowsAffectedByStatement[i] : 0));
        }

        return counts;
    }

    /// <summary>Forgets rows and counts: they were handed over, or count no more.</summary>
    public void Clear()
    {
        _rows.Clear();
        _counts.Clear();
        RowCount = 0;
    }
}
