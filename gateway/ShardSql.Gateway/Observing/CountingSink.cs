using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;

namespace ShardSql.Gateway.Observing;

/// <summary>Takes the rows of a statement that is analyzed and keeps their number.</summary>
internal sealed class CountingSink : IRowSink
{
    public bool HasSent => false;

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    public void BeginUnit() => Rows = 0;

    public void Begin(IReadOnlyList<ResultColumn> columns) => Rows = 0;

    public ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count)
    {
        Rows += count;
        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(long rowsAffected, string tag, string? notice) => ValueTask.CompletedTask;

    public void Hold()
    {
        // Nothing goes to a client.
    }

    public ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    public void Discard() => Rows = 0;
}
