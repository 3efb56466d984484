using System.Collections.Generic;

using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>A participant's share on its way into the log.</summary>
public sealed partial class ShardReplica
{
    /// <summary>A PREPARE on its way to be proposed. Its vote is answered to whoever wants it by then.</summary>
    private sealed class PrepareTask : IReplicaTask
    {
        private readonly ShardReplica _replica;
        private readonly PrepareRequest _request;

        public PrepareTask(ShardReplica replica, PrepareRequest request)
        {
            _replica = replica;
            _request = request;
            Token = replica.AddTask(this);
        }

        public long Token { get; }

        public IPeerLink Link => null!;

        // Its requesters are among those who want the vote.
        public ulong Correlation => 0;

        public void Resume()
        {
            ShardLeader leader = _replica._leader!;
            if (leader.BlockerOf(_request.Share, _request.Stamp) is { } blocker && blocker != _request.Id)
            {
                leader.WaitFor(blocker, Token);
                return;
            }

            _replica._tasks.Remove(Token);
            if (leader.FencedOf(_request.Share.Guards) is not null)
            {
                // It may hold fences that the move waits for elsewhere: it must not wait here.
                leader.Propose(new RefuseCommand(
                    _request.Id, _request.Stamp, _request.Participants, RefusalReason.Moving));
                return;
            }

            _replica._watches.GetValueOrDefault(_request.Id)?.Propose();
            leader.ProposePrepare(_request.Id, _request.Stamp, _request.Participants, _request.Share);
        }
    }
}
