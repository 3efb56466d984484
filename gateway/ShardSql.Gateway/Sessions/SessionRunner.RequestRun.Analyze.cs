using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Observing;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <content>EXPLAIN ANALYZE.</content>
    private sealed partial class RequestRun
    {
        private int _refused;

        /// <summary>Runs the statement and gives what was measured. What it writes is taken back, unless COMMIT is
        /// said; in an explicit transaction it stays there then, for that transaction to commit.</summary>
        private async Task AnalyzeAsync(StatementPlan explain, int restarts, bool isLast)
        {
            bool keeps = explain.Statement.Explain.Commit;
            var analysis = new Analysis(_services, explain.Explained!);
            if (owner.IsOpen)
            {
                OpenTransaction transaction = owner.Transaction(_mapVersion);
                TransactionMark before = transaction.Mark();
                await analysis.RunAsync(transaction, owner._memory, scope.Token);
                transaction.HasAnswered = true;
                if (!keeps)
                {
                    transaction.TakeBack(before);
                    analysis.RollBack();
                }
            }
            else if (!await TryAnalyzeAloneAsync(analysis, keeps, isLast))
            {
                _refused++;
                await AnalyzeAsync(await PlanAsync(explain.Statement), restarts, isLast);
                return;
            }

            var rows = new List<SqlValue[]>();
            foreach (string line in analysis.Lines(explain.Statement.Explain.Json, restarts + _refused))
            {
                rows.Add([SqlValue.FromText(line)]);
            }

            await PassAsync(explain with { RunPlan = explain.RunPlan with { ConstantRows = rows } }, []);
        }

        /// <summary>As a transaction of its own; false: its commit was refused and may pass now.</summary>
        private async Task<bool> TryAnalyzeAloneAsync(Analysis analysis, bool keeps, bool isLast)
        {
            using var transaction = new OpenTransaction(
                TakeName(isLast), _services.Snapshots.Open(_services.Stamps))
            {
                ReadOnly = owner._readOnly,
            };
            await analysis.RunAsync(transaction, owner._memory, scope.Token);
            if (!keeps)
            {
                analysis.RollBack();
                return true;
            }

            CommitOutcome outcome = await analysis.CommitAsync(transaction, scope.TimeLeft);
            if (outcome.Verdict == CommitVerdict.Refused && _refused < GatewayLimits.MaxCommitRetries)
            {
                await _services.Catalog.RefreshAsync(scope.Token);
                return false;
            }

            owner._commitStamp = outcome.Verdict == CommitVerdict.Committed
                ? outcome.Stamp
                : throw CommitErrors.From(outcome, _services.Catalog.Current.Catalog);
            return true;
        }
    }
}
