using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;

namespace ShardSql.Protocol.Http;

/// <summary>
/// What HTTP says, as gRPC statuses (github.com/grpc/grpc, doc/http-grpc-status-mapping.md and PROTOCOL-HTTP2.md).
/// </summary>
internal static class HttpStatus
{
    private const long Cancel = 0x8;
    private const long EnhanceYourCalm = 0xB;
    private const long InadequateSecurity = 0xC;

    /// <summary>The status of a response whose body has ended; null is OK.</summary>
    public static GrpcException? OfTrailers(HttpResponseMessage response)
    {
        // A response without messages carries its status in its only headers.
        var headers = response.TrailingHeaders.Contains(GrpcHeaders.Status) ? response.TrailingHeaders : response.Headers;
        return GrpcHeaders.StatusOf(Value(headers, GrpcHeaders.Status), Value(headers, GrpcHeaders.Message));
    }

    /// <summary>Why a response is not one of gRPC, else null.</summary>
    public static GrpcException? OfHeaders(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new GrpcException(OfHttp(response.StatusCode), $"HTTP status {(int)response.StatusCode}");
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        return type is null || !type.StartsWith(GrpcHeaders.ContentType, StringComparison.OrdinalIgnoreCase)
            ? new GrpcException(GrpcStatusCode.Unknown, $"not a gRPC response: content type '{type}'")
            : null;
    }

    /// <summary>The status of a stream or connection that broke.</summary>
    public static GrpcException OfFailure(string address, Exception failure)
    {
        var cause = failure;
        while (cause is not HttpProtocolException && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        // REFUSED_STREAM, GOAWAY and a lost connection: the server is gone or going.
        var code = (cause as HttpProtocolException)?.ErrorCode switch
        {
            Cancel => GrpcStatusCode.Cancelled,
            EnhanceYourCalm => GrpcStatusCode.ResourceExhausted,
            InadequateSecurity => GrpcStatusCode.PermissionDenied,
            _ => GrpcStatusCode.Unavailable,
        };
        return new GrpcException(code, $"{address}: {cause.Message}", failure);
    }

    private static GrpcStatusCode OfHttp(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => GrpcStatusCode.Internal,
        HttpStatusCode.Unauthorized => GrpcStatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => GrpcStatusCode.PermissionDenied,
        HttpStatusCode.NotFound => GrpcStatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    private static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : null;
}
