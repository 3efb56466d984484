using System;
using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using ShardSql.Protocol.Framing;

namespace ShardSql.Protocol.Http;

/// <summary>Names and values of gRPC over HTTP/2 that client and server share.</summary>
public static class GrpcHeaders
{
    /// <summary>Content type of requests and responses.</summary>
    public const string ContentType = "application/grpc";

    /// <summary>Status code of a call, in the trailers.</summary>
    public const string Status = "grpc-status";

    /// <summary>Message of a call's status, percent-encoded, in the trailers.</summary>
    public const string Message = "grpc-message";

    /// <summary>Deadline of a call.</summary>
    public const string Timeout = "grpc-timeout";

    /// <summary>Compression of a call's messages.</summary>
    public const string Encoding = "grpc-encoding";

    /// <summary>Compression that the sender understands.</summary>
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>No compression, the only one there is here.</summary>
    public const string Identity = "identity";

    private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "content-type", "content-length", "te", "host", "user-agent", "connection", "date", "server");

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>True for a header that belongs to HTTP or gRPC and is not the caller's metadata.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith(':')
        || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || s_reserved.Contains(name);

    /// <summary>Whether a caller may send this as metadata: a lower-case name of its own, a value of printable ASCII.</summary>
    public static bool IsMetadata(string name, string value) =>
        name.Length > 0
        && !IsReserved(name)
        && !name.AsSpan().ContainsAnyExcept(s_nameCharacters)
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>What of the headers is metadata.</summary>
    public static Dictionary<string, string> MetadataOf(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
        {
            if (!IsReserved(name))
            {
                metadata[name.ToLowerInvariant()] = value;
            }
        }

        return metadata;
    }

    /// <summary>The status that trailers tell; null is OK.</summary>
    public static GrpcException? StatusOf(IReadOnlyDictionary<string, string>? trailers)
    {
        string? number = null;
        string? message = null;
        trailers?.TryGetValue(Status, out number);
        trailers?.TryGetValue(Message, out message);
        return StatusOf(number, message);
    }

    /// <summary>The status of the two trailers; null is OK.</summary>
    public static GrpcException? StatusOf(string? number, string? message)
    {
        if (number is null)
        {
            return new GrpcException(GrpcStatusCode.Unknown, "the call ended without a status");
        }

        var known = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            && code <= (int)GrpcStatusCode.Unauthenticated;
        var status = known ? (GrpcStatusCode)code : GrpcStatusCode.Unknown;
        return status == GrpcStatusCode.Ok ? null : new GrpcException(status, GrpcMessageEncoding.Decode(message ?? ""));
    }
}
