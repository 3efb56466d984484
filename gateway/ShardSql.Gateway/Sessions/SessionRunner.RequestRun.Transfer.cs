using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <content>TRANSFER LEADER: the leader hands over, and the statement ends when the node leads (commit.md §5).</content>
    private sealed partial class RequestRun
    {
        private async Task TransferAsync(LeaderTransfer statement)
        {
            ShardEntry shard = ShardEntryOf(ShardOf(Evaluate(statement.Shard)));
            NodeId node = NodeOf(Evaluate(statement.Node));
            var request = new GroupRequest(GroupWish.Leads, [node]);
            long started = _services.Time.GetTimestamp();
            while (true)
            {
                GroupReply reply = await _services.Client.ChangeAsync(shard.Id, request, scope.Token);
                if (reply.IsDone)
                {
                    break;
                }

                if (!reply.Voters.Contains(node) || _services.Time.GetElapsedTime(started) > GatewayLimits.TransferTime)
                {
                    throw new SqlException(
                        SqlStates.ObjectNotInPrerequisiteState,
                        $"node {node} does not lead shard {shard.Id} yet: {reply.Why}")
                    {
                        Hint = "SHOW REPLICAS lists the nodes that may lead it, SHOW NODES those that answer.",
                    };
                }

                await Task.Delay(GatewayLimits.TransferPollInterval, _services.Time, scope.Token);
            }

            await sink.EndAsync(-1, "TRANSFER LEADER", null);
        }

        private ShardEntry ShardEntryOf(ShardId id) =>
            _services.Nodes.Shards.FirstOrDefault(known => known.Id == id) ?? throw new SqlException(
                SqlStates.InvalidParameterValue, $"there is no shard {id}")
            {
                Hint = "SHOW SHARDS lists the shards.",
            };

        private NodeId NodeOf(SqlValue value)
        {
            string text = value.IsNull ? "" : value.ToText();
            return _services.Nodes.Nodes.FirstOrDefault(node => node.Id == NodeId.TryParse(text))?.Id ?? throw new SqlException(
                SqlStates.InvalidParameterValue, $"\"{text}\" names no node")
            {
                Hint = "SHOW NODES lists the nodes.",
            };
        }
    }
}
