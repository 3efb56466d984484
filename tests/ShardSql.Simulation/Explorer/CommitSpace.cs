using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Model;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Explorer;

/// <summary>
/// All states of the two real machines met so far, all commands and all votes, each with a small number; what applying a
/// command does is computed once.
/// </summary>
internal sealed class CommitSpace
{
    public const int Shards = 2;

    private readonly Dictionary<byte[], int> _machineIds = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], int> _commandIds = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], int> _voteIds = new(ByteKeyComparer.Instance);
    private readonly Dictionary<(int Machine, int Command), (int Machine, int Vote)> _applied = [];
    private readonly List<(int Shard, byte[] State)> _machines = [];
    private readonly List<CommitView> _views = [];
    private readonly List<Command> _commands = [];
    private readonly List<Vote> _votes = [];
    private readonly ByteWriter _writer = new();
    private readonly bool _hasMove;

    public CommitSpace(CommitBounds bounds)
    {
        Transactions = CommitTransactions.Of(bounds);
        _hasMove = bounds.HasMove;
        Initial = [.. Enumerable.Range(0, Shards).Select(shard => Intern(shard, Begin(shard)))];
    }

    public IReadOnlyList<CommitTransaction> Transactions { get; }

    public int[] Initial { get; }

    public Command Command(int id) => _commands[id];

    public Vote Vote(int id) => _votes[id];

    /// <summary>What a machine's state says of each transaction.</summary>
    public CommitView View(int machine) => _views[machine];

    public int Intern(Command command)
    {
        _writer.Clear();
        command.Write(_writer);
        return Intern(_commandIds, _writer.ToArray(), _commands, command);
    }

    public int Intern(Vote vote)
    {
        _writer.Clear();
        vote.Write(_writer);
        return Intern(_voteIds, _writer.ToArray(), _votes, vote);
    }

    /// <summary>Applies a command; the vote is -1 when there is none.</summary>
    public (int Machine, int Vote) Apply(int machine, int command)
    {
        if (!_applied.TryGetValue((machine, command), out (int Machine, int Vote) result))
        {
            (int shard, byte[] state) = _machines[machine];
            ShardMachine next = ShardMachine.ReadState(CommitTransactions.ShardOf(shard), state)!;
            next.BeginEntry(next.Applied.Next);
            ApplyResult applied = next.Apply(_commands[command]);
            result = (Intern(shard, next), applied.Vote is { } vote ? Intern(vote) : -1);
            _applied[(machine, command)] = result;
        }

        return result;
    }

    private static int Intern<T>(Dictionary<byte[], int> ids, byte[] key, List<T> all, T value)
    {
        if (!ids.TryGetValue(key, out int id))
        {
            id = all.Count;
            ids.Add(key, id);
            all.Add(value);
        }

        return id;
    }

    private ShardMachine Begin(int shard)
    {
        var machine = new ShardMachine(CommitTransactions.ShardOf(shard));
        if (_hasMove && shard == 0)
        {
            machine.Guards.Set(MoveSteps.First, HlcTimestamp.Zero);
        }

        return machine;
    }

    private int Intern(int shard, ShardMachine machine)
    {
        _writer.Clear();
        machine.WriteState(_writer);
        byte[] state = _writer.ToArray();
        byte[] key = WithoutPath(state, shard);
        if (!_machineIds.TryGetValue(key, out int id))
        {
            id = _machines.Count;
            _machineIds.Add(key, id);
            _machines.Add((shard, state));
            _views.Add(CommitView.Of(machine, Transactions, _hasMove));
        }

        return id;
    }

    // Slot, rolling hash and checkpoint tell how the machine came here, not what it will do.
    private static byte[] WithoutPath(byte[] state, int shard)
    {
        var reader = new ByteReader(state);
        reader.ReadByte();
        reader.ReadVarint32();
        reader.ReadVarint();
        for (int stamps = 0; stamps < 5; stamps++)
        {
            reader.ReadStamp();
        }

        reader.ReadUInt64();
        reader.ReadVarint();
        reader.ReadUInt64();
        return [(byte)shard, .. reader.Rest];
    }
}

/// <summary>What a machine says of each transaction, its rows, and the segment that moves, if one does.</summary>
internal sealed record CommitView(Register?[] Registers, SortedDictionary<string, string> Rows, SegmentView? Segment)
{
    public static CommitView Of(ShardMachine machine, IReadOnlyList<CommitTransaction> transactions, bool hasMove)
    {
        SegmentView? segment = hasMove ? SegmentView.Of(machine) : null;
        var rows = new SortedDictionary<string, string>(System.StringComparer.Ordinal);
        foreach ((byte[] key, KeyState state) in machine.Versions.Range(KeyRange.All))
        {
            bool isOwn = segment is null or { Epoch: > 0 } || !MoveSteps.Range.Contains(key);
            if (isOwn && state.Newest.Value is { } value)
            {
                rows.Add(System.Text.Encoding.UTF8.GetString(key), System.Text.Encoding.UTF8.GetString(value));
            }
        }

        return new CommitView([.. transactions.Select(t => machine.Registers.Find(t.Model.Id))], rows, segment);
    }
}
