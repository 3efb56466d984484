using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// What one stream may have waiting for the loop. Its reader waits for room, so that whoever sends faster than the loop
/// works is held up by its own stream's window and costs the node no more memory.
/// </summary>
internal sealed class InboxShare
{
    /// <summary>Bytes of messages that may wait.</summary>
    public const long BytesMax = 64 << 20;

    private readonly Lock _gate = new();
    private long _bytes;
    private TaskCompletionSource? _room;

    /// <summary>Bytes that wait now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes a place; ends when there is room. One caller at a time.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        Task? room = null;
        lock (_gate)
        {
            _bytes += bytes;
            if (_bytes > BytesMax)
            {
                _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
        }

        if (room is not null)
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The loop has done what waited there.</summary>
    public void Release(int bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            if (_bytes <= BytesMax)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }
}
