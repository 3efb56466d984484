using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

using ShardSql.Gateway.Commit;
using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Workloads;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>
/// A transaction at its gateway: reads at a snapshot, keeps its writes, and hands both to the commit (commit.md §2). A
/// snapshot that is no good is given up for a newer one as long as nothing was committed.
/// </summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "The end of the transaction, or of its gateway, gives the snapshot up.")]
internal sealed class TransactionRun : IProgramRun
{
    private const int RestartsMax = 10;
    private const long ReadTimeoutUs = 5_000_000;
    private const long RestartPauseUs = 20_000;

    private readonly SimulatedGateway _gateway;
    private readonly SimulatedClient _client;
    private readonly SimulatedProgram _program;
    private readonly Action<TransactionEnd> _then;
    private IEnumerator<IReadOnlyList<ReadPart>> _steps = null!;
    private readonly TransactionName _name;
    private OpenTransaction? _open;
    private bool _mayRestart;
    private int _restarts;
    private int _epoch;
    private int _outstanding;

    public TransactionRun(
        SimulatedGateway gateway, SimulatedClient client, SimulatedProgram program, Action<TransactionEnd> then)
    {
        _gateway = gateway;
        _client = client;
        _program = program;
        _then = then;
        _name = new TransactionName(client.Session, client.Sequence);
        Context = null!;
    }

    public TransactionContext Context { get; private set; }

    public IReadOnlyList<ShardId> Participants { get; private set; } = [];

    private HlcTimestamp Snapshot => _open!.Begin;

    public void Start()
    {
        _epoch++;
        _gateway.Merge(_client.Highest);
        _open = new OpenTransaction(_name, _gateway.OpenSnapshot());
        _mayRestart = true;
        Context = new TransactionContext(_gateway.World.Knobs.Shards, _gateway.Life);
        _steps = _program.Steps(Context).GetEnumerator();
        Step();
    }

    private void Step()
    {
        if (!_steps.MoveNext())
        {
            Commit();
            return;
        }

        IReadOnlyList<ReadPart> parts = _steps.Current;
        Context.Scanned.Clear();
        _outstanding = parts.Count;
        bool drawsThere = parts.Count == 1 && _open!.IsFresh && _client.Sequence % 3 != 0;
        foreach (ReadPart part in parts)
        {
            Read(part, drawsThere);
        }
    }

    private void Read(ReadPart part, bool drawsThere)
    {
        var request = new FragmentRequest
        {
            Begin = Snapshot,
            AtNewest = drawsThere,
            Fragment = part.Range is { } range
                ? SimulatedRows.SelectRange(part.Table, range)
                : SimulatedRows.SelectKeys(part.Table, part.Keys),
            Overlay = Context.Shares.TryGetValue(part.Shard, out TransactionShare? share) ? share.Writes : [],
            WantReadSet = true,
            BatchBytes = _gateway.World.Knobs.BatchBytes,
        };
        int epoch = _epoch;
        var rows = new List<KeyValuePair<RowId, string>>();
        _gateway.Ask(
            part.Shard, RequestKind.Fragment, writer => FragmentCodec.Write(writer, request), ReadTimeoutUs, Take);

        void Take(byte[]? answer, NodeId from, bool wasSent)
        {
            if (epoch != _epoch)
            {
                return;
            }

            if (answer is null)
            {
                Restart("no answer to a read", HlcTimestamp.Zero);
                return;
            }

            var reader = new ByteReader(answer);
            FragmentReply reply = FragmentCodec.ReadReply(ref reader);
            Invariant.Check(!reader.Failed, "A reply can be read.");
            if (reply.Status == ReplyStatus.NoCursor)
            {
                BeginAgain();
                return;
            }

            if (!Accept(reply))
            {
                return;
            }

            if (drawsThere && _open!.IsFresh)
            {
                _gateway.World.Reach("snapshot drawn by the shard");
                _gateway.Merge(reply.Begin);
                _open.BeginAt(reply.Begin);
            }

            rows.AddRange(SimulatedRows.FromReply(part.Table, reply.Rows));
            TakeReadSet(part.Shard, reply);
            if (reply.Cursor != 0)
            {
                _gateway.World.Reach("cursor");
                _gateway.AskOnce(
                    from, part.Shard, RequestKind.Continue, writer => writer.WriteVarint(reply.Cursor), TakeMore);
                return;
            }

            Finish(part, rows);
        }

        // A cursor is gone with its node's leadership, whoever says so or does not.
        void TakeMore(byte[]? answer, NodeId from, bool wasSent)
        {
            if (answer is null && epoch == _epoch)
            {
                BeginAgain();
            }
            else
            {
                Take(answer, from, wasSent);
            }
        }

        // The same snapshot shows the same rows once more.
        void BeginAgain()
        {
            _gateway.World.Reach("cursor lost");
            Read(part, drawsThere: false);
        }
    }

    private bool Accept(FragmentReply reply)
    {
        switch (reply.Status)
        {
            case ReplyStatus.Ok:
                return true;
            case ReplyStatus.Retry when _mayRestart && _client.Sequence % 2 == 0:
                _gateway.World.Reach("read met retry");
                Restart("retry", reply.PiHint);
                return false;
            case ReplyStatus.Retry:
                _gateway.World.Reach("reader validated");
                _open!.MustValidate = true;
                return true;
            case ReplyStatus.Failed:
                _gateway.World.Check(false, $"a read failed: {reply.Failure}");
                Restart("failed", HlcTimestamp.Zero);
                return false;
            default:
                _gateway.World.Reach("read " + reply.Status);
                Restart(reply.Status.ToString(), reply.MovePast);
                return false;
        }
    }

    private void TakeReadSet(ShardId shard, FragmentReply reply)
    {
        _open!.Take(shard, reply);
        _gateway.Merge(reply.EtaHint);
    }

    private void Finish(ReadPart part, List<KeyValuePair<RowId, string>> rows)
    {
        Func<string?, string?>? tamper = _gateway.World.Options.Tampering.Read;
        if (tamper is not null)
        {
            rows = [.. rows.Select(row => new KeyValuePair<RowId, string>(row.Key, tamper(row.Value) ?? row.Value))];
        }

        if (part.Range is { } range)
        {
            Context.Scanned.AddRange(rows);
            if (!Context.ShareAt(part.Shard).Writes.Exists(write => range.Contains(write.Key)))
            {
                Context.Ranges.Add(new RangeSeen(part.Shard, range, rows));
            }
        }

        Dictionary<RowId, string> found = rows.ToDictionary(row => row.Key, row => row.Value);
        foreach (RowId row in part.Keys)
        {
            string? text = found.GetValueOrDefault(row);
            Context.Seen[row] = text;
            if (!Context.IsWritten(row))
            {
                Context.Reads.Add(new(row, text));
            }
        }

        if (--_outstanding == 0)
        {
            _mayRestart &= _restarts < 2;
            Step();
        }
    }

    private void Restart(string why, HlcTimestamp movePast)
    {
        _epoch++;
        _gateway.Merge(movePast);
        _open!.Dispose();
        if (++_restarts > RestartsMax)
        {
            _then(new TransactionEnd(HistoryOutcome.Fail, why, HlcTimestamp.Zero));
            return;
        }

        _gateway.After(RestartPauseUs, Start);
    }

    private void Commit()
    {
        OpenTransaction open = _open!;
        foreach ((ShardId shard, TransactionShare share) in Context.Shares)
        {
            share.Writes.ForEach(open.At(shard).Write);
            share.NewGuards.ForEach(open.At(shard).SetGuard);
        }

        if (Context.Append is null && !open.NeedsValidation)
        {
            // A snapshot that no shard has read at says nothing, and may come from a clock that is far ahead.
            bool hasRead = Context.Reads.Count + Context.Ranges.Count > 0;
            _gateway.World.Serial.CommittedRead(Snapshot, Context);
            End(new TransactionEnd(HistoryOutcome.Ok, "read", hasRead ? Snapshot : HlcTimestamp.Zero));
            return;
        }

        Participants = Context.Append is { } append ? [Context.ShardOf(append.Row)] : [.. open.Participants];
        new CommitRun(_gateway, Context, open).Start(End);
    }

    private void End(TransactionEnd end)
    {
        _epoch++;
        _open!.Dispose();
        _then(end);
    }
}
