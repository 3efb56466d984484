using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ShardSql.Protocol;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Http;

namespace ShardSql.Storage.Grpc;

/// <summary>What Kestrel runs for each request: finds the method, serves the call over the request's own pipes and
/// ends it with a status in the trailers. Every failure has a status; none reaches Kestrel.</summary>
internal sealed class GrpcApplication(
    GrpcServices services, int maxMessageBytes, ICallLog log, CancellationToken stopping)
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
        GrpcException? status;
        try
        {
            var headers = context.Request.Headers;
            var method = services.Find(path, Value(headers, GrpcHeaders.Encoding));
            var timeout = GrpcTimeout.Read(Value(headers, GrpcHeaders.Timeout));

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
            log.Failed(path, e);
            status = new GrpcException(GrpcStatusCode.Internal, "internal error", e);
        }

        WriteStatus(response, path, status);
    }

    private async Task<GrpcException?> ServeAsync(HttpContext context, GrpcServiceMethod method, TimeSpan? timeout)
    {
        using var call = new GrpcServerCall(context.Request.BodyReader, context.Response.BodyWriter, stopping)
        {
            Metadata = GrpcHeaders.MetadataOf(
                context.Request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString()))),
            MaxMessageBytes = maxMessageBytes,
        };
        using var gone = context.RequestAborted.UnsafeRegister(
            static call => ((GrpcServerCall)call!).Abort(
                new GrpcException(GrpcStatusCode.Cancelled, "the client has gone away")),
            call);
        call.StartDeadline(timeout);
        return await call.RunAsync(method, log).ConfigureAwait(false);
    }

    private static string? Value(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var value) ? value.ToString() : null;

    private void WriteStatus(HttpResponse response, string path, GrpcException? status)
    {
        var code = status?.StatusCode ?? GrpcStatusCode.Ok;
        response.AppendTrailer(GrpcHeaders.Status, ((int)code).ToString(CultureInfo.InvariantCulture));
        if (status is not null)
        {
            log.Ended(path, status);
            response.AppendTrailer(GrpcHeaders.Message, GrpcMessageEncoding.Encode(status.Message));
        }
    }
}
