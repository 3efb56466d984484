using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Sequences;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Submissions;

/// <summary>
/// Seed 003's one-shot transaction. Its answer is written in the same transaction as its effects, in a row of the
/// system
/// shard by its UUID, so a repetition on any gateway finds the answer or does the work, and never both.
/// </summary>
internal sealed class TransactionSubmitter(GatewayServices services) : IDisposable
{
    private readonly SemaphoreSlim _running = new(GatewayLimits.MaxSubmissions);

    /// <summary>Runs the transaction, or gives the answer of the first time.</summary>
    public async Task<SubmitTransactionReply> SubmitAsync(
        SubmitTransactionRequest request, CancellationToken cancellationToken)
    {
        if (!_running.Wait(0, CancellationToken.None))
        {
            return Refused(new SqlException(SqlStates.ConfigurationLimit, string.Create(
                CultureInfo.InvariantCulture,
                $"too many submitted transactions at once: limit {GatewayLimits.MaxSubmissions}")));
        }

        try
        {
            return await new Submission(services, request, cancellationToken).RunAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Refused(new SqlException(SqlStates.QueryCanceled, "the submission was cancelled"));
        }
#pragma warning disable CA1031 // The edge: every error becomes the caller's, and one that should not be is logged.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Refused(failure);
        }
        finally
        {
            _running.Release();
        }
    }

    /// <summary>Forgets answers that are too old to be asked for.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        byte[] first = RowKeyLayout.RowPrefix(SystemTableIds.SubmissionExpiries);
        var expired = new KeyRange(first, SystemTableIds.ExpiryKey(services.Stamps.NowMs, Guid.Empty));
        await services.Store.ChangeAsync(
            async transaction =>
            {
                List<KeyValuePair<byte[], byte[]>> rows = await services.Store.ScanAsync(
                    transaction, expired, GatewayLimits.SweepRows, cancellationToken);
                ShardWork work = transaction.At(ShardId.System);
                foreach ((byte[] key, byte[] id) in rows)
                {
                    work.Write(SystemRows.Write(key, null));
                    work.Write(SystemRows.Write(SystemTableIds.SubmissionKey(new Guid(id, bigEndian: true)), null));
                }

                return (rows.Count, HasWrites: rows.Count > 0);
            },
            cancellationToken);
    }

    public void Dispose() => _running.Dispose();

    private SubmitTransactionReply Refused(Exception failure)
    {
        Error error = ErrorFrames.From(failure, out bool isCatalogued);
        if (!isCatalogued)
        {
            Log.InternalError(services.Logger, failure);
        }

        return new SubmitTransactionReply
        {
            Outcome = error.Outcome == CommandOutcome.Unknown ? Outcome.Unknown : Outcome.RolledBack,
            Error = error,
        };
    }

    /// <summary>One submission.</summary>
    private sealed class Submission
    {
        private readonly GatewayServices _services;
        private readonly SubmitTransactionRequest _request;
        private readonly CancellationToken _ended;
        private readonly Guid _id;
        private readonly byte[] _digest;
        private readonly ReplySink _sink = new();
        private readonly long _started;
        private SubmitTransactionReply? _earlier;

        public Submission(GatewayServices services, SubmitTransactionRequest request, CancellationToken ended)
        {
            _services = services;
            _request = request;
            _ended = ended;
            _started = services.Time.GetTimestamp();
            _digest = SubmissionRecord.DigestOf(request);
            _id = Guid.TryParse(request.TransactionId, out Guid id)
                ? id
                : throw new SqlException(
                    SqlStates.ProtocolViolation, $"\"{Excerpt(request.TransactionId)}\" is not the text of a UUID");
            Check();
        }

        public async Task<SubmitTransactionReply> RunAsync()
        {
            List<Statement> statements = Statements();
            using var memory = new MemoryAccount(
                "submission", _services.Options.MaxSessionMemoryBytes, _services.Memory);
            CommitOutcome outcome = await _services.Engine.RunUnitAsync(new Unit
            {
                Statements = statements,
                Parameters = RequestContent.Parameters(_request.Parameters),
                Name = new TransactionName(SessionIds.New(), 1),
                Sink = _sink,
                Ended = _ended,
                TimeLeft = () => GatewayLimits.SubmissionTime - _services.Time.GetElapsedTime(_started),
                Memory = memory,
                TransactionType = _request.TransactionType.Length > 0 ? _request.TransactionType : null,
                Before = FindEarlierAsync,
                After = transaction => FinishAsync(transaction, memory),
            });
            SubmitTransactionReply reply = _earlier ?? Reply();
            reply.CommitStamp ??= CommitErrors.ToMessage(outcome.Stamp);
            return reply;
        }

        private static string Excerpt(string text) => text.Length <= 64 ? text : text[..64];

        private void Check()
        {
            if (_request.TransactionType.Length > 0)
            {
                TransactionTypes.Require(_request.TransactionType);
            }

            if (_request.Database.Length > 0 && _request.Database != _services.Options.Database)
            {
                throw new SqlException(
                    SqlStates.UnknownDatabase, $"database \"{Excerpt(_request.Database)}\" does not exist");
            }

            if (_request.Statements.Count > 0 == _request.Operations.Count > 0)
            {
                throw new SqlException(
                    SqlStates.ProtocolViolation, "a submission holds either statements or operations, and at least one");
            }

            if (_request.Operations.Count > GatewayLimits.MaxKeyOperations)
            {
                throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                    CultureInfo.InvariantCulture,
                    $"too many operations: limit {GatewayLimits.MaxKeyOperations}, actual {_request.Operations.Count}"));
            }
        }

        private List<Statement> Statements()
        {
            if (_request.Statements.Count == 0)
            {
                return [];
            }

            List<Statement> statements =
                RequestContent.Statements(_request.Statements, _services.Texts, prepared: null, takesTrees: true);
            foreach (Statement statement in statements)
            {
                if (!StatementEngine.IsData(statement))
                {
                    throw new SqlException(
                        SqlStates.FeatureNotSupported,
                        "a submitted transaction holds SELECT, INSERT, UPDATE and DELETE on tables",
                        (int)statement.Position);
                }
            }

            return statements;
        }

        private async Task<bool> FindEarlierAsync(OpenTransaction transaction)
        {
            byte[]? stored = await _services.Store.GetAsync(transaction, SystemTableIds.SubmissionKey(_id), _ended);
            if (stored is null)
            {
                return true;
            }

            SubmissionRecord record = SubmissionRecord.Decode(stored);
            if (record.ExpiresMs <= _services.Stamps.NowMs)
            {
                return true;
            }

            if (!record.IsOf(_digest))
            {
                throw new SqlException(
                    SqlStates.ProtocolViolation, $"transaction id {_id} was submitted before with other content");
            }

            _earlier = SubmitTransactionReply.Parser.ParseFrom(record.Reply);

            // Nothing else has been read, so the newest version met is the record itself: its stamp is the commit's.
            _earlier.CommitStamp = CommitErrors.ToMessage(transaction.EtaHint);
            return false;
        }

        private async Task FinishAsync(OpenTransaction transaction, IMemoryBudget memory)
        {
            foreach (KeyOperation operation in _request.Operations)
            {
                await RunAsync(operation, transaction, memory);
            }

            long expires = _services.Stamps.NowMs + (long)GatewayLimits.SubmissionLife.TotalMilliseconds;
            var record = new SubmissionRecord(_digest, expires, Reply().ToByteArray());
            ShardWork system = transaction.At(ShardId.System);
            system.Write(SystemRows.Write(SystemTableIds.SubmissionKey(_id), record.Encode()));
            system.Write(SystemRows.Write(
                SystemTableIds.ExpiryKey(expires, _id), _id.ToByteArray(bigEndian: true)));
        }

        private async Task RunAsync(KeyOperation operation, OpenTransaction transaction, IMemoryBudget memory)
        {
            var statements = new KeyStatements(operation);
            switch (operation.OperationCase)
            {
                case KeyOperation.OperationOneofCase.Read:
                    await RunAsync(statements.Read(), statements, transaction, _sink, memory);
                    break;
                case KeyOperation.OperationOneofCase.Delete:
                    await RunAsync(statements.Delete(), statements, transaction, _sink, memory);
                    break;
                case KeyOperation.OperationOneofCase.Upsert:
                    await UpsertAsync(statements, transaction, memory);
                    break;
                default:
                    throw new SqlException(SqlStates.ProtocolViolation, "an operation is read, upsert or delete");
            }
        }

        private async Task UpsertAsync(KeyStatements statements, OpenTransaction transaction, IMemoryBudget memory)
        {
            var found = new ReplySink();
            await RunAsync(statements.Read(), statements, transaction, found, memory);
            if (found.Results[0].RowCount == 0)
            {
                await RunAsync(statements.Insert(), statements, transaction, _sink, memory);
            }
            else if (statements.Update() is { } update)
            {
                await RunAsync(update, statements, transaction, _sink, memory);
            }
            else
            {
                _sink.Begin([]);
                await _sink.EndAsync(0, "UPDATE", null);
            }
        }

        private async Task RunAsync(
            Statement statement,
            KeyStatements operation,
            OpenTransaction transaction,
            ReplySink sink,
            IMemoryBudget memory)
        {
            StatementPlan plan = await _services.Planner.PlanAsync(
                statement,
                operation.Parameters,
                PlanHints.Of(transaction) with { Numbers = new SessionNumbers() },
                _ended);
            await _services.Engine.RunInsideAsync(plan, transaction, sink, memory, _ended);
        }

        private SubmitTransactionReply Reply()
        {
            var reply = new SubmitTransactionReply { Outcome = Outcome.Committed };
            reply.Results.AddRange(_sink.Results);
            return reply;
        }
    }
}
