using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>A transaction of this shard alone.</summary>
public sealed partial class ShardReplica
{
    /// <summary>
    /// One ONE, from its request to its answer. A fragment is evaluated on top of what is proposed; when what it read is
    /// not the newest any more, at the proposal or at apply, it is evaluated again.
    /// </summary>
    private sealed class OneTask : IReplicaTask
    {
        private const int EvaluationsMax = 64;
        private const int SlicesPerTurn = 4;

        private readonly ShardReplica _replica;
        private readonly OneRequest _request;
        private readonly List<(IPeerLink Link, ulong Correlation)> _asking = [];
        private readonly StatementCounts _output = new();
        private readonly StageWatch? _watch;
        private MemoryAccount? _account;
        private FragmentDriver? _driver;
        private NewestView? _view;
        private Slot _basis;
        private HlcTimestamp _since;
        private int _evaluations;
        private bool _proposed;

        public OneTask(ShardReplica replica, IPeerLink link, ulong correlation, OneRequest request)
        {
            _replica = replica;
            _request = request;
            Link = link;
            Correlation = correlation;
            _asking.Add((link, correlation));
            Token = replica.AddTask(this);
            _watch = request.WantTimes ? replica.WatchOf(request.Id) : null;
        }

        public long Token { get; }

        public IPeerLink Link { get; }

        public ulong Correlation { get; }

        /// <summary>Somebody asks for the same transaction again.</summary>
        public void Answer(IPeerLink link, ulong correlation) => _asking.Add((link, correlation));

        public void Resume()
        {
            if (_proposed || _replica._leader is not { } leader || !_replica._tasks.ContainsKey(Token))
            {
                return;
            }

            IReadOnlyList<Guard> guards = _request.Share?.Guards ?? _request.Guards;
            if (_replica.StaleGuard(guards) is { } stale)
            {
                if (_replica.SetterOf(guards) is { } setter)
                {
                    leader.WaitFor(setter, Token);
                }
                else
                {
                    Finish(new OneReply { Status = stale });
                }
            }
            else if (leader.FencedOf(guards) is { } fenced)
            {
                Restart();
                leader.WaitForFence(fenced, Token);
            }
            else if (_request.Share is { } share)
            {
                ProposeShare(leader, share);
            }
            else
            {
                _watch?.Begin();
                Evaluate(leader);
                _watch?.End();
            }
        }

        /// <summary>The machine has decided.</summary>
        public void OnVote(OneCommand one, Vote vote)
        {
            _proposed = false;
            if ((vote.Reason == RefusalReason.StaleEvaluation && _evaluations < EvaluationsMax)
                || vote.Reason == RefusalReason.Moving)
            {
                Restart();
                _replica._node.RunLater(Resume);
                return;
            }

            Finish(OneResult.Of(vote, one.Stamp, one.Result));
        }

        private void ProposeShare(ShardLeader leader, TransactionShare share)
        {
            if (leader.BlockerOf(share, HlcTimestamp.Infinity) is { } blocker)
            {
                leader.WaitFor(blocker, Token);
                return;
            }

            _proposed = true;
            _watch?.Propose();
            leader.ProposeOne(
                _request.Id, share, OneMode.Snapshot, default, _request.After, [], _replica._node.Now.WallMs);
        }

        private void Evaluate(ShardLeader leader)
        {
            try
            {
                if (_driver is null)
                {
                    Begin(leader);
                }

                for (int slice = 0; slice < SlicesPerTurn; slice++)
                {
                    if (!RunSlice(leader))
                    {
                        return;
                    }
                }

                _replica._node.RunLater(Resume);
            }
            catch (SqlException exception)
            {
                Fail(leader, exception);
            }
        }

        private void Begin(ShardLeader leader)
        {
            _evaluations++;
            _account = MemoryAccount.ForStatement(_replica._node.Memory);
            _basis = _replica._machine.Applied;
            _since = _replica._node.Clock.Highest;
            _view = new NewestView(_replica._machine, leader);
            _driver = new FragmentDriver(
                FragmentRun.Create(_request.Fragment, _request.Parameters, _account, _replica._machine.FreeAt),
                _view,
                _replica._base,
                Resume);
        }

        private bool RunSlice(ShardLeader leader)
        {
            FragmentDriver driver = _driver!;
            FragmentState state = driver.Run.Step(_replica._node.Options.SliceRows);
            _output.Take(driver.Run);
            OneResult.RequireKept(_output.Rows.Length);
            FeedResult fed = FeedResult.GoOn;
            switch (state)
            {
                case FragmentState.NeedKeys:
                    fed = driver.FeedKeys();
                    break;
                case FragmentState.NeedRange:
                    fed = driver.FeedRange();
                    break;
                case FragmentState.Yielded:
                    break;
                default:
                    Propose(leader, driver);
                    return false;
            }

            if (fed == FeedResult.Blocked)
            {
                TxnId blocker = driver.Blocker;
                Restart();
                leader.WaitFor(blocker, Token);
            }

            return fed == FeedResult.GoOn;
        }

        private void Propose(ShardLeader leader, FragmentDriver driver)
        {
            if (!_view!.IsCurrent(driver.Reads, driver.Ranges, _basis, _since))
            {
                Restart();
                _replica._node.RunLater(Resume);
                return;
            }

            var share = new TransactionShare
            {
                Begin = _since,
                Reads = driver.Reads,
                Ranges = driver.Ranges,
                Writes = WritesOf(driver.Run),
                Guards = [.. _request.Guards],
            };
            _proposed = true;
            _watch?.Propose();
            byte[] result = OneResult.Encode(
                _output.Rows.WrittenSpan, _output.RowCount, driver.Run.RowsAffected, _output.Of(driver.Run));
            leader.ProposeOne(
                _request.Id, share, OneMode.Evaluated, _basis, _request.After, result, _replica._node.Now.WallMs);
        }

        // An error found by looking at a proposal holds only once that proposal is applied.
        private void Fail(ShardLeader leader, SqlException exception)
        {
            if (_view?.ReadThrough is { } proposal && leader.IsPending(proposal))
            {
                Restart();
                leader.WaitFor(proposal, Token);
                return;
            }

            // What the statements before it gave is part of the answer, as if they had been run one by one.
            Finish(new OneReply
            {
                Status = ReplyStatus.Failed,
                Failure = FailureOf(exception),
                Rows = _output.Rows.WrittenSpan.ToArray(),
                RowCount = _output.RowCount,
                Statements = _driver is { } driver ? _output.Of(driver.Run) : [],
            });
        }

        private void Restart()
        {
            _account?.Dispose();
            _account = null;
            _driver = null;
            _view = null;
            _output.Clear();
        }

        private void Finish(OneReply reply)
        {
            Restart();
            _replica._tasks.Remove(Token);
            _replica._ones.Remove(_request.Id);
            _replica._watches.Remove(_request.Id);
            reply.Times = _watch?.Times();
            foreach ((IPeerLink link, ulong correlation) in _asking)
            {
                _replica.SendReply(link, correlation, reply);
            }
        }
    }
}
