using System;
using System.IO;
using System.Threading;

namespace ShardSql.Protocol.Http2;

/// <summary>Whether the other side is still there.</summary>
internal sealed partial class Http2Link
{
    private const int PingBytes = 8;

    private long _lastReceivedMs = Environment.TickCount64;
    private long _pingedMs;
    private Timer? _keepAlive;

    /// <summary>
    /// Pings the other side when nothing has come for <paramref name="delay"/>; no answer within
    /// <paramref name="timeout"/> breaks the link. Before the start.
    /// </summary>
    public void KeepAlive(TimeSpan delay, TimeSpan timeout, bool onlyWithStreams)
    {
        if (delay == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var period = delay < timeout ? delay / 2 : timeout / 2;
        _keepAlive = new Timer(
            static state => ((Action)state!)(),
            () => CheckAlive(delay, timeout, onlyWithStreams),
            period,
            period);
    }

    private void CheckAlive(TimeSpan delay, TimeSpan timeout, bool onlyWithStreams)
    {
        var now = Environment.TickCount64;
        var pinged = Volatile.Read(ref _pingedMs);
        if (pinged != 0)
        {
            if (now - pinged >= timeout.TotalMilliseconds)
            {
                Break(new IOException("the other side has not answered a ping"));
            }
        }
        else if (now - Volatile.Read(ref _lastReceivedMs) >= delay.TotalMilliseconds
            && (!onlyWithStreams || Streams > 0))
        {
            Volatile.Write(ref _pingedMs, now);
            lock (_gate)
            {
                Append(Http2FrameType.Ping, Http2Flags.None, 0, stackalloc byte[PingBytes]);
            }

            Pump();
        }
    }

    private void NoteAlive()
    {
        Volatile.Write(ref _lastReceivedMs, Environment.TickCount64);
        Volatile.Write(ref _pingedMs, 0);
    }

    private void TakePing(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Flags.HasFlag(Http2Flags.EndOrAck))
        {
            return;
        }

        lock (_gate)
        {
            Append(Http2FrameType.Ping, Http2Flags.EndOrAck, 0, payload);
        }

        Pump();
    }
}
