using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// Requests of one session in the order they arrived. Bounded in number and bytes, and never waited for by the reader:
/// what does not fit is refused (53400), so that Cancel and Credit always get through.
/// </summary>
internal sealed class RequestInbox : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Channel<PendingRequest> _queue = Channel.CreateUnbounded<PendingRequest>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly Dictionary<ulong, PendingRequest> _pending = [];
    private ulong _lastId;
    private int _bytes;
    private bool _noMoreCredit;

    /// <summary>Takes a request, or refuses it.</summary>
    public void Add(ulong id, Execute execute)
    {
        int size = execute.CalculateSize();
        var request = new PendingRequest(id, execute, size);
        try
        {
            lock (_gate)
            {
                Check(id, size);
                _lastId = id;
                _bytes += size;
                _pending.Add(id, request);
            }
        }
        catch (SqlException)
        {
            request.Dispose();
            throw;
        }

        // The channel is unbounded only in its type: Check has counted the request.
        _queue.Writer.TryWrite(request);
    }

    /// <summary>The next request; null when the client has ended and all have been taken.</summary>
    public async ValueTask<PendingRequest?> NextAsync(CancellationToken cancellationToken) =>
        await _queue.Reader.WaitToReadAsync(cancellationToken) && _queue.Reader.TryRead(out PendingRequest? next)
            ? next
            : null;

    /// <summary>The request has been answered.</summary>
    public void Remove(PendingRequest request)
    {
        lock (_gate)
        {
            _pending.Remove(request.Id);
            _bytes -= request.Size;
        }

        request.Dispose();
    }

    /// <summary>Ends a request, running or waiting; one that is answered already is left alone.</summary>
    public void Cancel(ulong id) => Find(id, static request => request.Cancel());

    /// <summary>Lets more of a request's rows go.</summary>
    public void Grant(ulong id, uint bytes) => Find(id, request => request.Window.Grant(bytes));

    /// <summary>The client has ended its side: what is here is still served, and no credit will come.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _noMoreCredit = true;
            foreach (PendingRequest request in _pending.Values)
            {
                request.Window.Open();
            }
        }

        _queue.Writer.TryComplete();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (PendingRequest request in _pending.Values)
            {
                request.Dispose();
            }

            _pending.Clear();
        }
    }

    private void Find(ulong id, Action<PendingRequest> action)
    {
        // Under the lock, so that the request is not disposed of in between; both actions only signal.
        lock (_gate)
        {
            if (_pending.TryGetValue(id, out PendingRequest? request))
            {
                action(request);
            }
        }
    }

    private void Check(ulong id, int size)
    {
        if (id <= _lastId || _noMoreCredit)
        {
            throw new SqlException(SqlStates.ProtocolViolation, string.Create(
                CultureInfo.InvariantCulture, $"request ids rise within a session: {id} came after {_lastId}"));
        }

        if (_pending.Count >= GatewayLimits.MaxQueuedRequests)
        {
            throw new SqlException(SqlStates.ConfigurationLimit, string.Create(
                CultureInfo.InvariantCulture,
                $"too many requests wait in this session: limit {GatewayLimits.MaxQueuedRequests}, actual {_pending.Count + 1}"));
        }

        if (_bytes > 0 && _bytes + size > GatewayLimits.MaxQueuedBytes)
        {
            throw new SqlException(SqlStates.ConfigurationLimit, string.Create(
                CultureInfo.InvariantCulture,
                $"too many bytes wait in this session: limit {GatewayLimits.MaxQueuedBytes}, actual {_bytes + size}"));
        }
    }
}
