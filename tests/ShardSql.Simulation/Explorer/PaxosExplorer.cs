using System;
using System.Collections.Generic;
using System.Diagnostics;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Simulation.Explorer;

/// <summary>
/// Walks breadth-first through every state that a few real replicas can come to within bounds. Messages are a set that is
/// never emptied, so loss, delay, duplication and reordering are all in it. Checked in each state: at most one chosen
/// value for a slot, over all ballots; and what replicas handed out agrees with it and with each other.
/// </summary>
public sealed class PaxosExplorer
{
    private readonly PaxosBounds _bounds;
    private readonly PaxosSpace _space;
    private readonly HashSet<UInt128> _seen = [];
    private readonly Queue<State> _frontier = new();
    private long _transitions;
    private string? _violation;

    private PaxosExplorer(PaxosBounds bounds)
    {
        _bounds = bounds;
        _space = new PaxosSpace(bounds);
    }

    /// <summary>Explores.</summary>
    public static ExplorerReport Run(PaxosBounds bounds)
    {
        var clock = Stopwatch.StartNew();
        var explorer = new PaxosExplorer(bounds);
        int depth = 0;
        try
        {
            depth = explorer.Walk();
        }
        catch (InvariantException broken)
        {
            explorer._violation = broken.Message;
        }

        return new ExplorerReport(
            "multi-paxos", explorer._seen.Count, explorer._transitions, depth, explorer._seen.Count < bounds.StatesMax,
            explorer._violation, clock.Elapsed);
    }

    private int Walk()
    {
        Add(new State(_bounds.Replicas) { NodeIds = _space.Initial, Letters = [] });
        int depth = 0;
        while (_frontier.TryDequeue(out State? state) && _violation is null && _seen.Count < _bounds.StatesMax)
        {
            depth = state.Depth;
            for (int node = 0; node < _bounds.Replicas; node++)
            {
                Act(state, node);
            }

            foreach (int letter in state.Letters)
            {
                Take(state, _space.Letter(letter).To, PaxosAction.Deliver, letter);
            }
        }

        return depth;
    }

    private void Act(State state, int node)
    {
        PaxosNode now = _space.Node(state.NodeIds[node]);
        int campaigns = node switch { 0 => _bounds.CampaignsOfFirst, 1 => _bounds.CampaignsOfSecond, _ => 0 };
        if (state.Campaigns[node] < campaigns && now.Replica is { IsRelearning: false, Role: not PaxosRole.Leader })
        {
            Take(state, node, PaxosAction.Campaign, 0);
        }

        if (now.Replica.Role == PaxosRole.Leader)
        {
            if (state.Proposals[node] < _bounds.Proposals && now.LastProposed.Value < (ulong)_bounds.Slots
                && now.Replica.CanPropose)
            {
                Take(state, node, PaxosAction.Propose, (10 * (node + 1)) + state.Proposals[node]);
            }

            if (state.Changes[node] < _bounds.Changes.Count && now.LastProposed.Value < (ulong)_bounds.Slots)
            {
                Take(state, node, PaxosAction.Change, state.Changes[node]);
            }

            if (state.Heartbeats[node] < _bounds.Heartbeats)
            {
                Take(state, node, PaxosAction.Heartbeat, 0);
            }
        }

        // Once in a life: asking again without end would be states without end.
        if (now.Replica is { IsRelearning: true, HasAskedToRelearn: false })
        {
            Take(state, node, PaxosAction.Ask, 0);
        }

        if (MayRestart(state, node))
        {
            Take(state, node, PaxosAction.Restart, 0);
            if (now.HasUnsynced)
            {
                Take(state, node, PaxosAction.Sync, 0);
            }
        }
    }

    // Replicas 1 and 2 are alike, so it is enough that one of them restarts. Who cannot restart any more has no use for
    // records that are not synced.
    private bool MayRestart(State state, int node) => node != 1 && state.Restarts < _bounds.Restarts;

    private void Take(State state, int node, PaxosAction action, int argument)
    {
        bool syncs = !MayRestart(state, node);
        PaxosEffect effect = _space.Effect(state.NodeIds[node], action, argument, syncs);
        _transitions++;
        if (effect.Node == state.NodeIds[node] && !HasNews(state, effect.Letters))
        {
            return;
        }

        State next = state.With(node, effect, action, _space);
        if (next.Restarts != state.Restarts && next.Restarts == _bounds.Restarts)
        {
            SyncAll(next);
        }

        Add(next);
    }

    private void SyncAll(State state)
    {
        for (int node = 0; node < _bounds.Replicas; node++)
        {
            while (_space.Node(state.NodeIds[node]).HasUnsynced)
            {
                state.Change(node, _space.Effect(state.NodeIds[node], PaxosAction.Sync, 0, syncs: true), _space);
            }
        }
    }

    private static bool HasNews(State state, List<int> letters)
    {
        foreach (int letter in letters)
        {
            if (Array.BinarySearch(state.Letters, letter) < 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(State state)
    {
        state.Letters = Array.FindAll(state.Letters, letter => _space.IsAlive(letter, state.NodeIds));
        if (_seen.Add(state.Hash()))
        {
            _violation ??= CheckCommitted(state);
            _frontier.Enqueue(state);
        }
    }

    // A replica takes for chosen only what a majority accepted under one ballot.
    private string? CheckCommitted(State state)
    {
        SortedDictionary<ulong, int> chosen = ChosenIn(state.History);
        for (int node = 0; node < _bounds.Replicas; node++)
        {
            PaxosReplica replica = _space.Node(state.NodeIds[node]).Replica;
            for (Slot slot = new(1); slot <= replica.Commit; slot = slot.Next)
            {
                if (!chosen.TryGetValue(slot.Value, out int value)
                    || value != PaxosHistory.ValueOf(replica.EntryAt(slot)!.Value.Value))
                {
                    return $"Replica {node + 1} takes another value in slot {slot} for chosen.";
                }
            }
        }

        return null;
    }

    // Each slot by its own voters, who follow from what was chosen before.
    private SortedDictionary<ulong, int> ChosenIn(PaxosHistory history)
    {
        var chosen = new SortedDictionary<ulong, int>();
        Membership membership = Membership.FoundedBy(_space.Founders);
        for (Slot slot = new(1); slot.Value <= (ulong)(_bounds.Slots + _bounds.Pipeline); slot = slot.Next)
        {
            if (history.Chosen(slot, membership.At(slot)) is not { } value)
            {
                continue;
            }

            chosen.Add(slot.Value, value);
            if (PaxosHistory.EntryOf(value) is { } entry)
            {
                membership = membership.With(new Slot(slot.Value + (ulong)_bounds.Pipeline), entry);
            }
        }

        return chosen;
    }

    private sealed class State(int nodes)
    {
        public required int[] NodeIds { get; init; }

        public required int[] Letters { get; set; }

        public PaxosHistory History { get; private set; } = new();

        public int[] Campaigns { get; init; } = new int[nodes];

        public int[] Proposals { get; init; } = new int[nodes];

        public int[] Changes { get; init; } = new int[nodes];

        public int[] Heartbeats { get; init; } = new int[nodes];

        public int Restarts { get; private set; }

        public int Depth { get; private init; }

        public State With(int node, PaxosEffect effect, PaxosAction action, PaxosSpace space)
        {
            var next = new State(NodeIds.Length)
            {
                NodeIds = [.. NodeIds],
                Letters = Letters,
                History = History,
                Campaigns = action == PaxosAction.Campaign ? Raised(Campaigns, node) : Campaigns,
                Proposals = action == PaxosAction.Propose ? Raised(Proposals, node) : Proposals,
                Changes = action == PaxosAction.Change ? Raised(Changes, node) : Changes,
                Heartbeats = action == PaxosAction.Heartbeat ? Raised(Heartbeats, node) : Heartbeats,
                Restarts = Restarts + (action == PaxosAction.Restart ? 1 : 0),
                Depth = Depth + 1,
            };
            next.Change(node, effect, space);
            return next;
        }

        public void Change(int node, PaxosEffect effect, PaxosSpace space)
        {
            NodeIds[node] = effect.Node;
            History = History.With(node, space.Node(effect.Node).Votes);
            if (HasNews(this, effect.Letters))
            {
                var all = new SortedSet<int>(Letters);
                all.UnionWith(effect.Letters);
                Letters = [.. all];
            }
        }

        public UInt128 Hash()
        {
            ulong low = 1;
            ulong high = 2;
            void Mix(int value)
            {
                low = Hash64.Combine(low, (ulong)value);
                high = Hash64.Combine(high, ~(ulong)value);
            }

            for (int node = 0; node < NodeIds.Length; node++)
            {
                Mix(NodeIds[node]);
                Mix((Changes[node] * 1_000_000) + (Campaigns[node] * 10_000) + (Proposals[node] * 100) + Heartbeats[node]);
            }

            Mix(Restarts);
            History.Mix(Mix);
            foreach (int letter in Letters)
            {
                Mix(letter);
            }

            return new UInt128(high, low);
        }

        private static int[] Raised(int[] counts, int node)
        {
            int[] raised = [.. counts];
            raised[node]++;
            return raised;
        }
    }
}
