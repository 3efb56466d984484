using System;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// The row bytes of one request that may be in flight. A client that does not read gives no credit, so its own request
/// waits here and nobody else's does.
/// </summary>
internal sealed class RowWindow
{
    private readonly Lock _gate = new();
    private readonly long _size;
    private long _available;
    private bool _isOpen;
    private TaskCompletionSource? _waiting;

    /// <summary>A window of so many bytes; 0: the default.</summary>
    public RowWindow(uint bytes)
    {
        _size = bytes == 0 ? GatewayLimits.DefaultWindowBytes : Math.Min(bytes, GatewayLimits.MaxWindowBytes);
        _available = _size;
    }

    /// <summary>Whether a sender waits for credit now.</summary>
    public bool IsStalled
    {
        get
        {
            lock (_gate)
            {
                return _waiting is not null;
            }
        }
    }

    /// <summary>Takes room for a batch without waiting. A batch larger than the window passes alone.</summary>
    public bool TryTake(int bytes)
    {
        lock (_gate)
        {
            return TryTakeLocked(bytes);
        }
    }

    /// <summary>Takes room for a batch, waiting for credit. One caller at a time.</summary>
    public async Task TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task granted;
            lock (_gate)
            {
                if (TryTakeLocked(bytes))
                {
                    return;
                }

                _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                granted = _waiting.Task;
            }

            await granted.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The client has taken so many bytes.</summary>
    public void Grant(uint bytes)
    {
        lock (_gate)
        {
            _available = Math.Min(_available + bytes, GatewayLimits.MaxWindowBytes);
            Wake();
        }
    }

    /// <summary>No credit can come any more: from now on only the transport holds back.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _isOpen = true;
            Wake();
        }
    }

    private bool TryTakeLocked(int bytes)
    {
        if (!_isOpen && _available < bytes && _available < _size)
        {
            return false;
        }

        _available -= bytes;
        return true;
    }

    private void Wake()
    {
        _waiting?.SetResult();
        _waiting = null;
    }
}
