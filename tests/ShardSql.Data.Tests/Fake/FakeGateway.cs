using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Tests.Fake;

/// <summary>
/// A gateway that reads real frames and answers by script: statements are told apart by their trees, transactions and
/// flow control are kept as the protocol says. Registered in process under a name of its own.
/// </summary>
internal sealed partial class FakeGateway : IGatewayEndpoint, IDisposable
{
    private readonly ConcurrentDictionary<string, Func<FakeStatement, Task<FakeResult>>> _script = new();
    private readonly ConcurrentQueue<FakeSession> _sessions = new();

    public FakeGateway(string? name = null)
    {
        Name = name ?? $"fake-{Guid.NewGuid():N}";
        InProcessEndpoints.Register(Name, this);
    }

    public string Name { get; }

    public string Address => $"inproc:{Name}";

    public string ConnectionString => $"Server={Address};Timeout=60;Command Timeout=120";

    /// <summary>Every session that was ever opened, in order.</summary>
    public IReadOnlyList<FakeSession> Sessions => [.. _sessions];

    public FakeSession LastSession => _sessions.Last();

    /// <summary>The grammar that it says it has; another than the client's gets it text.</summary>
    public uint GrammarVersion { get; set; } = SqlParser.GrammarVersion;

    /// <summary>Answers a Hello; null greets.</summary>
    public Func<Hello, Error?> OnHello { get; set; } = _ => null;

    /// <summary>Keeps a Hello waiting.</summary>
    public Func<Hello, Task> BeforeHello { get; set; } = _ => Task.CompletedTask;

    /// <summary>Says what became of a transaction.</summary>
    public Func<OutcomeQuestion, Outcome> OnOutcome { get; set; } = _ => Outcome.Unknown;

    public ConcurrentQueue<OutcomeQuestion> OutcomeQuestions { get; } = new();

    public ShardSqlDataSource CreateDataSource(string more = "", TimeProvider? time = null)
    {
        var builder = new ShardSqlDataSourceBuilder($"{ConnectionString};{more}");
        if (time is not null)
        {
            builder.UseTimeProvider(time);
        }

        return builder.Build();
    }

    public FakeGateway On(string statement, FakeResult result) => On(statement, _ => Task.FromResult(result));

    public FakeGateway On(string statement, Func<FakeStatement, FakeResult> answer) =>
        On(statement, received => Task.FromResult(answer(received)));

    public FakeGateway On(string statement, Func<FakeStatement, Task<FakeResult>> answer)
    {
        _script[KeyOf(SqlParser.Parse(statement).Statements.Single())] = answer;
        return this;
    }

    /// <summary>A statement whose parameters of these names are lists.</summary>
    public FakeGateway On(string statement, IReadOnlyDictionary<string, SqlKind> lists, Func<FakeStatement, FakeResult> answer)
    {
        Statement tree = SqlParser.ParseWithLists(statement, lists)!.Statements.Single();
        _script[KeyOf(tree)] = received => Task.FromResult(answer(received));
        return this;
    }

    public Func<FakeStatement, Task<FakeResult>>? Find(Statement statement) =>
        _script.GetValueOrDefault(KeyOf(statement));

    public Task SessionAsync(IDuplexChannel<ServerFrame, ClientFrame> channel, CancellationToken cancellationToken)
    {
        var session = new FakeSession(this, channel);
        _sessions.Enqueue(session);
        return session.RunAsync(cancellationToken);
    }

    public Task<SubmitTransactionReply> SubmitTransactionAsync(
        SubmitTransactionRequest request, CancellationToken cancellationToken) =>
        throw new GrpcException(GrpcStatusCode.Unimplemented, "the fake has sessions only");

    public void Dispose() => InProcessEndpoints.Unregister(Name);

    /// <summary>The tree without its positions, which depend on what stands before the statement.</summary>
    private static string KeyOf(Statement statement) => Positions().Replace(statement.ToString(), "");

    [GeneratedRegex("\"position\": \\d+,? ?")]
    private static partial Regex Positions();
}
