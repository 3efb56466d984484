using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Tests.Fake;

/// <summary>A statement as the fake runs it.</summary>
internal sealed record FakeStatement(
    FakeSession Session,
    Statement Tree,
    Execute Request,
    IReadOnlyDictionary<string, SqlValue> Parameters,
    CancellationToken Cancelled)
{
    /// <summary>Waits until the client cancels the request, then answers as a server does.</summary>
    public async Task<FakeResult> UntilCancelledAsync()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = Cancelled.Register(() => signal.TrySetResult());
        await signal.Task;
        return FakeResult.Failing(
            SqlStates.QueryCanceled, "canceling statement due to user request", CommandOutcome.RolledBack);
    }
}
