using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using ShardSql.Protocol;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Http;

namespace ShardSql.Storage.Grpc;

/// <summary>What Kestrel runs for each request: finds the method, serves the call over the request's own pipes and
/// ends it with a status in the trailers. Every failure has a status; none reaches Kestrel.</summary>
internal sealed class GrpcApplication(
    GrpcServices services, int maxMessageBytes, ILogger logger, CancellationToken stopping)
    : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        var type = context.Request.ContentType ?? "";
        if (!HttpMethods.IsPost(context.Request.Method)
            || !type.StartsWith(GrpcHeaders.ContentType, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        return ServeAsync(context);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = GrpcHeaders.ContentType;
        response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
        var path = context.Request.Path.Value ?? "";
        GrpcException? status = null;
        try
        {
            var method = Find(context.Request, path);
            var timeout = Timeout(context.Request);

            // The client waits for the headers before it sends, so they leave before the endpoint begins.
            await response.StartAsync(CancellationToken.None).ConfigureAwait(false);
            await response.BodyWriter.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            status = await ServeAsync(context, method, timeout).ConfigureAwait(false);
        }
        catch (GrpcException e)
        {
            status = e;
        }
        catch (Exception e)
        {
            Log.MethodFailed(logger, path, e);
            status = new GrpcException(GrpcStatusCode.Internal, "internal error", e);
        }

        WriteStatus(response, path, status);
    }

    private async Task<GrpcException?> ServeAsync(HttpContext context, GrpcServiceMethod method, TimeSpan? timeout)
    {
        using var call = new GrpcServerCall(context.Request.BodyReader, context.Response.BodyWriter, stopping)
        {
            Metadata = Metadata(context.Request.Headers),
            MaxMessageBytes = maxMessageBytes,
        };
        using var gone = context.RequestAborted.UnsafeRegister(
            static call => ((GrpcServerCall)call!).Abort(
                new GrpcException(GrpcStatusCode.Cancelled, "the client has gone away")),
            call);
        call.StartDeadline(timeout);
        try
        {
            await method.InvokeAsync(call).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            var status = call.StatusOf(e);
            if (status.StatusCode == GrpcStatusCode.Internal && e is not GrpcException)
            {
                Log.MethodFailed(logger, method.Path, e);
            }

            return status;
        }
    }

    private GrpcServiceMethod Find(HttpRequest request, string path)
    {
        if (!services.TryGet(path, out var method))
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, $"unknown method {path}");
        }

        var encoding = request.Headers[GrpcHeaders.Encoding];
        return encoding.Count == 0 || encoding == GrpcHeaders.Identity
            ? method
            : throw new GrpcException(GrpcStatusCode.Unimplemented, $"grpc-encoding '{encoding}' is not supported");
    }

    private static TimeSpan? Timeout(HttpRequest request)
    {
        var text = request.Headers[GrpcHeaders.Timeout];
        if (text.Count == 0)
        {
            return null;
        }

        return GrpcTimeout.TryDecode(text.ToString(), out var timeout)
            ? timeout
            : throw new GrpcException(GrpcStatusCode.InvalidArgument, $"malformed grpc-timeout '{text}'");
    }

    private static Dictionary<string, string> Metadata(IHeaderDictionary headers)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
        {
            if (!GrpcHeaders.IsReserved(name))
            {
                metadata[name.ToLowerInvariant()] = value.ToString();
            }
        }

        return metadata;
    }

    private void WriteStatus(HttpResponse response, string path, GrpcException? status)
    {
        var code = status?.StatusCode ?? GrpcStatusCode.Ok;
        response.AppendTrailer(GrpcHeaders.Status, ((int)code).ToString(CultureInfo.InvariantCulture));
        if (status is not null)
        {
            Log.MethodEnded(logger, path, code.ToString(), status.Message);
            response.AppendTrailer(GrpcHeaders.Message, GrpcMessageEncoding.Encode(status.Message));
        }
    }
}
