using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Data.Options;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Data.Sessions;

/// <summary>
/// One stream to a gateway: requests out, frames to their requests in. The reader loop runs from the greeting to the
/// end and never waits for a consumer, so that a stalled reader cannot hold up the answer to a Cancel. Everything that
/// knows about commands, transactions and errors is above.
/// </summary>
internal sealed partial class Session : IAsyncDisposable
{
    /// <summary>Credit goes back when a quarter of the window was read, so that it costs few frames.</summary>
    private const int CreditsPerWindow = 4;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly IDuplexChannel<ClientFrame, ServerFrame> _channel;
    private readonly StampWatermark _stamps;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Request> _requests = [];
    private readonly int _window;
    private Task _readLoop = Task.CompletedTask;
    private SessionLostException? _lost;
    private ulong _lastRequestId;
    private ulong _lastSequence;
    private bool _disposed;

    private Session(
        IDuplexChannel<ClientFrame, ServerFrame> channel,
        HostAddress host,
        SessionGreeting greeting,
        DateTimeOffset now)
    {
        _channel = channel;
        _stamps = greeting.Stamps;
        _window = greeting.Settings.ReceiveWindow;
        Host = host;
        OpenedAt = now;
        Id = Guid.NewGuid().ToByteArray();
    }

    /// <summary>16 bytes, minted here: transactions are (session, sequence).</summary>
    public byte[] Id { get; }

    /// <summary>The gateway at the other end.</summary>
    public HostAddress Host { get; }

    /// <summary>When it was opened, for its lifetime in the pool.</summary>
    public DateTimeOffset OpenedAt { get; }

    /// <summary>What the gateway called itself and its database.</summary>
    public HelloReply Greeting { get; private set; } = new();

    /// <summary>Whether the gateway reads our statement trees; it is sent text otherwise.</summary>
    public bool TakesTrees { get; private set; }

    /// <summary>The statements that the gateway holds for this session.</summary>
    public PreparedStatements Prepared { get; } = new();

    /// <summary>Where the session's transaction stands, by the last answer.</summary>
    public TransactionState State { get; private set; }

    /// <summary>The shards that the open transaction has touched, by the last answer.</summary>
    public IReadOnlyList<uint> Participants { get; private set; } = [];

    /// <summary>Ends when the stream has.</summary>
    public Task Ended => _readLoop;

    /// <summary>Whether the stream is up.</summary>
    public bool IsAlive => Volatile.Read(ref _lost) is null;

    /// <summary>The number of the last transaction that was begun, or could have been.</summary>
    public ulong LastSequence => _lastSequence;

    /// <summary>Up to here every transaction's outcome has arrived, so the server may forget it.</summary>
    public ulong AnsweredSequence { get; private set; }

    /// <summary>A request was answered; when no transaction is open now, so is its outcome.</summary>
    public void OnAnswered()
    {
        if (IsAlive && State == TransactionState.Idle)
        {
            AnsweredSequence = _lastSequence;
        }
    }

    /// <summary>A number for the transaction that the next request may begin.</summary>
    public ulong NextSequence() => ++_lastSequence;

    /// <summary>Sends a request. The answers come through what is returned.</summary>
    /// <exception cref="SessionLostException">The session had ended before.</exception>
    public Request Start(Execute execute)
    {
        execute.WindowBytes = (uint)_window;
        execute.HighestStamp = StampWatermark.ToMessage(_stamps.Highest);
        return Start(new ClientFrame { Execute = execute });
    }

    /// <summary>Asks the server to end a request; its last frame still comes.</summary>
    public void Cancel(Request request) =>
        Post(new ClientFrame { Cancel = new Cancel { TargetRequestId = request.Id } });

    /// <summary>Bytes that must have been read before they are credited.</summary>
    public int CreditThreshold => _window / CreditsPerWindow;

    /// <summary>Lets the server send so many row bytes more.</summary>
    public void Credit(Request request, int bytes) =>
        Post(new ClientFrame { Credit = new Credit { TargetRequestId = request.Id, Bytes = (uint)bytes } });

    /// <summary>Asks what became of a transaction, of this session or of another.</summary>
    public async Task<OutcomeReply> AskOutcomeAsync(OutcomeQuestion question)
    {
        Request request = Start(new ClientFrame { OutcomeQuestion = question });
        ServerFrame frame = await request.ReadAsync().ConfigureAwait(false);
        return frame.FrameCase switch
        {
            ServerFrame.FrameOneofCase.OutcomeReply => frame.OutcomeReply,
            ServerFrame.FrameOneofCase.Error => throw ErrorFactory.FromMessage(frame.Error),
            _ => throw Unexpected(frame),
        };
    }

    /// <summary>Takes over what the end of a request says about the transaction.</summary>
    public void Observe(ExecuteEnd end)
    {
        State = end.State;
        Participants = end.Participants;
        _stamps.Observe(end.HighestStamp);
        _stamps.Observe(end.CommitStamp);
    }

    /// <summary>Takes over what an error says about the transaction.</summary>
    public void Observe(Error error)
    {
        State = error.State;
        if (error.Participants.Count > 0)
        {
            Participants = error.Participants;
        }
    }

    /// <summary>Gives the stream up: who waits on it learns why.</summary>
    public void Break(string why, Exception? cause = null)
    {
        if (TryLose(why, cause))
        {
            // The gateway must learn of it now, not when the connection is closed: it rolls back.
            _ = _channel.DisposeAsync().AsTask();
        }
    }

    private bool TryLose(string why, Exception? cause)
    {
        Request[] waiting;
        SessionLostException lost;
        lock (_lock)
        {
            if (_lost is not null)
            {
                return false;
            }

            lost = new SessionLostException(why, nothingSent: false, cause);
            Volatile.Write(ref _lost, lost);
            waiting = [.. _requests.Values];
            _requests.Clear();
        }

        foreach (Request request in waiting)
        {
            request.Fail(lost);
        }

        return true;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        if (TryLose("the session was closed", cause: null))
        {
            _channel.CompleteSend();

            // An orderly end: the gateway closes its side when it has seen ours. One that does not is cut off.
            await Task.WhenAny(_readLoop, Task.Delay(s_farewell)).ConfigureAwait(false);
        }

        await _channel.DisposeAsync().ConfigureAwait(false);
        await _readLoop.ConfigureAwait(false);
    }

    /// <summary>What a frame that does not belong there is.</summary>
    public static ShardSqlException Unexpected(ServerFrame frame) => new(
        SqlStates.ProtocolViolation, $"the gateway sent {frame.FrameCase} where it may not", ShardSqlOutcome.Unknown);

    private Request Start(ClientFrame frame)
    {
        lock (_lock)
        {
            if (_lost is not null)
            {
                throw new SessionLostException(_lost.Message, nothingSent: true, _lost.InnerException);
            }

            frame.RequestId = frame.Hello is null ? ++_lastRequestId : 0;
            var request = new Request(frame.RequestId, _window + (long)GrpcLimits.MaxMessageBytes);
            _requests.Add(request.Id, request);
            try
            {
                SendInOrder(frame);
            }
            catch (GrpcException refused)
            {
                // Too large, or the stream had ended: either way nothing of it was sent.
                _requests.Remove(request.Id);
                if (refused.StatusCode == GrpcStatusCode.ResourceExhausted)
                {
                    throw new ShardSqlException(
                        SqlStates.ProgramLimitExceeded, refused.Message, ShardSqlOutcome.Failed, refused);
                }

                Break(refused.Message, refused);
                throw new SessionLostException(refused.Message, nothingSent: true, refused);
            }

            return request;
        }
    }

    /// <summary>Sends what has no answer of its own. A session that has ended answers its requests anyway.</summary>
    private void Post(ClientFrame frame)
    {
        lock (_lock)
        {
            if (_lost is not null)
            {
                return;
            }

            frame.RequestId = ++_lastRequestId;
            try
            {
                SendInOrder(frame);
            }
            catch (GrpcException ended)
            {
                Break(ended.Message, ended);
            }
        }
    }

    /// <summary>Request ids rise on the wire, so number and frame are given away under the lock.</summary>
    private void SendInOrder(ClientFrame frame)
    {
        ValueTask sending = _channel.SendAsync(frame, CancellationToken.None);
        if (sending.IsCompleted)
        {
            sending.GetAwaiter().GetResult();
        }
        else
        {
            _ = WatchSendAsync(sending);
        }
    }

    /// <summary>The gateway takes its time; the answer is awaited anyway, only a failure matters here.</summary>
    private async Task WatchSendAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception error) when (error is GrpcException or ObjectDisposedException or OperationCanceledException)
        {
            Break(error.Message, error);
        }
    }
}
