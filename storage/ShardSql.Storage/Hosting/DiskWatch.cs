using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Storage.Files;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// Looks how much of the disk is left, so that writes are refused (53100) while there is still room to end what is on
/// its way, to flush and to cut the log.
/// </summary>
internal sealed class DiskWatch(
    IFileSystem files, string folder, Action<bool> onChange, TimeProvider time, CancellationToken stopping)
{
    /// <summary>The share of a disk that is kept free, percent, unless <see cref="ReserveBytesMax"/> is less.</summary>
    public const int ReservePercent = 5;

    /// <summary>The most that is kept free, bytes.</summary>
    public const long ReserveBytesMax = 1L << 30;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Whether only the reserve is left.</summary>
    public static bool IsFull(long free, long size) =>
        free < long.Min(size / 100 * ReservePercent, ReserveBytesMax);

    /// <summary>Runs until the node stops.</summary>
    public async Task RunAsync()
    {
        bool wasFull = false;
        while (!stopping.IsCancellationRequested)
        {
            (long free, long size) = files.SpaceOf(folder);
            if (IsFull(free, size) != wasFull)
            {
                wasFull = !wasFull;
                onChange(wasFull);
            }

            await Task.Delay(s_pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
