using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Wal;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// The one thread of a node that runs its core: takes what has arrived, lets the core do a turn, sends what came of it.
/// An exception in it is the end of the node.
/// </summary>
internal sealed class NodeLoop : IDisposable
{
    /// <summary>Between two ticks of the core, ms.</summary>
    public const int TickMs = 10;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly TimeProvider _wall;
    private readonly Action<Exception> _onFailure;
    private readonly Thread _thread;
    private readonly Func<NodeTime> _readTime;
    private readonly List<OutLink> _toFlush = [];
    private List<Arrival> _inbox = [];
    private List<Arrival> _taken = [];
    private NodeCore? _core;
    private bool _stopping;

    public NodeLoop(string name, TimeProvider wall, Action<Exception> onFailure)
    {
        _wall = wall;
        _onFailure = onFailure;
        _readTime = () => Time;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    /// <summary>The clocks now.</summary>
    public NodeTime Time
    {
        get
        {
            long us = (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));
            return new NodeTime(us / 1_000, us, _wall.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Starts with a core.</summary>
    public void Start(NodeCore core)
    {
        _core = core;
        _thread.Start();
    }

    /// <summary>Runs something on the loop.</summary>
    public void Post(Action action) => Add(new Arrival(default, null, default, action, default, 0, null));

    /// <summary>Hands messages of a peer to the core, when its stream has room for them.</summary>
    public async ValueTask PostAsync(
        NodeId from, IPeerLink link, ReadOnlyMemory<byte> messages, InboxShare share, CancellationToken cancellationToken)
    {
        await share.TakeAsync(messages.Length, cancellationToken).ConfigureAwait(false);
        Add(new Arrival(from, link, messages, null, default, 0, share));
    }

    /// <summary>Says what is durable.</summary>
    public void PostDurable(ulong sequence, LogPosition end) =>
        Add(new Arrival(default, null, default, null, end, sequence, null));

    /// <summary>A link to a peer whose messages leave at the end of a turn. Only the loop sends on it.</summary>
    public OutLink CreateLink() => new(_toFlush.Add);

    /// <summary>Stops after the turn that runs; what waits is not done.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            _arrived.Set();
        }

        if (Thread.CurrentThread != _thread && !_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            _thread.Join();
        }
    }

    /// <summary>Stops.</summary>
    public void Dispose()
    {
        Stop();
        _arrived.Dispose();
    }

    private void Add(Arrival arrival)
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _inbox.Add(arrival);
            if (_inbox.Count == 1)
            {
                _arrived.Set();
            }
        }
    }

    private void Run()
    {
        try
        {
            RunCore(_core!);
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                _stopping = true;
            }

            _onFailure(exception);
        }
    }

    private void RunCore(NodeCore core)
    {
        long tickDueMs = 0;
        while (true)
        {
            Wait(core);
            lock (_gate)
            {
                if (_stopping)
                {
                    return;
                }

                (_inbox, _taken) = (_taken, _inbox);
            }

            NodeTime now = Time;
            core.SetTime(now);
            foreach (Arrival arrival in _taken)
            {
                Handle(core, arrival);
            }

            _taken.Clear();
            if (now.MonotonicMs >= tickDueMs)
            {
                tickDueMs = now.MonotonicMs + TickMs;
                core.Tick(now);
            }

            core.Turn(_readTime);
            foreach (OutLink link in _toFlush)
            {
                link.Flush();
            }

            _toFlush.Clear();
        }
    }

    private void Wait(NodeCore core)
    {
        if (core.HasWork)
        {
            return;
        }

        // A hold shorter than a millisecond is spun out: the thread could not sleep so short.
        long untilUs = core.NextTurnUs;
        if (untilUs == long.MaxValue)
        {
            _arrived.WaitOne(TickMs);
            return;
        }

        if (Time.MonotonicUs < untilUs)
        {
            Thread.Yield();
        }
    }

    private static void Handle(NodeCore core, Arrival arrival)
    {
        if (arrival.Action is { } action)
        {
            action();
        }
        else if (arrival.Link is { } link)
        {
            var reader = new ByteReader(arrival.Messages.Span);
            while (reader.Remaining > 0)
            {
                ReadOnlySpan<byte> message = reader.ReadSpan();
                if (!message.IsEmpty)
                {
                    core.Receive(arrival.From, link, message);
                }
            }

            arrival.Share!.Release(arrival.Messages.Length);
        }
        else
        {
            core.OnDurable(arrival.Sequence, arrival.End);
        }
    }

    private readonly record struct Arrival(
        NodeId From,
        IPeerLink? Link,
        ReadOnlyMemory<byte> Messages,
        Action? Action,
        LogPosition End,
        ulong Sequence,
        InboxShare? Share);
}
