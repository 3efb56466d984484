using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>What the operators of one run share: parameters and slots, memory, streams, what is computed once.</summary>
internal sealed class RelationContext
{
    private readonly List<BatchSource> _streams = [];
    private readonly List<RelationStream> _opened = [];
    private readonly Dictionary<uint, List<SqlValue[]>> _working = [];
    private readonly SharedRows?[] _shared;
    private readonly RelationPlan _plan;
    private int _budget;

    public RelationContext(
        RelationPlan plan, SqlValue[] parameters, MemoryAccount account, RelationCounts? counts = null)
    {
        Counts = counts;
        _plan = plan;
        _shared = new SharedRows?[plan.Shared.Count];
        Account = account;
        Parameters = new SqlValue[Math.Max((int)plan.Parameters, parameters.Length)];
        parameters.CopyTo(Parameters, 0);
    }

    /// <summary>The statement's parameters, then the slots.</summary>
    public SqlValue[] Parameters { get; }

    /// <summary>Counts the operators' rows; null: nobody asks.</summary>
    public RelationCounts? Counts { get; }

    /// <summary>Pays for what is kept.</summary>
    public MemoryAccount Account { get; }

    /// <summary>The streams without whose next batch nothing goes on.</summary>
    public List<int> Needed { get; } = [];

    /// <summary>Begins a slice of so many rows.</summary>
    public void BeginSlice(int rows)
    {
        _budget = rows;
        Needed.Clear();
    }

    /// <summary>Takes a row's worth of work; false when the slice is over.</summary>
    public bool TrySpend() => _budget-- > 0;

    /// <summary>Asks for rows of a source.</summary>
    public int Open(int source, IReadOnlyList<SqlValue[]>? keys)
    {
        _streams.Add(new BatchSource(Account));
        _opened.Add(new RelationStream(_streams.Count - 1, source, keys));
        return _streams.Count - 1;
    }

    /// <summary>The rows of a stream.</summary>
    public BatchSource StreamAt(int stream) => _streams[stream];

    /// <summary>The streams that were opened since the last call.</summary>
    public IReadOnlyList<RelationStream> TakeOpened()
    {
        RelationStream[] opened = [.. _opened];
        _opened.Clear();
        return opened;
    }

    /// <summary>What is computed once, begun when it is read first.</summary>
    public SharedRows SharedAt(int index)
    {
        Invariant.Check(index < _shared.Length, "A shared part is one of the plan.");
        return _shared[index] ??= new SharedRows(Operator.Of(_plan.Shared[index], this), Account);
    }

    /// <summary>The rows of the last round of a recursion.</summary>
    public List<SqlValue[]> WorkingRows(uint id)
    {
        if (!_working.TryGetValue(id, out List<SqlValue[]>? rows))
        {
            rows = [];
            _working.Add(id, rows);
        }

        return rows;
    }
}
