using System;
using System.Threading;

using ShardSql.Protocol.Messages;

namespace ShardSql.Gateway.Sessions;

/// <summary>A request between its arrival and its last answer: what Cancel and Credit find by its number.</summary>
internal sealed class PendingRequest(ulong id, Execute execute, int size) : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();

    public ulong Id { get; } = id;

    public Execute Execute { get; } = execute;

    public int Size { get; } = size;

    public RowWindow Window { get; } = new(execute.WindowBytes);

    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Signals; what is woken runs elsewhere, never on the reader's stack.</summary>
    public void Cancel() => _ = _cancelled.CancelAsync();

    public void Dispose() => _cancelled.Dispose();
}
