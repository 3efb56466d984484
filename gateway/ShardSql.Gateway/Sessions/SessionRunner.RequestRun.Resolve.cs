using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Planning;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <content>RESOLVE TRANSACTION: recovery starts now, and its outcome is what the votes say (sql.md §2).</content>
    private sealed partial class RequestRun
    {
        private async Task ResolveAsync(Resolve statement)
        {
            SqlValue value = Evaluate(statement.Transaction);
            string text = value.IsNull ? "" : value.ToText();
            if (!TxnId.TryParse(text, out TxnId id))
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue,
                    $"\"{text}\" is not the id of a transaction",
                    (int)statement.Transaction.Nodes[0].Position)
                {
                    Hint = "SHOW TRANSACTIONS IN DOUBT gives ids in its column txn.",
                };
            }

            TimeSpan time = scope.TimeLeft < GatewayLimits.ResolveTime ? scope.TimeLeft : GatewayLimits.ResolveTime;
            using var limit = new CancellationTokenSource(time, _services.Time);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, scope.Token);
            ShardId[] shards = [ShardId.System, .. _services.Catalog.Current.Map.CopyShards];
            RecoveryResult result = await _services.Resolver.RecoverAsync(id, shards, ended.Token);
            scope.Token.ThrowIfCancellationRequested();
            var row = new ByteWriter();
            RowCodec.Write(
                row,
                [SqlValue.FromText(text), SqlValue.FromText(result.Outcome), SqlValue.FromText(result.Message)]);
            sink.Begin(VirtualTables.ResolveColumns);
            await sink.RowsAsync(row.WrittenMemory, 1);
            await sink.EndAsync(-1, "RESOLVE TRANSACTION", null);
        }
    }
}
