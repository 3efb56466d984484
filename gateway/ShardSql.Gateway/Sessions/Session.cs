using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// One client's session. Two loops: the reader, which never waits for anything but the next frame and serves Cancel,
/// Credit, Ping and outcome questions at once; and the runner, which takes requests one after another. The session's
/// transaction belongs to the runner alone.
/// </summary>
internal sealed partial class Session : IDisposable
{
    private readonly GatewayServices _services;
    private readonly IDuplexChannel<ServerFrame, ClientFrame> _channel;
    private readonly FrameWriter _writer;
    private readonly RequestInbox _inbox = new();
    private readonly SemaphoreSlim _questions = new(GatewayLimits.MaxOutcomeQuestions);
    private readonly BackgroundWork _questionsAsked;
    private SessionRunner? _runner;
    private Guid _id;

    public Session(GatewayServices services, IDuplexChannel<ServerFrame, ClientFrame> channel)
    {
        _services = services;
        _channel = channel;
        _writer = new FrameWriter(channel);
        _questionsAsked = new BackgroundWork(failure => Log.InternalError(services.Logger, failure));
    }

    /// <summary>Serves the session until the client ends it, or the token says that it is gone or the server
    /// stops.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await GreetAsync(cancellationToken))
        {
            return;
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task running = RunRequestsAsync(ends.Token);
        string reason = "the client ended it";
        try
        {
            await ReadAsync(ends.Token);
            _inbox.Complete();
            await running;
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            reason = "the client has gone or the server stops";
        }
        finally
        {
            await ends.CancelAsync();
            _inbox.Complete();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _questionsAsked.WhenIdleAsync(CancellationToken.None);
            _services.Sessions.Remove(_id);
            _runner?.Dispose();
            Log.SessionEnded(_services.Logger, _id, reason);
        }
    }

    public void Dispose()
    {
        _runner?.Dispose();
        _inbox.Dispose();
        _questions.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (await _channel.ReceiveAsync(cancellationToken) is { } frame)
        {
            try
            {
                Take(frame, cancellationToken);
            }
            catch (SqlException refusal)
            {
                Refuse(frame.RequestId, refusal, cancellationToken);
            }
        }
    }

    private void Take(ClientFrame frame, CancellationToken cancellationToken)
    {
        switch (frame.FrameCase)
        {
            case ClientFrame.FrameOneofCase.Execute:
                _inbox.Add(RequireId(frame), frame.Execute);
                break;
            case ClientFrame.FrameOneofCase.Cancel:
                _inbox.Cancel(frame.Cancel.TargetRequestId);
                break;
            case ClientFrame.FrameOneofCase.Credit:
                _inbox.Grant(frame.Credit.TargetRequestId, frame.Credit.Bytes);
                break;
            case ClientFrame.FrameOneofCase.Ping:
                _writer.Post(new ServerFrame { RequestId = frame.RequestId, Pong = new Pong() }, cancellationToken);
                break;
            case ClientFrame.FrameOneofCase.OutcomeQuestion:
                Answer(frame.RequestId, frame.OutcomeQuestion, cancellationToken);
                break;
            case ClientFrame.FrameOneofCase.Hello:
                throw new SqlException(SqlStates.ProtocolViolation, "Hello is the first frame of a session and comes once");
            default:
                throw new SqlException(SqlStates.ProtocolViolation, "the frame holds nothing that this version knows");
        }
    }

    private static ulong RequireId(ClientFrame frame) => frame.RequestId != 0
        ? frame.RequestId
        : throw new SqlException(SqlStates.ProtocolViolation, "request id 0 is for Hello only");

    private void Refuse(ulong requestId, SqlException refusal, CancellationToken cancellationToken)
    {
        Error error = ErrorFrames.From(refusal, out _);
        error.State = _runner!.StateSeenOutside;
        _writer.Post(new ServerFrame { RequestId = requestId, Error = error }, cancellationToken);
    }

    private async Task RunRequestsAsync(CancellationToken sessionEnds)
    {
        while (await _inbox.NextAsync(sessionEnds) is { } request)
        {
            try
            {
                await _runner!.RunAsync(request, sessionEnds);
            }
            finally
            {
                _inbox.Remove(request);
            }
        }
    }

    private void Answer(ulong requestId, OutcomeQuestion question, CancellationToken cancellationToken)
    {
        if (question.SessionId.Length != 16)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "a session id has 16 bytes");
        }

        if (!_questions.Wait(0, CancellationToken.None))
        {
            throw new SqlException(
                SqlStates.ConfigurationLimit,
                $"too many outcome questions at once in this session: limit {GatewayLimits.MaxOutcomeQuestions}");
        }

        _questionsAsked.Follow(AnswerAsync(requestId, question, cancellationToken));
    }

    private async Task AnswerAsync(ulong requestId, OutcomeQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            OutcomeReply reply = await ResolveAsync(question, cancellationToken);
            await _writer.SendAsync(new ServerFrame { RequestId = requestId, OutcomeReply = reply }, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody is there any more to be answered.
        }
        catch (GrpcException)
        {
            // The stream is gone; the reader ends the session.
        }
        finally
        {
            _questions.Release();
        }
    }

    private async Task<OutcomeReply> ResolveAsync(OutcomeQuestion question, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.OutcomeQuestionTime, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        (TransactionFate fate, HlcTimestamp stamp) = Participants(question.Participants) is { } participants
            ? await _services.Resolver.ResolveAsync(
                SessionIds.FromBytes(question.SessionId.Span), question.Sequence, participants, either.Token)
            : (TransactionFate.Unknown, HlcTimestamp.Zero);
        return new OutcomeReply
        {
            Outcome = fate switch
            {
                TransactionFate.Committed => Outcome.Committed,
                TransactionFate.RolledBack => Outcome.RolledBack,
                _ => Outcome.Unknown,
            },
            CommitStamp = fate == TransactionFate.Committed ? CommitErrors.ToMessage(stamp) : null,
        };
    }

    // All shards, whichever are named: rows may have moved to another before the commit. Null where one is named that this
    // gateway has not heard of, which may be the one that knows.
    private List<ShardId>? Participants(IReadOnlyCollection<uint> named)
    {
        var known = new SortedSet<ShardId>(_services.Catalog.Current.Map.CopyShards) { ShardId.System };
        return named.All(shard => known.Contains(new ShardId(shard))) ? [.. known] : null;
    }
}
