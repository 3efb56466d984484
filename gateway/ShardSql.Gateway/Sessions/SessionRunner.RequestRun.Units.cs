using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <summary>Neighbouring statements that read and write: a transaction of their own, a whole explicit one, or a
    /// part of one.</summary>
    private sealed partial class RequestRun
    {
        private async Task RunUnitAsync(List<Statement> statements, bool isLast)
        {
            CommitOutcome outcome = await _services.Engine.RunUnitAsync(UnitOf(statements, TakeName(isLast)));
            owner._commitStamp = outcome.Participants.Count > 0 ? outcome.Stamp : owner._commitStamp;
        }

        private Unit UnitOf(List<Statement> statements, TransactionName name) => new()
        {
            Statements = statements,
            ChangesSchema = statements.Exists(StatementEngine.IsSchema),
            Parameters = parameters,
            Name = name,
            Sink = sink,
            Ended = scope.Token,
            TimeLeft = () => scope.TimeLeft,
            Memory = owner._memory,
            ReadOnly = owner._readOnly,
            TransactionType = owner.TransactionType,
            Numbers = owner._numbers,
        };

        /// <summary>All statements of an explicit transaction and its COMMIT: run as a unit, so that they go to their
        /// shard as one message where there is only one, and start again where nothing has been handed out.</summary>
        private async Task RunWholeAsync(List<Statement> statements)
        {
            Unit unit = UnitOf(statements, owner._name!);
            try
            {
                owner._commitStamp = (await _services.Engine.RunUnitAsync(unit)).Stamp;
            }
            finally
            {
                if (unit.IsCommitting)
                {
                    owner.EndTransaction();
                }
            }

            await sink.EndAsync(-1, "COMMIT", null);
        }

        /// <summary>Statements inside an open transaction: as one message where one shard does all, else one by
        /// one.</summary>
        private async Task RunInsideAsync(List<Statement> statements)
        {
            if (statements.Count > 1 && await TryRunTogetherAsync(statements))
            {
                return;
            }

            foreach (Statement statement in statements)
            {
                scope.Token.ThrowIfCancellationRequested();
                await RunOneAsync(statement, isLast: false);
            }
        }

        private async Task<bool> TryRunTogetherAsync(List<Statement> statements)
        {
            sink.BeginUnit();
            owner.RequireNotFailed();
            for (int restart = 0; ; restart++)
            {
                try
                {
                    _mapVersion = _services.Catalog.Current.Map.Version;
                    ShardBatch? batch = await _services.Planner.TryBatchAsync(
                        statements, parameters, Hints(), owner._readOnly, scope.Token);
                    if (batch is null)
                    {
                        return false;
                    }

                    OpenTransaction transaction = owner.Transaction(_mapVersion);
                    await _services.Engine.RunInsideAsync(
                        batch, transaction, sink, owner._memory, holds: false, scope.Token);
                    transaction.HasAnswered = true;
                    return true;
                }
                catch (SnapshotRefusedException refused)
                {
                    await RestartAsync(refused, restart);
                }
            }
        }
    }
}
