using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Health;
using ShardSql.Protocol.Http;
using ShardSql.Protocol.Messages;

namespace ShardSql.Protocol;

/// <summary>The table of rpcs that a server offers: filled before it starts, only read afterwards.</summary>
public sealed class GrpcServices
{
    private readonly Dictionary<string, GrpcServiceMethod> _methods = new(StringComparer.Ordinal);
    private FrozenDictionary<string, GrpcServiceMethod>? _frozen;

    /// <summary>Offers a gateway.</summary>
    public GrpcServices AddGateway(IGatewayEndpoint gateway) =>
        Add(new DuplexServiceMethod<ClientFrame, ServerFrame>(GrpcMethods.GatewaySession, gateway.SessionAsync)
            { ReadsInline = true })
            .AddUnary(GrpcMethods.GatewaySubmitTransaction, gateway.SubmitTransactionAsync);

    /// <summary>Offers a storage node.</summary>
    public GrpcServices AddNode(INodeEndpoint node) =>
        Add(new DuplexServiceMethod<NodeFrame, NodeFrame>(GrpcMethods.NodePeer, node.PeerAsync) { ReadsInline = true })
            .AddUnary(GrpcMethods.NodeDescribe, (_, _) => Task.FromResult(node.Describe()))
            .AddUnary(GrpcMethods.NodeAdopt, node.AdoptAsync);

    /// <summary>Offers the health service.</summary>
    public GrpcServices AddHealth(IHealthEndpoint health) =>
        AddUnary(GrpcMethods.HealthCheck, (request, _) => Task.FromResult(Check(health, request)))
            .AddDuplex(GrpcMethods.HealthWatch, health.WatchAsync);

    /// <summary>Offers an rpc served over a channel.</summary>
    public GrpcServices AddDuplex<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        Func<IDuplexChannel<TResponse, TRequest>, CancellationToken, Task> serve)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(new DuplexServiceMethod<TRequest, TResponse>(method, serve));

    /// <summary>Offers an rpc of one request and one response.</summary>
    public GrpcServices AddUnary<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, Func<TRequest, CancellationToken, Task<TResponse>> answer)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        AddDuplex(method, UnaryServiceMethod.Serve(answer));

    /// <summary>The rpc at a path.</summary>
    public bool TryGet(string path, [NotNullWhen(true)] out GrpcServiceMethod? method) =>
        (_frozen ??= _methods.ToFrozenDictionary(StringComparer.Ordinal)).TryGetValue(path, out method);

    /// <summary>The rpc that a request asks for.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="encoding">Its compression; null: none.</param>
    /// <exception cref="GrpcException">It is unknown, or its messages are compressed: UNIMPLEMENTED.</exception>
    public GrpcServiceMethod Find(string path, string? encoding)
    {
        if (!TryGet(path, out var method))
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, $"unknown method {path}");
        }

        return encoding is null or GrpcHeaders.Identity
            ? method
            : throw new GrpcException(GrpcStatusCode.Unimplemented, $"grpc-encoding '{encoding}' is not supported");
    }

    private static HealthCheckResponse Check(IHealthEndpoint health, HealthCheckRequest request) =>
        health.Check(request.Service) is { } status
            ? new HealthCheckResponse { Status = status }
            : throw new GrpcException(GrpcStatusCode.NotFound, $"unknown service '{request.Service}'");

    private GrpcServices Add(GrpcServiceMethod method)
    {
        if (_frozen is not null)
        {
            throw new InvalidOperationException("Services are added before the server starts.");
        }

        _methods.Add(method.Path, method);
        return this;
    }
}
