using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>A fragment that is read at a snapshot.</summary>
public sealed partial class ShardReplica
{
    /// <summary>
    /// One fragment at one snapshot: runs in slices, waits for writers and the base store, gives its rows in batches; a
    /// batch that nobody asks for keeps no more than its place.
    /// </summary>
    private sealed class SnapshotTask : IReplicaTask
    {
        private const int SlicesPerTurn = 4;

        private readonly ShardReplica _replica;
        private readonly FragmentRequest _request;
        private readonly MemoryAccount _account;
        private readonly StatementCounts _output = new();
        private readonly StageWatch? _watch;
        private FragmentDriver? _driver;
        private HlcTimestamp _begin;
        private bool _closed;

        public SnapshotTask(ShardReplica replica, IPeerLink link, ulong correlation, FragmentRequest request)
        {
            _replica = replica;
            _request = request;
            _watch = request.WantTimes ? new StageWatch() : null;
            Link = link;
            Correlation = correlation;
            _account = MemoryAccount.ForStatement(replica._node.Memory);
            Token = replica.AddTask(this);
        }

        public long Token { get; }

        public IPeerLink Link { get; private set; }

        public ulong Correlation { get; private set; }

        public long ParkedAtMs { get; private set; }

        public void Close()
        {
            _closed = true;
            _replica._tasks.Remove(Token);
            _account.Dispose();
        }

        public void Continue(IPeerLink link, ulong correlation)
        {
            Link = link;
            Correlation = correlation;
            _watch?.GoOn();
            _replica._tasks.Add(Token, this);
            Resume();
        }

        public void Resume()
        {
            if (_closed || _replica._leader is not { } leader || !_replica._tasks.ContainsKey(Token))
            {
                return;
            }

            if (_begin == HlcTimestamp.Zero)
            {
                _begin = _request.AtNewest ? leader.NewestSnapshot(_request.Begin) : _request.Begin;
            }

            leader.NeedCeiling(_begin, _replica._node.Now.WallMs);
            if (_begin < _replica._machine.Horizon)
            {
                Finish(new FragmentReply { Status = ReplyStatus.SnapshotTooOld, MovePast = _replica._machine.Horizon });
            }
            else if (_replica.StaleGuard(
                _request.Guards, _request.ReadsFormer || _driver is not null ? _begin : null) is { } stale)
            {
                if (_replica.SetterOf(_request.Guards) is { } setter)
                {
                    leader.WaitFor(setter, Token);
                }
                else
                {
                    Finish(new FragmentReply { Status = stale });
                }
            }
            else if (_begin < _replica.HorizonOf(_request.Guards))
            {
                Finish(new FragmentReply
                {
                    Status = ReplyStatus.SnapshotTooOld, MovePast = _replica.HorizonOf(_request.Guards),
                });
            }
            else if (!leader.IsBelowCeiling(_begin))
            {
                leader.WaitForCeiling(Token);
            }
            else if (leader.GateSegments(_request.Guards, _begin) is { } moving)
            {
                leader.WaitFor(moving, Token);
            }
            else
            {
                Run(leader);
            }
        }

        private void Run(ShardLeader leader)
        {
            _watch?.Begin();
            RunSlices(leader);
            _watch?.End();
        }

        private void RunSlices(ShardLeader leader)
        {
            try
            {
                _driver ??= DriverOver(new SnapshotView(_replica._machine, leader, _begin, _request.Overlay));
                for (int slice = 0; slice < SlicesPerTurn; slice++)
                {
                    if (!RunSlice(_driver, leader))
                    {
                        return;
                    }
                }

                _replica._node.RunLater(Resume);
            }
            catch (SqlException exception)
            {
                Finish(new FragmentReply
                {
                    Status = ReplyStatus.Failed,
                    Failure = FailureOf(exception),
                    Rows = _output.Rows.ToArray(),
                    RowCount = _output.RowCount,
                    Statements = _driver is { } driver ? CountsOf(driver.Run) : [],
                });
            }
        }

        private FragmentDriver DriverOver(SnapshotView view) => new(
            FragmentRun.Create(_request.Fragment, _request.Parameters, _account, view.FreeAt), view, _replica._base, Resume);

        /// <summary>True when the task may go on at once.</summary>
        private bool RunSlice(FragmentDriver driver, ShardLeader leader)
        {
            FragmentState state = driver.Run.Step(_replica._node.Options.SliceRows);
            _output.Take(driver.Run);
            switch (state)
            {
                case FragmentState.NeedKeys:
                    return GoesOn(driver, driver.FeedKeys(), leader);
                case FragmentState.NeedRange:
                    return GoesOn(driver, driver.FeedRange(), leader);
                case FragmentState.Yielded when _output.Rows.Length < _request.BatchBytes:
                    return true;
                case FragmentState.Yielded:
                    Park(driver);
                    return false;
                default:
                    Finish(Reply(driver, isLast: true));
                    return false;
            }
        }

        private bool GoesOn(FragmentDriver driver, FeedResult fed, ShardLeader leader)
        {
            if (fed == FeedResult.Blocked)
            {
                leader.WaitFor(driver.Blocker, Token);
            }

            return fed == FeedResult.GoOn;
        }

        private void Park(FragmentDriver driver)
        {
            ulong cursor = ++_replica._nextCursor;
            FragmentReply reply = Reply(driver, isLast: false, cursor);
            if (reply.Cursor == 0)
            {
                Finish(reply);
                return;
            }

            ParkedAtMs = _replica._node.Now.MonotonicMs;
            _replica._tasks.Remove(Token);
            _replica._cursors.Add(cursor, this);
            Send(reply);
        }

        private FragmentReply Reply(FragmentDriver driver, bool isLast, ulong cursor = 0)
        {
            // Overwritten behind this snapshot's back: only another snapshot, or validation of what was read, can make
            // good of it. Whoever asked for the read set may do that, so it gets its rows all the same.
            bool retry = driver.PiHint <= _begin;
            _replica._leader!.Counters.ReadRetries += retry ? 1 : 0;
            if (retry && !_request.WantReadSet)
            {
                return new FragmentReply { Status = ReplyStatus.Retry, MovePast = driver.PiHint };
            }

            var reply = new FragmentReply
            {
                Status = retry ? ReplyStatus.Retry : ReplyStatus.Ok,
                Begin = _begin,
                Rows = _output.Rows.ToArray(),
                RowCount = _output.RowCount,
                Cursor = cursor,
                RowsAffected = driver.Run.RowsAffected,
                Statements = CountsOf(driver.Run),
                Reads = _request.WantReadSet ? [.. driver.Reads] : [],
                Ranges = _request.WantReadSet ? [.. driver.Ranges] : [],
                PiHint = driver.PiHint,
                EtaHint = driver.EtaHint,
                Writes = isLast ? WritesOf(driver.Run) : [],
            };
            driver.Reads.Clear();
            driver.Ranges.Clear();
            _output.Clear();
            return reply;
        }

        /// <summary>One statement needs none: all rows are its own.</summary>
        private List<StatementCount> CountsOf(FragmentRun run) => run.StatementCount > 1 ? _output.Of(run) : [];

        private void Finish(FragmentReply reply)
        {
            Close();
            Send(reply);
        }

        private void Send(FragmentReply reply)
        {
            IPeerLink link = Link;
            ulong correlation = Correlation;
            _replica.AnswerWhenLeased(link, correlation, () => Answer(link, correlation, reply));
        }

        private void Answer(IPeerLink link, ulong correlation, FragmentReply reply)
        {
            reply.Times = _watch?.Times();
            if (reply.Cursor != 0)
            {
                _watch?.Park();
            }

            _replica.SendReply(link, correlation, reply);
        }
    }

    private static List<KeyWrite> WritesOf(FragmentRun run)
    {
        var writes = new List<KeyWrite>(run.Writes.Count);
        foreach (RowWrite write in run.Writes)
        {
            writes.Add(new KeyWrite(
                write.Key, write.Value, write.Quota is { } quota ? new QuotaChange(quota.Key, quota.Amount) : null));
        }

        return writes;
    }
}
