using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Runs one statement of a fragment over its access path, a slice at a time.</summary>
internal abstract class StatementExecutor
{
    private readonly IRowCursor _cursor;
    private bool _ended;

    protected StatementExecutor(AccessPath access, ExecutionContext context)
    {
        Context = context;
        _cursor = new AccessCursor(access, context.Overlay);
    }

    /// <summary>Over rows of a table, which may be reached by an index.</summary>
    protected StatementExecutor(AccessPath access, TableShape table, ExecutionContext context)
    {
        Context = context;
        _cursor = access.Entries is { Covers: false }
            ? new EntryCursor(access, table, context.Overlay)
            : new AccessCursor(access, context.Overlay);
    }

    /// <summary>Rows written so far; 0 for a scan.</summary>
    public long RowsAffected { get; protected set; }

    public virtual IReadOnlyList<byte[]> NeededKeys => _cursor.NeededKeys;

    public virtual KeyRange NeededRange => _cursor.NeededRange;

    public virtual int NeededLimit => AccessCursor.SliceRows;

    protected ExecutionContext Context { get; }

    /// <summary>Whether no further row matters.</summary>
    protected virtual bool IsSated => false;

    public virtual void SupplyKeys(IReadOnlyList<byte[]?> values) => _cursor.SupplyKeys(values);

    public virtual void SupplyRange(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, bool exhausted) =>
        _cursor.SupplyRange(rows, exhausted);

    /// <summary>Processes at most so many rows.</summary>
    public virtual FragmentState Step(int maxRows)
    {
        for (int i = 0; i < maxRows && !_ended; i++)
        {
            if (Context.Output.IsFull)
            {
                return FragmentState.Yielded;
            }

            if (IsSated)
            {
                _ended = true;
            }
            else if (_cursor.TryTake(out KeyValuePair<byte[], byte[]> row))
            {
                Visit(row.Key, row.Value);
            }
            else
            {
                FragmentState state = _cursor.Advance();
                _ended = state == FragmentState.Done;
                if (state is FragmentState.NeedKeys or FragmentState.NeedRange)
                {
                    return state;
                }
            }
        }

        return _ended ? Finish() : FragmentState.Yielded;
    }

    /// <summary>One row of the access path.</summary>
    protected abstract void Visit(byte[] key, byte[] value);

    /// <summary>After the last row; may be called again after Yielded.</summary>
    protected virtual FragmentState Finish() => FragmentState.Done;

    /// <summary>The rows of RETURNING, where there are any.</summary>
    protected void Return(RowExpression[] returning, SqlValue[] row, uint? number = null)
    {
        if (returning.Length == 0)
        {
            return;
        }

        var values = new SqlValue[returning.Length + (number is null ? 0 : 1)];
        for (int i = 0; i < returning.Length; i++)
        {
            values[i] = returning[i].Evaluate(row);
        }

        if (number is not null)
        {
            values[^1] = SqlValue.FromInt64(number.Value);
        }

        Context.Output.Add(values);
    }
}
