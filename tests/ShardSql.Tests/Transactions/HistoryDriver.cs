using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Transactions;

/// <summary>
/// Runs histories such as <c>b1 b2 r1x r2y w1x w2y c1 c2</c> over real machines and leaders. b begins, r reads, w writes,
/// d deletes, sNa-c scans the rows a to c, c commits, a gives up, p prepares only, o logs the outcome of what is prepared.
/// Reads are at the snapshot of begin. On one shard c is a ONE, on two a PREPARE at each participant.
/// </summary>
internal sealed class HistoryDriver
{
    private const int Shards = 2;

    private readonly bool _cross;
    private readonly ShardMachine[] _machines;
    private readonly ShardLeader[] _leaders;
    private readonly HlcClock _gateway = new(9);
    private readonly SortedDictionary<int, DriverTransaction> _transactions = [];
    private readonly List<string> _lines = [];

    public HistoryDriver(bool cross)
    {
        _cross = cross;
        _machines = [.. Enumerable.Range(1, Shards).Select(i => new ShardMachine(new ShardId((uint)i)))];
        _leaders = [.. _machines.Select(machine => new ShardLeader(machine, new HlcClock(machine.Shard.Value)))];
        _gateway.Next(Stamps.BaseMs);
        foreach (ShardLeader leader in _leaders)
        {
            leader.Begin();
            leader.NeedCeiling(_gateway.Highest, Stamps.BaseMs);
        }

        Apply();
    }

    /// <summary>Runs a history and gives its lines.</summary>
    public List<string> Run(string history)
    {
        _lines.Clear();
        foreach (string operation in history.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Run(operation[0], int.Parse(operation[1..2], CultureInfo.InvariantCulture), operation[2..]);
        }

        return _lines;
    }

    /// <summary>Checks <c>C1 A2 1:x=none 2:scan=a b x=1</c>: outcomes, what a transaction saw, and rows at the end.</summary>
    public void Expect(string expected)
    {
        foreach (string word in expected.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.Contains('=', StringComparison.Ordinal))
            {
                string[] sides = word.Split('=');
                string actual = sides[0][1..].StartsWith(':')
                    ? _transactions[sides[0][0] - '0'].Saw[sides[0][2..]]
                    : ValueOf(sides[0]);
                Assert.Equal(word, $"{sides[0]}={actual}");
            }
            else
            {
                bool committed = _transactions[word[1] - '0'].Committed!.Value;
                Assert.Equal(word, (committed ? "C" : "A") + word[1]);
            }
        }
    }

    private void Run(char kind, int number, string what)
    {
        if (!_transactions.TryGetValue(number, out DriverTransaction? transaction))
        {
            HlcTimestamp begin = _gateway.Next(Stamps.BaseMs);
            _transactions[number] = transaction = new DriverTransaction(number, begin, _cross ? Shards : 1);
            _lines.Add($"T{number} begins at {Text(begin)}");
        }

        switch (kind)
        {
            case 'r':
                Read(transaction, what);
                break;
            case 's':
                Scan(transaction, what);
                break;
            case 'w':
            case 'd':
                transaction.Shares[ShardOf(what)].Writes.Add(new KeyWrite(
                    Stamps.Key(what), kind == 'd' ? null : Stamps.Key(number.ToString(CultureInfo.InvariantCulture))));
                break;
            case 'a':
                transaction.Committed = false;
                break;
            case 'p':
                Prepare(transaction);
                break;
            case 'o':
                Decide(transaction);
                break;
            case 'c':
                Commit(transaction);
                break;
            default:
                break;
        }
    }

    private void Read(DriverTransaction transaction, string key)
    {
        int shard = ShardOf(key);
        byte[] bytes = Stamps.Key(key);
        if (Waits(transaction, "r" + key, _leaders[shard].GateRead(bytes, transaction.Begin)))
        {
            return;
        }

        KeyVersion? version = _machines[shard].Versions.Find(bytes)?.AsOf(transaction.Begin);
        HlcTimestamp cstamp = version?.Cstamp ?? HlcTimestamp.Zero;
        _gateway.Merge(cstamp);
        transaction.Shares[shard].Reads.Add(new KeyRead(bytes, cstamp));
        transaction.Saw[key] = version?.Value is { } value ? Encoding.UTF8.GetString(value) : "none";
        _lines.Add($"T{transaction.Number} reads {key}={transaction.Saw[key]} of {Text(cstamp)}{Retry(version, transaction)}");
    }

    private void Scan(DriverTransaction transaction, string what)
    {
        string[] ends = what.Split('-');
        var range = new KeyRange(Stamps.Key(ends[0]), KeyRange.Successor(Stamps.Key(ends[1])));
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (int shard = 0; shard < transaction.Shares.Count; shard++)
        {
            Assert.Null(_leaders[shard].GateRead(range, transaction.Begin));
            transaction.Shares[shard].Ranges.Add(range);
            foreach ((byte[] key, KeyState state) in _machines[shard].Versions.Range(range))
            {
                if (state.AsOf(transaction.Begin).Value is not null)
                {
                    seen.Add(Encoding.UTF8.GetString(key));
                }
            }
        }

        transaction.Saw["scan"] = seen.Count == 0 ? "none" : string.Join(',', seen);
        _lines.Add($"T{transaction.Number} scans {what} and sees {transaction.Saw["scan"]}");
    }

    private void Commit(DriverTransaction transaction)
    {
        if (transaction.Shares.All(share => !share.HasWrites) && !transaction.MetRetry)
        {
            transaction.Committed = true;
            _lines.Add($"T{transaction.Number} commits as a reader at {Text(transaction.Begin)}");
        }
        else if (_cross)
        {
            if (Prepare(transaction))
            {
                Decide(transaction);
            }
        }
        else if (!Waits(transaction, "c", _leaders[0].BlockerOf(transaction.Shares[0], HlcTimestamp.Infinity)))
        {
            _leaders[0].ProposeOne(
                transaction.Id, transaction.Shares[0], OneMode.Snapshot, default, _gateway.Highest, [], Stamps.BaseMs);
            Apply();
            Register register = _machines[0].Registers.Find(transaction.Id)!;
            _gateway.Merge(register.Stamp);
            transaction.Committed = register.Vote.Ok;
            _lines.Add($"T{transaction.Number} ONE c={Text(register.Stamp)} {Text(register.Vote)}");
        }
    }

    private bool Prepare(DriverTransaction transaction)
    {
        if (transaction.Stamp == HlcTimestamp.Zero)
        {
            transaction.Stamp = _gateway.Next(Stamps.BaseMs);
        }

        foreach (int shard in transaction.Participants)
        {
            TxnId? blocker = _leaders[shard].BlockerOf(transaction.Shares[shard], transaction.Stamp);
            if (Waits(transaction, $"p c={Text(transaction.Stamp)}", blocker))
            {
                return false;
            }
        }

        List<ShardId> participants = [.. transaction.Participants.Select(shard => _machines[shard].Shard)];
        foreach (int shard in transaction.Participants)
        {
            TransactionShare share = transaction.Shares[shard];
            _leaders[shard].HoldPrepare(transaction.Id, transaction.Stamp, share, transaction.Number, 0);
            _leaders[shard].TakeReleased(0, []);
            _leaders[shard].ProposePrepare(transaction.Id, transaction.Stamp, participants, share);
        }

        Apply();
        foreach (int shard in transaction.Participants)
        {
            Vote vote = _machines[shard].Registers.Find(transaction.Id)!.Vote;
            _lines.Add($"T{transaction.Number} PREPARE {vote.Shard} c={Text(transaction.Stamp)} {Text(vote)}");
        }

        return true;
    }

    private void Decide(DriverTransaction transaction)
    {
        List<Vote> votes = [.. transaction.Participants.Select(shard => _machines[shard].Registers.Find(transaction.Id)!.Vote)];
        Decision decision = Vote.Decide(transaction.Stamp, votes);
        transaction.Committed = decision.Commit;
        _lines.Add($"T{transaction.Number} OUTCOME {(decision.Commit ? "commit" : "abort")} η={Text(decision.Eta)} π={Text(decision.Pi)}");
        foreach (int shard in transaction.Participants)
        {
            _leaders[shard].OnDecide(transaction.Id, votes);
        }

        Apply();
    }

    private bool Waits(DriverTransaction transaction, string what, TxnId? blocker)
    {
        if (blocker is { } id)
        {
            _lines.Add($"T{transaction.Number} {what} waits for T{id.Sequence}");
        }

        return blocker is not null;
    }

    private static string Retry(KeyVersion? version, DriverTransaction transaction)
    {
        bool meets = version is { Sstamp.IsInfinity: false } && version.Scstamp > transaction.Begin
            && version.Sstamp <= transaction.Begin;
        transaction.MetRetry |= meets;
        return meets ? " retry" : string.Empty;
    }

    private void Apply()
    {
        for (int shard = 0; shard < Shards; shard++)
        {
            while (_leaders[shard].QueueLength > 0)
            {
                var entry = new ByteWriter();
                _leaders[shard].TakeEntry(entry, 1);
                var reader = new ByteReader(entry.WrittenSpan);
                Command command = Command.Read(ref reader)!;
                _leaders[shard].OnApplied(command, _machines[shard].ApplyAll(command)[0]);
            }
        }
    }

    private int ShardOf(string key) => _cross ? key[0] % Shards : 0;

    private string ValueOf(string key) =>
        _machines[ShardOf(key)].Versions.Find(Stamps.Key(key))?.Newest.Value is { } value ? Encoding.UTF8.GetString(value) : "none";

    private static string Text(Vote vote) =>
        $"{(vote.Ok ? "yes" : "no " + vote.Reason)} η={Text(vote.Eta)} π={Text(vote.Pi)}";

    private static string Text(HlcTimestamp stamp)
    {
        ulong origin = HlcTimestamp.FromPhysicalMs(Stamps.BaseMs).Time;
        return stamp.IsInfinity ? "∞" : stamp.Time < origin ? "0"
            : (stamp.Time - origin).ToString(CultureInfo.InvariantCulture);
    }
}
