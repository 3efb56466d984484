using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;

namespace ShardSql.Gateway.Jobs;

/// <summary>For what the gateway reads for itself: nothing is handed out.</summary>
internal sealed class NoSink : IRowSink
{
    public static NoSink Instance { get; } = new();

    public bool HasSent => false;

    public void BeginUnit()
    {
    }

    public void Begin(IReadOnlyList<ResultColumn> columns)
    {
    }

    public ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count) => ValueTask.CompletedTask;

    public ValueTask EndAsync(long rowsAffected, string tag, string? notice) => ValueTask.CompletedTask;

    public void Hold()
    {
    }

    public ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    public void Discard()
    {
    }
}
