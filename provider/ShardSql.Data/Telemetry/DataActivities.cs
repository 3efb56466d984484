using System.Diagnostics;
using System.Linq;
using ShardSql.Data.Commands;
using ShardSql.Data.Options;

namespace ShardSql.Data.Telemetry;

/// <summary>
/// The spans of the provider, by OpenTelemetry's conventions:
/// https://opentelemetry.io/docs/specs/semconv/database/database-spans/. Texts carry parameters by name only, so no
/// value ever gets into a span unless the application wrote it into its text as a literal.
/// </summary>
internal static class DataActivities
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "ShardSql.Data";

    private static readonly ActivitySource s_source = new(SourceName, "1.0.0");

    /// <summary>A span for one command; null when nobody listens.</summary>
    public static Activity? Start(CommandWork work, ConnectionSettings settings)
    {
        if (!s_source.HasListeners())
        {
            return null;
        }

        string operation = work.Operation;
        string summary = work.Target is { } target ? $"{operation} {target}" : operation;
        if (s_source.StartActivity(summary, ActivityKind.Client) is not { } activity)
        {
            return null;
        }

        activity.SetTag("db.system.name", DataMetrics.SystemName);
        activity.SetTag("db.namespace", settings.Database);
        activity.SetTag("db.operation.name", operation);
        activity.SetTag("db.query.summary", summary);
        activity.SetTag("db.query.text", string.Join("; ", work.Texts.Select(text => text.Text)));
        if (work.Target is not null)
        {
            activity.SetTag("db.collection.name", work.Target);
        }

        if (work.StatementCount > 1)
        {
            activity.SetTag("db.operation.batch.size", work.StatementCount);
        }

        return activity;
    }

    /// <summary>Which gateway serves it.</summary>
    public static void SetServer(Activity? activity, HostAddress host)
    {
        if (activity is not null)
        {
            activity.SetTag("server.address", host.Name);
            if (host.Kind == HostKind.Tcp)
            {
                activity.SetTag("server.port", host.Port);
            }
        }
    }

    /// <summary>Ends a span.</summary>
    public static void Stop(Activity? activity, long rows, string? sqlState)
    {
        if (activity is null)
        {
            return;
        }

        if (sqlState is not null)
        {
            activity.SetTag("db.response.status_code", sqlState);
            activity.SetTag("error.type", sqlState);
            activity.SetStatus(ActivityStatusCode.Error);
        }
        else
        {
            activity.SetTag("db.response.returned_rows", rows);
        }

        activity.Dispose();
    }
}
