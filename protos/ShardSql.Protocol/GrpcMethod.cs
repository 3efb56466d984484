using Google.Protobuf;

namespace ShardSql.Protocol;

/// <summary>One rpc of a .proto file: its path and how its messages are read.</summary>
public sealed class GrpcMethod<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Describes <paramref name="name"/> of <paramref name="service"/> (full name with package).</summary>
    public GrpcMethod(
        string service, string name, MessageParser<TRequest> requestParser, MessageParser<TResponse> responseParser)
    {
        Path = $"/{service}/{name}";
        RequestParser = requestParser;
        ResponseParser = responseParser;
    }

    /// <summary>The path of the HTTP/2 request: <c>/package.Service/Method</c>.</summary>
    public string Path { get; }

    /// <summary>Reads requests.</summary>
    public MessageParser<TRequest> RequestParser { get; }

    /// <summary>Reads responses.</summary>
    public MessageParser<TResponse> ResponseParser { get; }
}
