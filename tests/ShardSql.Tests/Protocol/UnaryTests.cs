using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Protocol.Health;
using ShardSql.Protocol.Messages;
using Xunit;
using ServingStatus = ShardSql.Protocol.Health.HealthCheckResponse.Types.ServingStatus;

namespace ShardSql.Tests.Protocol;

public sealed class UnaryTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    public static TheoryData<TransportKind> Transports =>
        [TransportKind.Tcp, TransportKind.Unix, TransportKind.InProcess];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SubmitTransactionAsync_returns_the_reply(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, Submitting((request, _) => Task.FromResult(
            new SubmitTransactionReply { Error = new Error { Message = request.TransactionId } })));
        var request = new SubmitTransactionRequest { TransactionId = "0195" };
        var reply = await new GatewayClient(server.Client).SubmitTransactionAsync(request, s_patience, default);
        Assert.Equal("0195", reply.Error.Message);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SubmitTransactionAsync_failing_throws_the_status(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(
            kind, Submitting((_, _) => throw new GrpcException(GrpcStatusCode.AlreadyExists, "seen")));
        var failure = await Assert.ThrowsAsync<GrpcException>(() =>
            new GatewayClient(server.Client).SubmitTransactionAsync(new SubmitTransactionRequest(), null, default));
        Assert.Equal(GrpcStatusCode.AlreadyExists, failure.StatusCode);
        Assert.Equal("seen", failure.Message);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SubmitTransactionAsync_deadline_passes_although_the_endpoint_ignores_it(TransportKind kind)
    {
        var release = new TaskCompletionSource<SubmitTransactionReply>();
        await using var server = await TestServer.StartAsync(kind, Submitting((_, _) => release.Task));
        var failure = await Assert.ThrowsAsync<GrpcException>(() => new GatewayClient(server.Client)
            .SubmitTransactionAsync(new SubmitTransactionRequest(), TimeSpan.FromMilliseconds(100), default));
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.StatusCode);
        release.SetResult(new SubmitTransactionReply());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SubmitTransactionAsync_cancelled_cancels_the_endpoint(TransportKind kind)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(kind, Submitting(async (_, token) =>
        {
            token.Register(cancelled.SetResult);
            begun.SetResult();
            await cancelled.Task;
            throw new OperationCanceledException(token);
        }));
        using var cancel = new CancellationTokenSource();
        var submit = new GatewayClient(server.Client)
            .SubmitTransactionAsync(new SubmitTransactionRequest(), null, cancel.Token);
        await begun.Task.WaitAsync(s_patience);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => submit.WaitAsync(s_patience));
        await cancelled.Task.WaitAsync(s_patience);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task OpenPeerAsync_service_that_is_not_there_is_unimplemented(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services());
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await using var peer = await new NodeClient(server.Client).OpenPeerAsync(default);
            await peer.ReceiveAsync(default);
        });
        Assert.Equal(GrpcStatusCode.Unimplemented, failure.StatusCode);
        Assert.Contains("/shardsql.v1.Node/Peer", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task CheckHealthAsync_knows_services_by_name(TransportKind kind)
    {
        var health = new HealthEndpoint();
        health.Set("", ServingStatus.Serving);
        health.Set(GrpcMethods.NodeService, ServingStatus.NotServing);
        await using var server = await TestServer.StartAsync(kind, new GrpcServices().AddHealth(health));
        var client = new GatewayClient(server.Client);
        Assert.Equal(ServingStatus.Serving, await client.CheckHealthAsync("", null, default));
        Assert.Equal(ServingStatus.NotServing, await client.CheckHealthAsync(GrpcMethods.NodeService, null, default));
        Assert.Null(await client.CheckHealthAsync("nobody", null, default));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Watch_sends_the_state_and_each_change(TransportKind kind)
    {
        var health = new HealthEndpoint();
        await using var server = await TestServer.StartAsync(kind, new GrpcServices().AddHealth(health));
        await using var watch = await server.Client.DuplexAsync(
            GrpcMethods.HealthWatch, GrpcCallOptions.Default, default);
        await watch.SendAsync(new HealthCheckRequest { Service = "a" }, default);
        watch.CompleteSend();
        Assert.Equal(ServingStatus.ServiceUnknown, (await watch.ReceiveAsync(default))!.Status);
        health.Set("a", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, (await watch.ReceiveAsync(default))!.Status);
        health.Set("b", ServingStatus.Serving);
        health.Set("a", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, (await watch.ReceiveAsync(default))!.Status);
    }

    private static GrpcServices Submitting(
        Func<SubmitTransactionRequest, CancellationToken, Task<SubmitTransactionReply>> submit) =>
        new GrpcServices().AddGateway(new ScriptedGateway { Submit = submit });
}
