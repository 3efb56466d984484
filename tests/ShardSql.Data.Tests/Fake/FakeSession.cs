using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Tests.Fake;

/// <summary>One session of the fake: requests one after another, Cancel, Credit and OutcomeQuestion at once.</summary>
internal sealed class FakeSession(FakeGateway gateway, IDuplexChannel<ServerFrame, ClientFrame> channel)
{
    private readonly Dictionary<uint, Statement> _prepared = [];
    private readonly ConcurrentDictionary<ulong, FakeFlow> _flows = new();
    private readonly Channel<ClientFrame> _requests = Channel.CreateUnbounded<ClientFrame>();
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelSeen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Hello Hello { get; private set; } = new();

    /// <summary>Every frame that came, in order.</summary>
    public ConcurrentQueue<ClientFrame> Frames { get; } = new();

    public IEnumerable<Execute> Executes => Frames.Select(frame => frame.Execute).Where(execute => execute is not null);

    public TransactionState State { get; private set; }

    /// <summary>The most row bytes that were on the way without credit.</summary>
    public int MostInFlight { get; private set; }

    /// <summary>Ends when the client has ended the session or it was killed.</summary>
    public Task Ended => _ended.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Ends when a Cancel has come.</summary>
    public Task CancelSeen => _cancelSeen.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Shards that it says an open transaction has touched.</summary>
    public uint[] Participants { get; set; } = [1, 2];

    /// <summary>Cuts the stream.</summary>
    public void Kill() => _killed.TrySetResult();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            Task work = Task.Run(WorkAsync, CancellationToken.None);
            Task reading = ReadAsync(cancellationToken);
            await await Task.WhenAny(reading, _killed.Task);
            if (_killed.Task.IsCompleted)
            {
                throw new GrpcException(GrpcStatusCode.Unavailable, "the gateway died");
            }

            _requests.Writer.TryComplete();
            await work;
        }
        finally
        {
            _requests.Writer.TryComplete();
            _ended.TrySetResult();
            foreach (FakeFlow flow in _flows.Values)
            {
                flow.Cancel();
                flow.Dispose();
            }
        }
    }

    /// <summary>Sends a frame outside of any request.</summary>
    public ValueTask SendAsync(ServerFrame frame) => channel.SendAsync(frame, CancellationToken.None);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (await channel.ReceiveAsync(cancellationToken) is { } frame)
        {
            Frames.Enqueue(frame);
            switch (frame.FrameCase)
            {
                case ClientFrame.FrameOneofCase.Hello:
                    await GreetAsync(frame.Hello);
                    break;
                case ClientFrame.FrameOneofCase.Execute:
                    _flows[frame.RequestId] = new FakeFlow((int)frame.Execute.WindowBytes);
                    _requests.Writer.TryWrite(frame);
                    break;
                case ClientFrame.FrameOneofCase.Cancel:
                    _cancelSeen.TrySetResult();
                    Flow(frame.Cancel.TargetRequestId)?.Cancel();
                    break;
                case ClientFrame.FrameOneofCase.Credit:
                    Flow(frame.Credit.TargetRequestId)?.Add((int)frame.Credit.Bytes);
                    break;
                case ClientFrame.FrameOneofCase.OutcomeQuestion:
                    gateway.OutcomeQuestions.Enqueue(frame.OutcomeQuestion);
                    await SendAsync(new ServerFrame
                    {
                        RequestId = frame.RequestId,
                        OutcomeReply = new OutcomeReply { Outcome = gateway.OnOutcome(frame.OutcomeQuestion) },
                    });
                    break;
                default:
                    throw new GrpcException(GrpcStatusCode.InvalidArgument, $"a frame of kind {frame.FrameCase}");
            }
        }
    }

    private FakeFlow? Flow(ulong request) => _flows.GetValueOrDefault(request);

    private async Task GreetAsync(Hello hello)
    {
        Hello = hello;
        await gateway.BeforeHello(hello);
        if (gateway.OnHello(hello) is { } error)
        {
            await SendAsync(new ServerFrame { Error = error });
            return;
        }

        await SendAsync(new ServerFrame
        {
            HelloReply = new HelloReply
            {
                Protocol = 1,
                GrammarVersion = gateway.GrammarVersion,
                ServerVersion = "1.0.fake",
                Database = hello.Database.Length > 0 ? hello.Database : "app",
                MaxMessageBytes = GrpcLimits.MaxMessageBytes,
            },
        });
    }

    private async Task WorkAsync()
    {
        await foreach (ClientFrame frame in _requests.Reader.ReadAllAsync())
        {
            try
            {
                await ExecuteAsync(frame.RequestId, frame.Execute);
            }
            catch (GrpcException)
            {
                return;
            }
        }
    }

    private async Task ExecuteAsync(ulong id, Execute execute)
    {
        FakeFlow flow = Flow(id)!;
        Dictionary<string, SqlValue> parameters = execute.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => ValueCodec.FromBytes(parameter.Value.Span));
        uint index = 0;
        foreach (Statement statement in execute.Statements.SelectMany(Resolve).ToList())
        {
            var received = new FakeStatement(this, statement, execute, parameters, flow.Cancelled);
            FakeResult result = execute.DescribeOnly ? await DescribeAsync(received) : await AnswerAsync(received);
            if (_killed.Task.IsCompleted)
            {
                return;
            }

            if (result.Error is { } error)
            {
                await FailAsync(id, error, index);
                return;
            }

            if (!await SendResultAsync(id, result, flow))
            {
                await FailAsync(id, FakeResult.Failing(SqlStates.QueryCanceled, "cancelled").Error!, index);
                return;
            }

            index++;
        }

        var end = new ExecuteEnd { State = State, HighestStamp = new Stamp { Time = 1000 + id, Source = 1 } };
        end.Participants.AddRange(State == TransactionState.Open ? Participants : []);
        await SendAsync(new ServerFrame { RequestId = id, ExecuteEnd = end });
    }

    private async Task FailAsync(ulong id, Error error, uint index)
    {
        State = State == TransactionState.Idle ? TransactionState.Idle : TransactionState.Failed;
        Error copy = error.Clone();
        copy.StatementIndex = index;
        copy.State = State;
        await SendAsync(new ServerFrame { RequestId = id, Error = copy });
    }

    private IEnumerable<Statement> Resolve(StatementSource source)
    {
        switch (source.SourceCase)
        {
            case StatementSource.SourceOneofCase.Prepared:
                return [_prepared[source.Prepared]];
            case StatementSource.SourceOneofCase.Text:
                return SqlParser.Parse(source.Text).Statements;
            default:
                if (source.Tree.Number > 0)
                {
                    _prepared[source.Tree.Number] = source.Tree.Statement;
                }

                return [source.Tree.Statement];
        }
    }

    private async Task<FakeResult> DescribeAsync(FakeStatement statement)
    {
        FakeResult full = await AnswerAsync(statement);
        return full.Error is null ? FakeResult.Of(full.Columns, []) : full;
    }

    private async Task<FakeResult> AnswerAsync(FakeStatement statement)
    {
        Func<FakeStatement, Task<FakeResult>>? scripted = gateway.Find(statement.Tree);
        switch (statement.Tree.KindCase)
        {
            case Statement.KindOneofCase.Rollback:
                State = TransactionState.Idle;
                return FakeResult.Written(-1);
            case var _ when State == TransactionState.Failed:
                return FakeResult.Failing(SqlStates.InFailedTransaction, "transaction aborted, ROLLBACK first");
            case Statement.KindOneofCase.Begin when scripted is null:
                State = TransactionState.Open;
                return FakeResult.Written(-1);
            case Statement.KindOneofCase.Commit:
                FakeResult committed = scripted is null ? FakeResult.Written(-1) : await scripted(statement);
                State = TransactionState.Idle;
                return committed;
            default:
                return scripted is null
                    ? FakeResult.Failing(SqlStates.UndefinedTable, $"not in the script: {statement.Tree}")
                    : await scripted(statement);
        }
    }

    /// <summary>Sends a result within the window; false when it was cancelled.</summary>
    private async Task<bool> SendResultAsync(ulong id, FakeResult result, FakeFlow flow)
    {
        var header = new ResultHeader();
        header.Columns.AddRange(result.Columns);
        await SendAsync(new ServerFrame { RequestId = id, ResultHeader = header });
        foreach (SqlValue[][] rows in result.Rows.Chunk(result.RowsPerBatch))
        {
            RowBatch batch = FakeResult.Batch(rows);
            if (!await flow.TakeAsync(batch.Rows.Length))
            {
                return false;
            }

            MostInFlight = Math.Max(MostInFlight, flow.InFlight);
            await SendAsync(new ServerFrame { RequestId = id, RowBatch = batch });
        }

        await SendAsync(new ServerFrame
        {
            RequestId = id,
            ResultEnd = new ResultEnd { RowsAffected = result.RowsAffected },
        });
        return true;
    }
}
