using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Sequences;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// Runs the requests of one session one after another and keeps its transaction. Whatever a request ends with, the
/// client is told by exactly one ExecuteEnd or Error, and the next request can run.
/// </summary>
internal sealed partial class SessionRunner : IDisposable
{
    private readonly GatewayServices _services;
    private readonly FrameWriter _writer;
    private readonly UInt128 _session;
    private readonly UInt128 _ownNames = SessionIds.New();
    private readonly bool _takesTrees;
    private readonly PreparedStatements _prepared = new();
    private readonly SessionNumbers _numbers = new();
    private readonly MemoryAccount _memory;
    private ulong _lastSequence;
    private ulong _ownSequence;
    private HlcTimestamp _commitStamp;
    private volatile int _stateSeenOutside;
    private volatile bool _isRunning;
    private volatile SeenTransaction? _seenTransaction;
    private long _requests;

    public SessionRunner(GatewayServices services, FrameWriter writer, UInt128 session, bool takesTrees)
    {
        _services = services;
        _writer = writer;
        _session = session;
        _takesTrees = takesTrees;
        _memory = new MemoryAccount("session", services.Options.MaxSessionMemoryBytes, services.Memory);
    }

    /// <summary>The transaction's state after the last request, for errors that the reader sends.</summary>
    public TransactionState StateSeenOutside => (TransactionState)_stateSeenOutside;

    /// <summary>Requests so far.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Whether a request runs now.</summary>
    public bool IsRunning => _isRunning;

    /// <summary>The explicit transaction, as others see it.</summary>
    public SeenTransaction? SeenTransaction => _seenTransaction;

    /// <summary>Runs one request to its end.</summary>
    public async Task RunAsync(PendingRequest request, CancellationToken sessionEnds)
    {
        Interlocked.Increment(ref _requests);
        _isRunning = true;
        using var scope = new RequestScope(
            _services.Time, request.Execute.TimeoutMs, request.Cancelled, sessionEnds);
        var sink = new ClientSink(_writer, request, scope);
        ServerFrame answer;
        try
        {
            scope.Token.ThrowIfCancellationRequested();
            await ExecuteAsync(request.Execute, sink, scope);
            answer = new ServerFrame { ExecuteEnd = End() };
        }
        catch (GrpcException)
        {
            throw;
        }
#pragma warning disable CA1031 // The edge: every error becomes the client's, and one that should not be is logged.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            answer = new ServerFrame { Error = ErrorOf(failure, sink, scope) };
        }

        _stateSeenOutside = (int)State;
        _isRunning = false;
        answer.RequestId = request.Id;
        if (sessionEnds.IsCancellationRequested)
        {
            // The client has gone, or the server stops: then what is sent still arrives, but nobody waits for it.
            _writer.Post(answer, CancellationToken.None);
            return;
        }

        await _writer.SendAsync(answer, sessionEnds);
    }

    public void Dispose()
    {
        EndTransaction();
        _memory.Dispose();
    }

    private async Task ExecuteAsync(Execute execute, ClientSink sink, RequestScope scope)
    {
        _services.Stamps.MergeForeign(execute.HighestStamp);
        _commitStamp = HlcTimestamp.Zero;
        _requestType = TypeOf(execute.TransactionType);
        ulong sequence = TakeSequence(execute.TransactionSequence);
        List<Statement> statements =
            RequestContent.Statements(execute.Statements, _services.Texts, _prepared, _takesTrees);
        List<KeyValuePair<string, SqlValue>> parameters = RequestContent.Parameters(execute.Parameters);
        if (execute.DescribeOnly)
        {
            await DescribeAsync(statements, parameters, sink, scope.Token);
            return;
        }

        await new RequestRun(this, parameters, sink, scope, sequence).RunAsync(statements);
    }

    private async Task DescribeAsync(
        List<Statement> statements,
        List<KeyValuePair<string, SqlValue>> parameters,
        ClientSink sink,
        CancellationToken ended)
    {
        foreach (Statement statement in statements)
        {
            PlanHints hints = PlanHints.Of(_transaction) with { Numbers = _numbers, Pretends = true };
            StatementPlan plan = await _services.Planner.PlanAsync(statement, parameters, hints, ended);
            sink.Begin(plan.Columns);
            await sink.EndAsync(-1, plan.Tag, plan.Notice);
        }
    }

    /// <summary>A sequence names one transaction of the session for ever; 0: the client brings none.</summary>
    private ulong TakeSequence(ulong sequence)
    {
        if (sequence == 0 || IsOpen)
        {
            return sequence;
        }

        if (sequence <= _lastSequence)
        {
            throw new SqlException(SqlStates.ProtocolViolation, string.Create(
                CultureInfo.InvariantCulture,
                $"sequence {sequence} reused with different request: the last one was {_lastSequence}"));
        }

        _lastSequence = sequence;
        return sequence;
    }

    /// <summary>The name of a transaction: the client's, else one of the gateway's own.</summary>
    private TransactionName NameOf(ulong sequence) => sequence != 0
        ? new TransactionName(_session, sequence)
        : new TransactionName(_ownNames, ++_ownSequence);

    private ExecuteEnd End()
    {
        var end = new ExecuteEnd
        {
            State = State,
            HighestStamp = CommitErrors.ToMessage(_services.Stamps.Highest),
            CommitStamp = _commitStamp == HlcTimestamp.Zero ? null : CommitErrors.ToMessage(_commitStamp),
        };
        AddParticipants(end.Participants);
        return end;
    }

    private Error ErrorOf(Exception failure, ClientSink sink, RequestScope scope)
    {
        bool wasEnded = failure is OperationCanceledException
            || (failure is ShardUnavailableException && scope.WasCalledOff);
        Exception shown = wasEnded
            ? scope.WhyEnded() ?? new SqlException(SqlStates.AdminShutdown, "the session was ended by the server")
            : failure;
        Error error = ErrorFrames.From(shown, out bool isCatalogued);
        if (!isCatalogued)
        {
            Log.InternalError(_services.Logger, failure);
        }

        if (shown is GatewayException { Conflict.Reason: CommitErrors.ReadAgainReason or CommitErrors.CatalogReason } early)
        {
            _services.Conflicts.Add(early, _name?.LastAttempt ?? default);
        }

        FailTransaction();
        error.StatementIndex = (uint)sink.Ended;
        error.State = State;
        AddParticipants(error.Participants);
        return error;
    }
}
