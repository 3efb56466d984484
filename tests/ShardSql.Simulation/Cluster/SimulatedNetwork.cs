using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster;

/// <summary>Takes a message.</summary>
/// <param name="from">Who sent it.</param>
/// <param name="folder">The folder that a node had when it sent it.</param>
/// <param name="message">What it says.</param>
internal delegate void MessageReceiver(uint from, Guid folder, byte[] message);

/// <summary>
/// Messages between addresses: late, lost, doubled, out of order, and not at all over a link that is cut. A clogged link
/// holds everything back until it is free again.
/// </summary>
internal sealed class SimulatedNetwork(EventQueue events, ClusterTrace trace, Prng prng, ClusterKnobs knobs, Tally faults)
{
    private readonly Dictionary<uint, MessageReceiver> _receivers = [];
    private readonly Dictionary<(uint From, uint To), int> _cuts = [];
    private readonly Dictionary<(uint From, uint To), long> _cloggedUntilUs = [];

    /// <summary>Whether messages get lost and doubled by chance.</summary>
    public bool IsFaulty { get; set; } = true;

    /// <summary>A test's hand in the network.</summary>
    public Func<uint, uint, byte[], byte[]?>? Tampering { get; init; }

    /// <summary>Whether anything gets from one address to another.</summary>
    public bool IsCut(uint from, uint to) => _cuts.GetValueOrDefault((from, to)) > 0;

    public void Attach(uint address, MessageReceiver receive) => _receivers[address] = receive;

    /// <summary>Sends a message; a node says which folder it comes with.</summary>
    public void Send(uint from, uint to, ReadOnlySpan<byte> message, Guid folder = default)
    {
        byte[]? bytes = message.ToArray();
        bytes = Tampering is null ? bytes : Tampering(from, to, bytes);
        if (bytes is null || IsCut(from, to))
        {
            return;
        }

        if (IsFaulty && prng.Chance(knobs.Loss))
        {
            faults.Add("message lost");
            trace.Add(TraceKind.Lost, events.NowUs, from, to, bytes);
            return;
        }

        Deliver(from, to, folder, bytes);

        // Between nodes a stream that broke may leave a copy behind. A gateway that sends again knows that it did, and what
        // a refusal is worth then; its streams double nothing behind its back.
        if (IsFaulty && prng.Chance(knobs.Duplication) && SimulatedCluster.IsNode(from))
        {
            faults.Add("message doubled");
            Deliver(from, to, folder, bytes);
        }
    }

    public void Cut(uint from, uint to) => _cuts[(from, to)] = _cuts.GetValueOrDefault((from, to)) + 1;

    public void Join(uint from, uint to) => _cuts[(from, to)]--;

    public void Clog(uint from, uint to, long untilUs) => _cloggedUntilUs[(from, to)] = untilUs;

    /// <summary>Ends what is wrong with it.</summary>
    public void Heal()
    {
        IsFaulty = false;
        _cuts.Clear();
        _cloggedUntilUs.Clear();
    }

    private void Deliver(uint from, uint to, Guid folder, byte[] message)
    {
        long delay = knobs.DelayMinUs + prng.Exponential(knobs.DelayMeanUs);
        long freeUs = _cloggedUntilUs.GetValueOrDefault((from, to)) - events.NowUs;
        events.After(delay + long.Max(freeUs, 0), () =>
        {
            if (!IsCut(from, to) && _receivers.TryGetValue(to, out MessageReceiver? receive))
            {
                trace.Add(TraceKind.Message, events.NowUs, from, to, message);
                receive(from, folder, message);
            }
        });
    }
}
