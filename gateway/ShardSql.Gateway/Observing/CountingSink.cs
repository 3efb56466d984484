using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>Takes the rows of a statement that is analyzed and keeps their number, and the first of them.</summary>
internal sealed class CountingSink : IRowSink
{
    public bool HasSent => false;

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>The first row; null: none has come.</summary>
    public SqlValue[]? First { get; private set; }

    public void BeginUnit() => Discard();

    public void Begin(IReadOnlyList<ResultColumn> columns) => Discard();

    public ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count)
    {
        if (First is null && count > 0)
        {
            var reader = new ByteReader(rows.Span);
            First = RowCodec.Read(ref reader);
        }

        Rows += count;
        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(long rowsAffected, string tag, string? notice) => ValueTask.CompletedTask;

    public void Hold()
    {
        // Nothing goes to a client.
    }

    public ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    public void Discard()
    {
        Rows = 0;
        First = null;
    }
}
