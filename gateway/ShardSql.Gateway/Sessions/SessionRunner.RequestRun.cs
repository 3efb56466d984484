using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

internal sealed partial class SessionRunner
{
    /// <summary>
    /// The statements of one request. Outside an explicit transaction, neighbouring statements that read and write are
    /// one transaction, as in PostgreSQL; the last transaction of the request bears the client's name, because its
    /// outcome is what the client can ask about.
    /// </summary>
    private sealed partial class RequestRun(
        SessionRunner owner,
        List<KeyValuePair<string, SqlValue>> parameters,
        ClientSink sink,
        RequestScope scope,
        ulong sequence)
    {
        private readonly GatewayServices _services = owner._services;
        private ulong _sequenceLeft = sequence;

        public async Task RunAsync(List<Statement> statements)
        {
            sink.Gathers = statements.Count == 1;
            for (int i = 0; i < statements.Count;)
            {
                scope.Token.ThrowIfCancellationRequested();
                i = owner.IsOpen
                    ? await RunPartAsync(statements, i)
                    : await RunNextAsync(statements, i);
            }
        }

        /// <summary>Outside an explicit transaction; gives the place of the statement to go on with.</summary>
        private async Task<int> RunNextAsync(List<Statement> statements, int start)
        {
            int end = StatementRuns.EndOfUnit(statements, start);
            bool isAlone = end <= start + 1 && !StatementRuns.IsData(statements[start]);
            if (isAlone)
            {
                await RunOneAsync(statements[start], isLast: start == statements.Count - 1);
                return start + 1;
            }

            await RunUnitAsync(statements.GetRange(start, end - start), isLast: end == statements.Count);
            return end;
        }

        /// <summary>Inside an explicit transaction; gives the place of the statement to go on with.</summary>
        private async Task<int> RunPartAsync(List<Statement> statements, int start)
        {
            int end = owner.IsUnused ? StatementRuns.EndOfWork(statements, start) : start;
            if (end > start && end < statements.Count && statements[end].KindCase == Statement.KindOneofCase.Commit)
            {
                await RunWholeAsync(statements.GetRange(start, end - start));
                return end + 1;
            }

            end = StatementRuns.EndOfData(statements, start);
            if (end == start)
            {
                await RunOneAsync(statements[start], isLast: start == statements.Count - 1);
                return start + 1;
            }

            await RunInsideAsync(statements.GetRange(start, end - start));
            return end;
        }

        private TransactionName TakeName(bool isLast)
        {
            ulong taken = isLast ? _sequenceLeft : 0;
            _sequenceLeft -= taken;
            return owner.NameOf(taken);
        }

        private async Task RunOneAsync(Statement statement, bool isLast)
        {
            sink.BeginUnit();
            if (statement.KindCase != Statement.KindOneofCase.Rollback)
            {
                owner.RequireNotFailed();
            }

            switch (statement.KindCase)
            {
                case Statement.KindOneofCase.Begin:
                    owner.Begin(statement.Begin.Modes, _sequenceLeft);
                    _sequenceLeft = 0;
                    await sink.EndAsync(-1, "BEGIN", null);
                    break;
                case Statement.KindOneofCase.Commit:
                    await CommitAsync();
                    break;
                case Statement.KindOneofCase.Savepoint:
                    owner.SetSavepoint(statement.Savepoint.Name);
                    await sink.EndAsync(-1, "SAVEPOINT", null);
                    break;
                case Statement.KindOneofCase.Release:
                    owner.ReleaseSavepoint(statement.Release.Name);
                    await sink.EndAsync(-1, "RELEASE", null);
                    break;
                case Statement.KindOneofCase.Rollback when statement.Rollback.Savepoint.Length > 0:
                    owner.RollBackTo(statement.Rollback.Savepoint);
                    await sink.EndAsync(-1, "ROLLBACK", null);
                    break;
                case Statement.KindOneofCase.Rollback:
                    bool wasOpen = owner.IsOpen;
                    owner.EndTransaction();
                    await EndControlAsync("ROLLBACK", wasOpen);
                    break;
                case Statement.KindOneofCase.Resolve:
                    await ResolveAsync(statement.Resolve);
                    break;
                case Statement.KindOneofCase.Transfer:
                    await TransferAsync(statement.Transfer);
                    break;
                case Statement.KindOneofCase.Set:
                    await SetAsync(statement.Set);
                    break;
                default:
                    await (StatementEngine.IsSchema(statement)
                        ? ChangeSchemaAsync(statement, isLast)
                        : RunPlannedAsync(statement, isLast));
                    break;
            }
        }

        private async Task CommitAsync()
        {
            bool wasOpen = owner.IsOpen;
            await owner.CommitAsync(scope);
            await EndControlAsync("COMMIT", wasOpen);
        }

        /// <summary>As in PostgreSQL, ending a transaction where there is none is a warning.</summary>
        private ValueTask EndControlAsync(string tag, bool wasOpen) => wasOpen
            ? sink.EndAsync(-1, tag, null)
            : sink.WarnAsync(tag, SqlStates.NoActiveTransaction, "there is no transaction in progress");

        private async Task SetAsync(Set set)
        {
            if (set.Transaction is null)
            {
                throw new SqlException(
                    SqlStates.FeatureNotSupported, $"setting \"{set.Name}\" is not known", (int)set.Position)
                {
                    Hint = "SET TRANSACTION READ ONLY, AS OF '-5s' and TYPE 'deposit' are served.",
                };
            }

            if (owner.SetModes(set.Transaction))
            {
                await sink.EndAsync(-1, "SET", null);
            }
            else
            {
                await sink.WarnAsync("SET", SqlStates.NoActiveTransaction, "SET TRANSACTION holds for an open transaction only");
            }
        }

        private async Task ChangeSchemaAsync(Statement statement, bool isLast)
        {
            if (owner.IsOpen)
            {
                await RunPlannedAsync(statement, isLast);
                return;
            }

            if (EndsSpillover(statement))
            {
                await EndSpilloverAsync(statement, isLast);
                return;
            }

            bool begins = IndexTarget.IsBegunBy(statement);
            MoveOptions options = BuildOptionsOf(statement);
            long job = begins
                ? await _services.JobRows.NextIdAsync(scope.Token)
                : 0;
            Action<OpenTransaction, StatementPlan>? inside = job == 0
                ? null
                : (transaction, plan) => JobStore.Put(transaction, JobStatements.Of(job, plan.Builds!, statement, options));
            StatementPlan plan = await ChangeAsync(statement, isLast, inside);
            if (begins)
            {
                await EndBuildAsync(plan, job, options.Wait);
                return;
            }

            await sink.EndAsync(-1, plan.Tag, plan.Notice);
        }

        private async Task<StatementPlan> ChangeAsync(
            Statement statement, bool isLast, Action<OpenTransaction, StatementPlan>? inside = null)
        {
            (StatementPlan plan, CommitOutcome? outcome) = await _services.Schema.RunAsync(
                statement, TakeName(isLast), () => scope.TimeLeft, inside, scope.Token);
            owner._commitStamp = outcome?.Stamp ?? owner._commitStamp;
            return plan;
        }

        /// <summary>EXPLAIN, and everything inside an open transaction.</summary>
        private async Task RunPlannedAsync(Statement statement, bool isLast)
        {
            for (int restart = 0; ; restart++)
            {
                try
                {
                    StatementPlan plan = await PlanAsync(statement);
                    await RunAsync(plan, restart, isLast);
                    return;
                }
                catch (SnapshotRefusedException refused)
                {
                    await RestartAsync(refused, restart);
                }
            }
        }

        private ulong _mapVersion;

        private async Task<StatementPlan> PlanAsync(Statement statement)
        {
            PlanHints hints = Hints();
            if (statement.KindCase == Statement.KindOneofCase.Explain)
            {
                hints = hints with { LeaderOf = await _services.Views.LeadersAsync(scope.Token) };
            }

            _mapVersion = _services.Catalog.Current.Map.Version;
            return await _services.Planner.PlanAsync(statement, parameters, hints, scope.Token);
        }

        private PlanHints Hints() =>
            PlanHints.Of(owner._transaction) with
            {
                Numbers = owner._numbers, ReadOnly = owner._readOnly, TransactionType = owner.TransactionType,
            };

        private async Task RunAsync(StatementPlan plan, int restart, bool isLast)
        {
            switch (plan.Kind)
            {
                case StatementKind.Explain:
                    if (plan.Statement.Explain.Analyze)
                    {
                        await AnalyzeAsync(plan, restart, isLast);
                        break;
                    }

                    await PassAsync(plan, []);
                    break;
                case StatementKind.Job:
                    await RunJobAsync(plan);
                    break;
                case StatementKind.Query or StatementKind.Write or StatementKind.Ddl:
                    OpenTransaction transaction = owner.Transaction(_mapVersion);
                    await _services.Engine.RunStatementAsync(plan, transaction, sink, owner._memory, scope.Token);
                    transaction.HasAnswered = true;
                    break;
                default:
                    throw new SqlException(SqlStates.FeatureNotSupported, $"{plan.Tag} is not served here");
            }
        }

        private async Task PassAsync(StatementPlan plan, IReadOnlyList<(ReadOnlyMemory<byte> Rows, int Count)> sources)
        {
            using MemoryAccount account = MemoryAccount.ForStatement(owner._memory);
            sink.Begin(plan.Columns);
            await PlanRunner.PassAsync(plan, sources, sink, account);
            await sink.EndAsync(-1, plan.Tag, plan.Notice);
        }

        /// <summary>A refused statement runs again as long as it has handed out nothing: with a newer catalog, or at a
        /// newer snapshot if the transaction has shown nothing of the old one either.</summary>
        private async Task RestartAsync(SnapshotRefusedException refused, int restart)
        {
            bool keepsSnapshot = owner._transaction is { HasAnswered: true } or { IsPinned: true };
            if (sink.HasSent
                || restart >= GatewayLimits.MaxStatementRestarts
                || (keepsSnapshot && !refused.IsPlanStale))
            {
                throw StatementEngine.ToError(refused, _services.Catalog.Current.Catalog);
            }

            sink.Discard();
            if (!keepsSnapshot)
            {
                owner.Restart();
            }

            await _services.Engine.RecoverAsync(refused, restart, scope.Token);
        }
    }
}
